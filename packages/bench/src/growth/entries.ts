import { makeValue } from '../data.ts'
import { measure, median, type Step } from '../measure.ts'
import { enter } from '../places.ts'
import { uniformPicks, zipfPicks } from '../random.ts'
import type { BackendName, Opened, Subject } from '../subject.ts'
import { SUBJECTS } from '../subjects/index.ts'
import type { Study } from './finding.ts'
import { keyOf, stock, VALUE_BYTES } from './stock.ts'

/** Different keys that are asked for; more would measure how a client makes strings. */
const PICKS = 2 ** 16

const first = (backend: BackendName, role: Subject['role']): Subject =>
  SUBJECTS.find((subject) => subject.backend === backend && subject.role === role) as Subject

export const ours = (backend: BackendName): Subject => first(backend, 'ours')

export const IN_FLIGHT: Readonly<Record<BackendName, number>> = { memory: 1, sqlite: 1, redis: 16, postgres: 16 }

const STEPS = ['getZipf', 'getUniform', 'setZipf'] as const

function stepsOf({ entries }: Opened, size: number): Record<(typeof STEPS)[number], Step> {
  const keys = (picks: Uint32Array) => Array.from(picks, keyOf)
  const [popular, any] = [keys(zipfPicks(size, PICKS, 0.99)), keys(uniformPicks(size, PICKS))]
  const value = makeValue('grown', VALUE_BYTES)
  const at = (list: readonly string[], index: number) => list[index % PICKS] as string
  return {
    getZipf: (index) => entries.get(at(popular, index)),
    getUniform: (index) => entries.get(at(any, index)),
    setZipf: (index) => entries.set(at(popular, index), value),
  }
}

export const entriesStudy: Study = {
  name: 'entries',
  title: 'microseconds of an operation with so many entries: Zipf 0.99 and uniform, warm',
  async run({ sizes, rounds, ms }, backends, report) {
    for (const backend of backends.filter((name) => name !== 'memory')) {
      for (const subject of [ours(backend), first(backend, 'driver')]) {
        const ground = await enter(backend, { ttlMs: 86_400_000, poolSize: 10, sharedBuffers: '1GB' })
        const stores: { readonly size: number; readonly opened: Opened; readonly steps: ReturnType<typeof stepsOf> }[] =
          []
        try {
          for (const size of sizes) {
            const opened = await subject.open({ ...ground, name: `of${size}` })
            await stock(opened.entries, size)
            stores.push({ size, opened, steps: stepsOf(opened, size) })
          }
          const samples = new Map(stores.map(({ size }) => [size, new Map<string, number[]>()]))
          // All reads come before all writes: what has just been written is found in a log, elsewhere than what is at rest.
          for (const name of STEPS) {
            for (let round = 0; round <= rounds; round++) {
              for (const { size, steps } of round % 2 === 0 ? stores : stores.toReversed()) {
                const step = steps[name]
                const stride = backend === 'sqlite' ? 16 : 1
                const terms = { inFlight: IN_FLIGHT[backend], limit: Number.POSITIVE_INFINITY, stride }
                // The first round warms up: it reads each key once at least.
                const run = await measure(step, {
                  ...terms,
                  ms: round === 0 ? 10 * ms : ms,
                  serverCpu: () => undefined,
                })
                if (round === 0) continue
                const known = samples.get(size)?.get(name) ?? []
                samples.get(size)?.set(name, [...known, 1e6 / run.opsPerSec])
              }
            }
          }
          for (const [size, found] of samples) {
            const figures = Object.fromEntries([...found].map(([name, values]) => [`${name}Us`, median(values)]))
            report({ study: 'entries', backend, subject: subject.name, size, figures })
          }
        } finally {
          for (const { opened } of stores) await opened.close()
          await ground.leave()
        }
      }
    }
  },
}
