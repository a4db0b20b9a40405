import { LRUCache } from 'lru-cache'
import type { Entries, Subject, Value } from '../subject.ts'
import { groupsOf } from './groups-of-entries.ts'

/** Far more than any workload writes: nothing is evicted. */
const ROOM = 2 ** 24

export const lruCache: Subject = {
  name: 'lru-cache',
  backend: 'memory',
  role: 'peer',
  packages: ['lru-cache'],
  note: 'holds JSON text, as the others; bounded, with a ttl per entry; reads its clock at most once a millisecond',
  async open({ ttlMs }) {
    const entriesThat = (updateAgeOnGet: boolean): Required<Entries> => {
      const cache = new LRUCache<string, string>({
        maxSize: ROOM,
        sizeCalculation: () => 1,
        ttl: ttlMs,
        updateAgeOnGet,
      })
      const get = (key: string): Value | undefined => {
        const text = cache.get(key)
        return text === undefined ? undefined : JSON.parse(text)
      }
      const set = (key: string, value: Value, ttl?: number) =>
        ttl === undefined ? cache.set(key, JSON.stringify(value)) : cache.set(key, JSON.stringify(value), { ttl })
      return {
        set,
        get,
        delete: (key) => cache.delete(key),
        touch: (key) => cache.get(key, { updateAgeOnGet: true }),
        getMany: (keys) => keys.filter((key) => get(key) !== undefined).length,
        setMany(list) {
          for (const [key, value] of list) set(key, value)
        },
      }
    }
    const entries = entriesThat(false)
    return { entries, sliding: entriesThat(true), groups: groupsOf(entries), close: () => undefined }
  },
}
