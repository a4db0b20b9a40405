import KeyvPostgres from '@keyv/postgres'
import KeyvRedis from '@keyv/redis'
import KeyvSqlite from '@keyv/sqlite'
import { Keyv, type KeyvStorageAdapter } from 'keyv'
import KeyvRedis5 from 'keyv-redis5'
import type { Entries, Opened, Place, Subject, Value } from '../subject.ts'
import { groupsOf } from './groups-of-entries.ts'

/** What it does not do, an application does with what it has: it reads and writes again to restart. */
function open(store: KeyvStorageAdapter | undefined, { ttlMs }: Place): Opened {
  const keyv = new Keyv<Value>({ ...(store === undefined ? {} : { store }), ttl: ttlMs })
  const touch = async (key: string): Promise<Value | undefined> => {
    const value = await keyv.get(key)
    if (value !== undefined) await keyv.set(key, value)
    return value
  }
  const entries: Required<Entries> = {
    set: (key, value, ttl) => keyv.set(key, value, ttl),
    get: (key) => keyv.get(key),
    delete: (key) => keyv.delete(key),
    touch,
    getMany: async (keys) => (await keyv.getMany([...keys])).filter((value) => value != null).length,
    setMany: (list) => keyv.setMany(list.map(([key, value]) => ({ key, value, ttl: ttlMs }))),
  }
  return { entries, sliding: { ...entries, get: touch }, groups: groupsOf(entries), close: () => keyv.disconnect() }
}

const note = 'restarts by reading and writing again'

export const keyv: readonly Subject[] = [
  {
    name: 'Keyv',
    backend: 'memory',
    role: 'peer',
    packages: ['keyv'],
    note,
    open: async (place) => open(undefined, place),
  },
  {
    name: 'Keyv + @keyv/sqlite',
    backend: 'sqlite',
    role: 'peer',
    packages: ['keyv', '@keyv/sqlite', 'better-sqlite3'],
    note: `${note}; WAL, on better-sqlite3`,
    open: async (place) =>
      open(new KeyvSqlite({ uri: `sqlite://${place.file('keyv')}`, wal: true, driver: 'better-sqlite3' }), place),
  },
  {
    name: 'Keyv + @keyv/redis',
    backend: 'redis',
    role: 'peer',
    packages: ['keyv', '@keyv/redis', 'redis'],
    note,
    open: async (place) => open(new KeyvRedis(place.redisUrl()), place),
  },
  {
    name: 'Keyv + @keyv/redis 5',
    backend: 'redis',
    role: 'peer',
    packages: ['keyv', 'keyv-redis5'],
    note: `${note}; what npm installs`,
    // Another database: neither of them puts anything before its keys.
    open: async (place) =>
      open(new KeyvRedis5({ url: place.redisUrl(), database: 1 }) as unknown as KeyvStorageAdapter, place),
  },
  {
    name: 'Keyv + @keyv/postgres',
    backend: 'postgres',
    role: 'peer',
    packages: ['keyv', '@keyv/postgres', 'pg'],
    note,
    open: async (place) => open(new KeyvPostgres({ uri: place.postgresUrl(), max: place.poolSize }), place),
  },
]
