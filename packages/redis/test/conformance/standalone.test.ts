import { conforms } from '../support/conforms.ts'

conforms('redis', 'standalone', 1)
