import { conforms } from './configuration.ts'

conforms({ version: 18, clock: 'server', timeZone: 'America/New_York', connections: 10, schema: 'other' })
