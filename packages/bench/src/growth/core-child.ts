/** What core itself costs: a backend that answers at once, a codec that does nothing. */
import { PerformanceObserver } from 'node:perf_hooks'
import { promiseHooks } from 'node:v8'
import { createStore, milliseconds, rolling, sliding } from '@ttl/core'
import type { Backend } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import { collectGarbage, median } from '../measure.ts'
import { given } from './child.ts'

const [what, rounds] = given<['time' | 'garbage', number]>()
const CALLS = 100_000

const [found, yes] = [[{ payload: '"a value"' }], [true]]
const real = memory()
const instant: Backend = Object.assign(Object.create(real) as Backend, {
  name: 'instant',
  now: () => 0,
  read: () => found,
  write: () => yes,
  touch: () => yes,
  delete: () => yes,
})

const text = { encode: (value: unknown) => value as string, decode: (payload: unknown) => payload }
const plain = createStore({ backend: instant, codec: text }).namespace<string>('plain', { policy: rolling('1h') })
const coded = createStore({ backend: instant }).namespace<unknown>('coded', { policy: rolling('1h') })
const capped = createStore({
  backend: instant,
  codec: text,
  policy: rolling('14d'),
  limits: { max: '365d' },
}).namespace('capped', { policy: { ...sliding('30m', { max: '12h' }), jitter: 0.1 } })
const value = { id: 'user-1', text: 'x'.repeat(220) }
const minute = { ttl: milliseconds(60_000) }
const short = { ttl: '1m' } as const

const CALLED: Readonly<Record<string, (key: string) => unknown>> = {
  'await of nothing': (key) => key,
  'await of a resolved promise': (key) => Promise.resolve(key),
  get: (key) => plain.get(key),
  'get of JSON': (key) => coded.get(key),
  set: (key) => plain.set(key, 'v'),
  'set of JSON': (key) => coded.set(key, value),
  'set with a ttl of its own': (key) => plain.set(key, 'v', minute),
  'set with a ttl in words': (key) => plain.set(key, 'v', short),
  'set under cap, limit and jitter': (key) => capped.set(key, 'v'),
  touch: (key) => plain.touch(key),
  delete: (key) => plain.delete(key),
}

const keys = Array.from({ length: 1_024 }, (_, index) => `user-${index}`)

async function time(call: (key: string) => unknown): Promise<number> {
  const before = process.cpuUsage()
  for (let index = 0; index < CALLS; index++) await call(keys[index & 1_023] as string)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / CALLS
}

/** Bytes for each call, as long as no garbage was collected meanwhile. */
async function bytes(call: (key: string) => unknown): Promise<number> {
  collectGarbage()
  let collections = 0
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length
  })
  observer.observe({ entryTypes: ['gc'] })
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < 20_000; index++) await call(keys[index & 1_023] as string)
  const after = process.memoryUsage().heapUsed
  await new Promise((resolve) => setImmediate(resolve))
  observer.disconnect()
  if (collections > 0) throw new Error('garbage was collected: give it a larger young generation')
  return (after - before) / 20_000
}

async function promises(call: (key: string) => unknown): Promise<number> {
  let made = 0
  const stop = promiseHooks.onInit(() => {
    made++
  })
  for (let index = 0; index < 100; index++) await call(keys[index] as string)
  stop()
  return made / 100
}

async function figuresOf(call: (key: string) => unknown): Promise<Record<string, number>> {
  if (what === 'garbage') return { bytes: await bytes(call) }
  const samples: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const ns = await time(call)
    if (round > 0) samples.push(ns)
  }
  return { ns: median(samples) }
}

const answer: Record<string, Record<string, number>> = {}
for (const [name, call] of Object.entries(CALLED)) answer[name] = await figuresOf(call)
// Last: once it has been switched on, promises stay slower.
if (what === 'garbage')
  for (const [name, call] of Object.entries(CALLED)) answer[name] = { ...answer[name], promises: await promises(call) }
console.log(JSON.stringify(answer))
