import { systemClock } from '@ttl/core/adapter'
import connectPgSimple from 'connect-pg-simple'
import { RedisStore } from 'connect-redis'
import session, { type SessionData, type Store } from 'express-session'
import pg from 'pg'
import { createClient } from 'redis'
import type { Entries, Opened, Place, Subject, Value } from '../subject.ts'

type Callback = (error: unknown, answer?: unknown) => void

const called = <T>(call: (callback: Callback) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, answer) => (error ? reject(error) : resolve(answer as T)))
  })

/** The stores of express-session: they keep a session with the deadline of its cookie, and touch it after a read. */
function open(store: Store, { ttlMs }: Place, close: () => unknown): Opened {
  const withCookie = (value: Value, ms = ttlMs): SessionData => {
    const expires = new Date(systemClock.now() + ms)
    return { ...value, cookie: { originalMaxAge: ms, maxAge: ms, expires } } as unknown as SessionData
  }
  const get = (key: string) => called<Value | null | undefined>((callback) => store.get(key, callback))
  const touch = (key: string, value: Value) =>
    called((callback) => store.touch?.(key, withCookie(value), callback as () => void))
  const entries: Entries = {
    set: (key, value, ms) => called((callback) => store.set(key, withCookie(value, ms), callback)),
    get,
    delete: (key) => called((callback) => store.destroy(key, callback)),
    touch: (key) => touch(key, { id: '', text: '' }),
  }
  const slide = async (key: string): Promise<Value | null | undefined> => {
    const value = await get(key)
    if (value != null) await touch(key, value)
    return value
  }
  return { entries, sliding: { ...entries, get: slide }, close }
}

export const sessions: readonly Subject[] = [
  {
    name: 'connect-redis',
    backend: 'redis',
    role: 'peer',
    packages: ['connect-redis', 'redis'],
    leastTtlMs: 1_000,
    note: 'sessions: writes a cookie with each value, whole seconds; restarts by get and touch',
    async open(place) {
      const client = createClient({ url: place.redisUrl() })
      await client.connect()
      return open(new RedisStore({ client, prefix: 'sess:' }), place, () => client.close())
    },
  },
  {
    name: 'connect-pg-simple',
    backend: 'postgres',
    role: 'peer',
    packages: ['connect-pg-simple', 'pg'],
    leastTtlMs: 1_000,
    note: 'sessions: writes a cookie with each value, whole seconds; restarts by get and touch',
    async open(place) {
      const pool = new pg.Pool({ connectionString: place.postgresUrl(), max: place.poolSize })
      const PgStore = connectPgSimple(session)
      const store = new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false })
      return open(store, place, async () => {
        store.close()
        await pool.end()
      })
    },
  },
]
