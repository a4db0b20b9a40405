import { conforms } from '../support/conforms.ts'

conforms('redis behind a keyPrefix of ioredis', 'key prefix', 5)
