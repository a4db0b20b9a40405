import { conforms } from './configuration.ts'

conforms({ version: 15, clock: 'injected', timeZone: 'Asia/Tokyo', connections: 1 })
