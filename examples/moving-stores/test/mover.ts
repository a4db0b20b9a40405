/** A process of its own, started by killed.test.ts: moves one file to another until it is done, or killed. */
import { createStore } from '@ttl/core'
import { sqlite } from '@ttl/sqlite'

const [from = '', to = ''] = process.argv.slice(2)
await using source = createStore({ backend: sqlite(from) })
await using target = createStore({ backend: sqlite(to) })
process.send?.('began')
await source.transfer(target, { onProgress: ({ copied }) => process.send?.(copied.entries + copied.groups) })
process.disconnect()
