import { conforms } from './configuration.ts'

conforms({ version: 18, clock: 'injected', connections: 1, schema: 'we ird"schema' })
