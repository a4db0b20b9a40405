import { conforms } from './configuration.ts'

conforms({ version: 15, clock: 'injected', timeZone: 'America/New_York', connections: 1, schema: 'we ird"schema' })
