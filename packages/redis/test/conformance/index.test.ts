import { conforms } from '../support/conforms.ts'

// Each file is run by a process of its own.
const { now } = Date
Date.now = () => now() - 3_600_000

conforms('redis with an index, from a client whose clock is an hour behind', 'standalone', 2, { index: { shards: 4 } })
