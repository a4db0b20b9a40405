import { conforms } from '../support/conforms.ts'

conforms('redis with auto-pipelining', 'auto-pipelining', 4)
