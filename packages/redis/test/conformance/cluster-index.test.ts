import { conforms } from '../support/conforms.ts'

conforms('redis on a cluster, with an index, with ioredis 5', 'cluster 5', 0, { index: { shards: 4 } })
