import { type Backend, createStore, milliseconds, type Namespace, sliding } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { postgres } from '@ttl/postgres'
import { redis } from '@ttl/redis'
import { sqlite } from '@ttl/sqlite'
import { Redis } from 'ioredis'
import * as ioredis5 from 'ioredis5'
import pg from 'pg'
import type { Entries, Opened, Place, Subject, Value } from '../subject.ts'

function entriesIn(namespace: Namespace<Value>): Required<Entries> {
  return {
    set: (key, value, ttlMs) =>
      ttlMs === undefined ? namespace.set(key, value) : namespace.set(key, value, { ttl: milliseconds(ttlMs) }),
    get: (key) => namespace.get(key),
    delete: (key) => namespace.delete(key),
    touch: (key) => namespace.touch(key),
    getMany: async (keys) => (await namespace.getMany(keys)).size,
    setMany: (entries) => namespace.setMany(entries),
  }
}

/** @param end releases a client of the subject's own */
function open(backend: Backend, { ttlMs }: Place, end: () => unknown = () => undefined): Opened {
  const store = createStore({ backend, policy: { ttl: milliseconds(ttlMs) } })
  const entries = store.namespace<Value>('entries')
  const idle = store.namespace<Value>('idle', { policy: sliding(milliseconds(ttlMs), { max: 'unbounded' }) })
  return {
    entries: entriesIn(entries),
    sliding: entriesIn(idle),
    groups: {
      write: (id, members) => entries.group(id).setMany(members),
      read: async (id, members) => (await entries.group(id).getMany(members)).size,
      touch: (id) => entries.group(id).touch(),
    },
    async close() {
      await store.close()
      await end()
    },
  }
}

const onMemory: Subject = {
  name: '@ttl/core/memory',
  backend: 'memory',
  role: 'ours',
  packages: ['@ttl/core'],
  open: async (place) => open(memory(), place),
}

const onSqlite: Subject = {
  name: '@ttl/sqlite',
  backend: 'sqlite',
  role: 'ours',
  packages: ['@ttl/sqlite', 'better-sqlite3'],
  note: 'a path: WAL, synchronous = NORMAL',
  open: async (place) => open(sqlite(place.file(`ttl${place.name}`)), place),
}

const onRedis: Subject = {
  name: '@ttl/redis',
  backend: 'redis',
  role: 'ours',
  packages: ['@ttl/redis', 'ioredis'],
  driver: 'ioredis',
  async open(place) {
    const client = new Redis(place.redisUrl())
    return open(redis(client, { prefix: `ours${place.name}:` }), place, () => client.disconnect())
  },
}

const onRedis5: Subject = {
  name: '@ttl/redis on ioredis 5',
  backend: 'redis',
  role: 'ours',
  packages: ['@ttl/redis', 'ioredis5'],
  driver: 'ioredis 5',
  async open(place) {
    const client = new ioredis5.Redis(place.redisUrl())
    return open(redis(client, { prefix: 'ours5:' }), place, () => client.disconnect())
  },
}

const onPostgres: Subject = {
  name: '@ttl/postgres',
  backend: 'postgres',
  role: 'ours',
  packages: ['@ttl/postgres', 'pg'],
  async open(place) {
    const pool = new pg.Pool({ connectionString: place.postgresUrl(), max: place.poolSize })
    return open(postgres(pool, { table: `ours${place.name}` }), place, () => pool.end())
  },
}

export const ours: readonly Subject[] = [onMemory, onSqlite, onRedis, onRedis5, onPostgres]
