import { conforms } from './configuration.ts'

conforms({ version: 18, clock: 'server', connections: 10, schema: 'other' })
