import { setTimeout as sleep } from 'node:timers/promises'
import { type Backend, createStore, milliseconds } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { postgres } from '@ttl/postgres'
import { sqlite } from '@ttl/sqlite'
import { makeValue } from '../data.ts'
import { quantile } from '../measure.ts'
import { enter, type Ground } from '../places.ts'
import type { BackendName, Value } from '../subject.ts'
import { ours } from './entries.ts'
import type { Study } from './finding.ts'
import { keyOf, VALUE_BYTES } from './stock.ts'

export const LIVE = 5_000
const BATCH = 1_000
/** The foreground asks so often, whether it is answered or not. */
const EVERY_MS = 5

export const open = (backend: BackendName, ground: Ground): Backend => {
  if (backend === 'sqlite') return sqlite(ground.file('sweep'))
  return backend === 'postgres' ? postgres({ connectionString: ground.postgresUrl(), max: 10 }) : memory()
}

/** Reads and writes at a steady pace until `done`. An answer is late from when it was asked for by the plan. */
export async function foreground(
  ask: (turn: number) => Promise<unknown>,
  done: Promise<unknown>,
): Promise<Float64Array> {
  const latencies: number[] = []
  let running = true
  void done.finally(() => {
    running = false
  })
  const answers: Promise<unknown>[] = []
  const begun = performance.now()
  for (let turn = 0; running; turn++) {
    const planned = begun + turn * EVERY_MS
    const early = planned - performance.now()
    if (early > 0) await sleep(early)
    answers.push(ask(turn).then(() => latencies.push(performance.now() - planned)))
  }
  await Promise.all(answers)
  return Float64Array.from(latencies).sort()
}

export const sweepStudy: Study = {
  name: 'sweep',
  title: 'a sweep of so many expired entries, and what a foreground that asks every 5 ms notices of it',
  async run({ sizes }, backends, report) {
    const value = makeValue('swept', VALUE_BYTES)
    for (const backend of backends.filter((name) => name !== 'redis')) {
      for (const size of sizes.map((each) => (each === 10_000 ? 100_000 : each))) {
        const ground = await enter(backend, { ttlMs: 86_400_000, poolSize: 10, sharedBuffers: '1GB' })
        const store = createStore({ backend: open(backend, ground) })
        try {
          const live = store.namespace<Value>('live', { policy: { ttl: '1d' } })
          const dead = store.namespace<Value>('dead', { policy: { ttl: milliseconds(1) } })
          await live.setMany(Array.from({ length: LIVE }, (_, index) => [keyOf(index), value] as const))
          for (let from = 0; from < size; from += BATCH)
            await dead.setMany(Array.from({ length: BATCH }, (_, index) => [keyOf(from + index), value] as const))
          await ground.settle()
          await sleep(50)
          const ask = (turn: number) =>
            turn % 2 === 0 ? live.get(keyOf((turn * 7) % LIVE)) : live.set(keyOf((turn * 13) % LIVE), value)
          const calm = await foreground(ask, sleep(1_500))
          const begun = performance.now()
          const sweeping = store.sweep().then(({ deleted }) => ({ deleted, tookMs: performance.now() - begun }))
          const busy = await foreground(ask, sweeping)
          const { deleted, tookMs } = await sweeping
          if (deleted !== size) throw new Error(`${backend}: swept ${deleted} of ${size}`)
          report({
            study: 'sweep',
            backend,
            subject: ours(backend).name,
            size,
            figures: {
              rowUs: (tookMs * 1_000) / size,
              rowsPerSec: (size / tookMs) * 1_000,
              p99BeforeMs: quantile(calm, 0.99),
              p99DuringMs: quantile(busy, 0.99),
              worstDuringMs: quantile(busy, 1),
            },
          })
        } finally {
          await store.close()
          await ground.leave()
        }
      }
    }
  },
}
