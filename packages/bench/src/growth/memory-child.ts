/** What a cache in memory needs for each entry, and what an operation costs, with nothing else in the heap. */
import { createStore, sliding } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { collectGarbage, median } from '../measure.ts'
import { uniformPicks, zipfPicks } from '../random.ts'
import { SUBJECTS } from '../subjects/index.ts'
import { given } from './child.ts'
import { keyOf, stock } from './stock.ts'

const [name, size, rounds] = given<[string, number, number]>()

function heap(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Nanoseconds of CPU for each call, awaited. */
async function cpuOf(call: (key: string) => unknown, keys: readonly string[]): Promise<number> {
  const samples: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const before = process.cpuUsage()
    for (const key of keys) await call(key)
    const { user, system } = process.cpuUsage(before)
    if (round > 0) samples.push(((user + system) * 1_000) / keys.length)
  }
  return median(samples)
}

const keys = Array.from(uniformPicks(size, 2 ** 17), keyOf)
const popular = Array.from(zipfPicks(size, 2 ** 17, 0.99), keyOf)
const costOfGet = async (get: (key: string) => unknown) => ({
  getNs: await cpuOf(get, keys),
  getZipfNs: await cpuOf(get, popular),
})

if (name === 'without codec') {
  const codec = { encode: (value: unknown) => value as string, decode: (payload: unknown) => payload }
  const store = createStore({ backend: memory(), codec })
  const entries = store.namespace<string>('entries', { policy: { ttl: '1h' } })
  for (let index = 0; index < size; index++) await entries.set(keyOf(index), 'a value')
  const gets = await costOfGet((key) => entries.get(key))
  const setNs = await cpuOf((key) => entries.set(key, 'another'), keys)
  const idle = store.namespace<string>('entries', { policy: sliding('1h', { max: 'unbounded' }) })
  for (const key of keys) await idle.set(key, 'a value')
  console.log(JSON.stringify({ ...gets, setNs, slidingGetNs: await cpuOf((key) => idle.get(key), keys) }))
} else if (name === 'Map of strings') {
  const map = new Map<string, string>()
  for (let index = 0; index < size; index++) map.set(keyOf(index), 'a value')
  console.log(JSON.stringify(await costOfGet((key) => map.get(key))))
} else {
  const subject = SUBJECTS.find((each) => each.name === name)
  if (subject === undefined) throw new Error(`there is no subject ${name}`)
  const refuse = () => {
    throw new Error('a memory subject needs no server')
  }
  const place = { name: '', ttlMs: 3_600_000, poolSize: 1, file: refuse, redisUrl: refuse, postgresUrl: refuse }
  const { entries } = await subject.open(place)
  await entries.set('warm', { id: '', text: '' })
  const before = heap()
  await stock(entries, size)
  const bytes = (heap() - before) / size
  console.log(JSON.stringify({ bytes, ...(await costOfGet((key) => entries.get(key))) }))
}
