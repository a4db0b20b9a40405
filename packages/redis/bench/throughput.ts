/**
 * `get`, `set` and sliding `get` beside bare ioredis that does `GET`, `SET … PX` and `GETEX` on the same JSON, and parses it.
 * Interleaved rounds, medians, ratios. With `REDIS_URL`, or a throwaway server.
 *
 *     node bench/throughput.ts [rounds] [operations]
 */
import { createStore, sliding } from '@ttl/core'
import { Server } from '@ttl/redis-server'
import { Redis } from 'ioredis'
import { redis } from '../src/index.ts'

const rounds = Number(process.argv[2] ?? 9)
const operations = Number(process.argv[3] ?? 12_000)
const KEYS = 10_000

const server = process.env.REDIS_URL === undefined ? await Server.start() : undefined
const url = process.env.REDIS_URL ?? (server as Server).url
const [bare, client] = [new Redis(url), new Redis(url)]
const store = createStore({ backend: redis(client) })
const plain = store.namespace('plain', { policy: { ttl: '1h' } })
const idle = store.namespace('idle', { policy: sliding('1h', { max: 'unbounded' }) })
const capped = store.namespace('capped', { policy: sliding('1h', { max: '12h' }) })

const value = { id: 'user-000000', roles: ['admin', 'editor'], text: '' }
value.text = 'x'.repeat(256 - JSON.stringify(value).length)
const text = JSON.stringify(value)
const keys = Array.from({ length: KEYS }, (_, i) => `user:${i}`)

type Call = (key: string) => Promise<unknown>
const HOUR = 3_600_000
const subjects: Record<string, { readonly bare: Call; readonly ours: Call }> = {
  set: {
    bare: (key) => bare.set(`bare:${key}`, JSON.stringify(value), 'PX', HOUR),
    ours: (key) => plain.set(key, value),
  },
  'set of text that is JSON already (ours encodes)': {
    bare: (key) => bare.set(`bare:${key}`, text, 'PX', HOUR),
    ours: (key) => plain.set(key, value),
  },
  get: {
    bare: async (key) => JSON.parse((await bare.get(`bare:${key}`)) ?? 'null'),
    ours: (key) => plain.get(key),
  },
  'get of text (ours parses)': {
    bare: (key) => bare.get(`bare:${key}`),
    ours: (key) => plain.get(key),
  },
  'sliding get, × of GETEX': {
    bare: async (key) => JSON.parse((await bare.getex(`bare:${key}`, 'PX', HOUR)) ?? 'null'),
    ours: (key) => idle.get(key),
  },
  'sliding get with a cap, × of GETEX': {
    bare: async (key) => JSON.parse((await bare.getex(`bare:${key}`, 'PX', HOUR)) ?? 'null'),
    ours: (key) => capped.get(key),
  },
  'sliding get of text (ours parses), × of GETEX': {
    bare: (key) => bare.getex(`bare:${key}`, 'PX', HOUR),
    ours: (key) => idle.get(key),
  },
  'set with a cap, × of SET PX': {
    bare: (key) => bare.set(`bare:${key}`, JSON.stringify(value), 'PX', HOUR),
    ours: (key) => capped.set(key, value),
  },
}

/** Operations a second with so many in flight. */
async function speed(call: Call, inFlight: number): Promise<number> {
  const count = inFlight === 1 ? Math.ceil(operations / 8) : operations
  let next = 0
  const worker = async () => {
    while (next < count) await call(keys[next++ % KEYS] as string)
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: inFlight }, worker))
  return (count / (performance.now() - begun)) * 1_000
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number

await Promise.all(
  keys.map((key) =>
    Promise.all([
      bare.set(`bare:${key}`, text, 'PX', HOUR),
      plain.set(key, value),
      idle.set(key, value),
      capped.set(key, value),
    ]),
  ),
)
console.log(`node ${process.version}, ${rounds} rounds of ${operations}, ${text.length} bytes of JSON`)
for (const inFlight of [64, 16, 1]) {
  for (const [name, { bare: theirs, ours }] of Object.entries(subjects)) {
    const [a, b]: [number[], number[]] = [[], []]
    for (let round = 0; round <= rounds; round++) {
      const order = round % 2 === 0 ? [a, b] : [b, a]
      for (const list of order) {
        const rate = await speed(list === a ? theirs : ours, inFlight)
        // The first round warms up.
        if (round > 0) list.push(rate)
      }
    }
    const ratio = median(b) / median(a)
    console.log(
      `${String(inFlight).padStart(2)} in flight  ${ratio.toFixed(2)} ×  ${name}: ${Math.round(median(b))} / ${Math.round(median(a))} per second`,
    )
  }
}
for (const each of [bare, client]) each.disconnect()
await server?.stop()
