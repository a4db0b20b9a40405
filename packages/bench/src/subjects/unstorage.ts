import { createStorage } from 'unstorage'
import redisDriver from 'unstorage/drivers/redis'
import type { Entries, Subject, Value } from '../subject.ts'
import { groupsOf } from './groups-of-entries.ts'

export const unstorage: Subject = {
  name: 'unstorage redis',
  backend: 'redis',
  role: 'peer',
  packages: ['unstorage', 'ioredis'],
  leastTtlMs: 1_000,
  note: 'whole seconds; restarts by reading and writing again',
  async open({ redisUrl, ttlMs }) {
    const storage = createStorage<Value>({
      driver: redisDriver({ base: 'unstorage', url: redisUrl(), ttl: ttlMs / 1_000 }),
    })
    const touch = async (key: string): Promise<Value | null> => {
      const value = await storage.getItem(key)
      if (value !== null) await storage.setItem(key, value)
      return value
    }
    const entries: Required<Entries> = {
      set: (key, value, ttl) => storage.setItem(key, value, ttl === undefined ? {} : { ttl: ttl / 1_000 }),
      get: (key) => storage.getItem(key),
      delete: (key) => storage.removeItem(key),
      touch,
      getMany: async (keys) => (await storage.getItems([...keys])).filter(({ value }) => value !== null).length,
      setMany: (list) => storage.setItems(list.map(([key, value]) => ({ key, value }))),
    }
    return {
      entries,
      sliding: { ...entries, get: touch },
      groups: groupsOf(entries),
      close: () => storage.dispose(),
    }
  },
}
