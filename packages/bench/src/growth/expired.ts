import { makeValue } from '../data.ts'
import { measure, median, type Step } from '../measure.ts'
import { enter } from '../places.ts'
import { uniformPicks } from '../random.ts'
import { IN_FLIGHT, ours } from './entries.ts'
import type { Study } from './finding.ts'
import { bury, keyOf, stock, VALUE_BYTES } from './stock.ts'

const PICKS = 2 ** 15
const SHARES = [0, 0.5, 0.9]

/** The live entries are as many each time; the dead come on top and are never swept. Redis keeps no dead. */
export const expiredStudy: Study = {
  name: 'expired',
  title: 'microseconds of an operation when that share of all entries has expired and has not been swept',
  async run({ sizes, rounds, ms }, backends, report) {
    const live = Math.min(100_000, sizes.at(-1) ?? 0)
    for (const backend of backends.filter((name) => name !== 'redis')) {
      const ground = await enter(backend, { ttlMs: 86_400_000, poolSize: 10, sharedBuffers: '1GB' })
      const opened: Awaited<ReturnType<ReturnType<typeof ours>['open']>>[] = []
      try {
        const steps: Record<string, Step>[] = []
        for (const share of SHARES) {
          const dead = Math.round((live * share) / (1 - share))
          const one = await ours(backend).open({ ...ground, name: `dead${share * 100}` })
          opened.push(one)
          // Side by side in every index, as they are where entries of all ages mix.
          await bury(one.entries, dead)
          await stock(one.entries, live)
          const keys = Array.from(uniformPicks(live, PICKS), keyOf)
          const value = makeValue('grown', VALUE_BYTES)
          steps.push({
            get: (index) => one.entries.get(keys[index % PICKS] as string),
            set: (index) => one.entries.set(keys[index % PICKS] as string, value),
          })
        }
        const samples = SHARES.map((): Record<string, number[]> => ({ get: [], set: [] }))
        for (let round = 0; round <= rounds; round++) {
          for (const [at, some] of steps.entries()) {
            for (const [name, step] of Object.entries(some)) {
              const stride = backend === 'postgres' ? 1 : 16
              const terms = { inFlight: IN_FLIGHT[backend], limit: Number.POSITIVE_INFINITY, stride, ms }
              const run = await measure(step, { ...terms, serverCpu: () => undefined })
              if (round > 0) samples[at]?.[name]?.push(1e6 / run.opsPerSec)
            }
          }
        }
        for (const [at, share] of SHARES.entries()) {
          const { get = [], set = [] } = samples[at] ?? {}
          report({
            study: 'expired',
            backend,
            subject: ours(backend).name,
            size: live,
            variant: `${share * 100} %`,
            figures: { getUs: median(get), setUs: median(set) },
          })
        }
      } finally {
        for (const one of opened) await one.close()
        await ground.leave()
      }
    }
  },
}
