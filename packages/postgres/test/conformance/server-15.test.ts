import { conforms } from './configuration.ts'

conforms({ version: 15, clock: 'server', connections: 1 })
