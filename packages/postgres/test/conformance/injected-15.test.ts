import { conforms } from './configuration.ts'

conforms({ version: 15, clock: 'injected', connections: 10 })
