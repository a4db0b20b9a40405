/** Sweeps and writes in a process of its own. */

import type { Upkeep } from '@ttl/core'
import { createStore, TtlError } from '@ttl/core'
import { expiringTable, sqlite } from '../../src/index.ts'
import { rolling, write } from '../tools.ts'
import { say, serve } from './jobs.ts'
import { ORDERS } from './orders.ts'

/** Sweeps until nothing is left, again where the database was busy for too long; counts what each batch has deleted. */
async function drain(upkeep: Pick<Upkeep, 'on' | 'sweep' | 'close'>) {
  let [deleted, busy, more] = [0, 0, true]
  await upkeep.on('sweep.batch', (batch) => {
    deleted += batch.deleted
    say(deleted)
  })
  while (more) {
    try {
      more = (await upkeep.sweep()).more
    } catch (error) {
      if (!(error instanceof TtlError && error.retryable)) throw error
      busy++
    }
  }
  await upkeep.close()
  return { deleted, busy }
}

serve({
  store: (file) => drain(createStore({ backend: sqlite(file) })),

  table: (file) => drain(expiringTable(file, ORDERS)),

  /** Writes batches of entries and a group, each under the next number, until it is killed; reports each that is stored. */
  async batches(file) {
    const backend = sqlite(file)
    for (let n = 1; ; n++) {
      const value = `${n}:${'v'.repeat(200)}`
      await backend.write(
        'batch',
        Array.from({ length: 200 }, (_, i) => write(`k${i}`, value, rolling(600_000))),
      )
      const members = Array.from({ length: 50 }, (_, i) => [`m${i}`, value] as const)
      await backend.writeGroup('batch', 'g', members, rolling(600_000))
      say(n)
      await new Promise((resolve) => setImmediate(resolve))
    }
  },
})
