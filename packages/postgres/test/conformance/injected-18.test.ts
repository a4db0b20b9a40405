import { conforms } from './configuration.ts'

conforms({ version: 18, clock: 'injected', timeZone: 'America/New_York', connections: 10, schema: 'we ird"schema' })
