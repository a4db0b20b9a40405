import { conforms } from './configuration.ts'

conforms({ version: 18, clock: 'injected', timeZone: 'Asia/Tokyo', connections: 10 })
