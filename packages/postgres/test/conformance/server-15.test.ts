import { conforms } from './configuration.ts'

conforms({ version: 15, clock: 'server', timeZone: 'Asia/Tokyo', connections: 10 })
