import { Cacheable, type CacheableOptions } from 'cacheable'
import KeyvRedis from 'keyv-redis5'
import type { Entries, Opened, Place, Subject, Value } from '../subject.ts'
import { groupsOf } from './groups-of-entries.ts'

function open(tiers: Pick<CacheableOptions, 'primary'>, { ttlMs }: Place): Opened {
  const cache = new Cacheable({ ...tiers, ttl: ttlMs })
  const touch = async (key: string): Promise<Value | undefined> => {
    const value = await cache.get<Value>(key)
    if (value !== undefined) await cache.set(key, value)
    return value
  }
  const entries: Required<Entries> = {
    set: (key, value, ttl) => cache.set(key, value, ttl),
    get: (key) => cache.get<Value>(key),
    delete: (key) => cache.delete(key),
    touch,
    getMany: async (keys) => (await cache.getMany<Value>([...keys])).filter((value) => value != null).length,
    setMany: (list) => cache.setMany(list.map(([key, value]) => ({ key, value }))),
  }
  return { entries, sliding: { ...entries, get: touch }, groups: groupsOf(entries), close: () => cache.disconnect() }
}

export const cacheable: readonly Subject[] = [
  {
    name: 'cacheable',
    backend: 'memory',
    role: 'peer',
    packages: ['cacheable'],
    note: 'its memory tier; restarts by reading and writing again',
    open: async (place) => open({}, place),
  },
  {
    name: 'cacheable + @keyv/redis',
    backend: 'redis',
    role: 'peer',
    packages: ['cacheable', 'keyv-redis5'],
    note: 'Redis as its only tier; restarts by reading and writing again',
    open: async (place) => open({ primary: new KeyvRedis(place.redisUrl()) }, place),
  },
]
