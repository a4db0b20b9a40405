import { conforms } from './configuration.ts'

conforms({ version: 18, clock: 'server', timeZone: 'Asia/Tokyo', connections: 1 })
