import { setTimeout as sleep } from 'node:timers/promises'
import { createStore, milliseconds, type Namespace } from '@ttl/core'
import { makeValue } from '../data.ts'
import { quantile } from '../measure.ts'
import { enter } from '../places.ts'
import type { Value } from '../subject.ts'
import { ours } from './entries.ts'
import type { Study } from './finding.ts'
import { keyOf, stock, VALUE_BYTES } from './stock.ts'
import { foreground, LIVE, open } from './sweep.ts'

const DUTY_CYCLES = [0.05, 0.2, 1]

/** Stocks a namespace with what is dead at once. */
const bury = (dead: Namespace<Value>, size: number): Promise<void> =>
  stock({ set: (key, value) => dead.set(key, value), setMany: (entries) => dead.setMany(entries) }, size)

export const sweeperStudy: Study = {
  name: 'sweeper',
  title:
    'a backlog of so many, worked off in the background, by the share of time that it may take; batchShare counts the wait for answers as well',
  async run({ sizes }, backends, report) {
    const size = Math.max(...sizes.map((each) => Math.min(each, 200_000)))
    const value = makeValue('live', VALUE_BYTES)
    for (const backend of backends.filter((name) => name !== 'redis')) {
      for (const dutyCycle of DUTY_CYCLES) {
        const ground = await enter(backend, { ttlMs: 86_400_000, poolSize: 10, sharedBuffers: '1GB' })
        const store = createStore({ backend: open(backend, ground) })
        try {
          const live = store.namespace<Value>('live', { policy: { ttl: '1d' } })
          await live.setMany(Array.from({ length: LIVE }, (_, index) => [keyOf(index), value] as const))
          await bury(store.namespace<Value>('dead', { policy: { ttl: milliseconds(1) } }), size)
          const ask = (turn: number) =>
            turn % 2 === 0 ? live.get(keyOf((turn * 7) % LIVE)) : live.set(keyOf((turn * 13) % LIVE), value)
          await ground.settle()
          const calm = await foreground(ask, sleep(1_500))
          const begun = performance.now()
          const done = Promise.withResolvers<void>()
          await store.on('sweep.end', ({ more }) => {
            if (!more) done.resolve()
          })
          store.startSweeper({ dutyCycle, minDelay: '1ms' })
          const busy = await foreground(ask, done.promise)
          const tookMs = performance.now() - begun
          const { swept, sweepMs } = store.metrics()
          if (swept !== size) throw new Error(`${backend}: swept ${swept} of ${size}`)
          report({
            study: 'sweeper',
            backend,
            subject: ours(backend).name,
            size,
            variant: `dutyCycle ${dutyCycle}`,
            figures: {
              rowsPerSec: (size / tookMs) * 1_000,
              batchShare: sweepMs / tookMs,
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
