import { conforms } from '../support/conforms.ts'

conforms('redis on a cluster', 'cluster', 0)
