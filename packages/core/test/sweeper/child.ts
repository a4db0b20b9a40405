/** A process of its own, started by life.test.ts: it has nothing to do any more, but a sweeper. */
import { pause } from '../../src/clock.ts'
import { memory } from '../../src/memory.ts'
import { createStore } from '../../src/store.ts'

const store = createStore({ backend: memory() })
await store.namespace('n').setMany(['a', 'b', 'c'].map((key) => [key, 1, { ttl: '1ms' }]))
const sweeper = store.startSweeper({ minDelay: '1ms' })
while ((await sweeper.status()).deleted < 3) await pause(5)
console.log(`swept ${(await sweeper.status()).deleted}`)
