import { systemClock } from '@ttl/core/adapter'
import Database from 'better-sqlite3'
import type { Entries, Place, Subject, Value } from '../subject.ts'

const COLUMNS = 'expires_at, sweep_at, born_at, ttl_ms, cap_at, restart_on, refresh_after'

/**
 * Prepared statements on a table with the columns of `@ttl/sqlite`. Without an index on the deadline a write is cheaper
 * and nothing can be swept; with one it is what most people build.
 */
function bare(indexed: boolean, { ttlMs, file, name }: Place) {
  const db = new Database(file(`bare${indexed ? '-indexed' : ''}${name}`))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.pragma('mmap_size = 2147418112')
  const make = (table: string): Required<Entries> & { slide(key: string): Value | undefined } => {
    db.exec(`
      CREATE TABLE ${table} (id INTEGER PRIMARY KEY, ns TEXT NOT NULL, space INTEGER NOT NULL, key TEXT NOT NULL,
        expires_at INTEGER, sweep_at INTEGER, born_at INTEGER, ttl_ms INTEGER, cap_at INTEGER,
        restart_on INTEGER NOT NULL, refresh_after REAL NOT NULL, value ANY, UNIQUE (ns, space, key)) STRICT`)
    if (indexed) db.exec(`CREATE INDEX ${table}_expires ON ${table} (expires_at)`)
    const one = `ns = 'bench' AND space = 0 AND key = ?`
    const select = db.prepare(`SELECT id, ${COLUMNS}, value FROM ${table} WHERE ${one}`)
    const upsert = db.prepare(`
      INSERT INTO ${table} (ns, space, key, ${COLUMNS}, value) VALUES ('bench', 0, ?, ?, ?, NULL, ?, NULL, 1, 0, ?)
      ON CONFLICT (ns, space, key) DO UPDATE SET expires_at = excluded.expires_at, sweep_at = excluded.sweep_at,
        born_at = excluded.born_at, ttl_ms = excluded.ttl_ms, cap_at = excluded.cap_at,
        restart_on = excluded.restart_on, refresh_after = excluded.refresh_after, value = excluded.value`)
    const update = db.prepare(`UPDATE ${table} SET expires_at = ? WHERE ${one} AND expires_at > ?`)
    const updateReturning = db.prepare(
      `UPDATE ${table} SET expires_at = ? WHERE ${one} AND expires_at > ? RETURNING value`,
    )
    const remove = db.prepare(`DELETE FROM ${table} WHERE ${one}`)
    const transact = db.transaction((work: () => unknown) => work())
    const get = (key: string): Value | undefined => {
      const row = select.get(key) as { expires_at: number; value: string } | undefined
      return row !== undefined && row.expires_at > systemClock.now() ? JSON.parse(row.value) : undefined
    }
    const set = (key: string, value: Value, ms = ttlMs) => {
      const at = systemClock.now() + ms
      return upsert.run(key, at, at, ms, JSON.stringify(value))
    }
    return {
      set,
      get,
      delete: (key) => remove.run(key),
      touch(key) {
        const now = systemClock.now()
        return update.run(now + ttlMs, key, now)
      },
      getMany: (keys) => transact.deferred(() => keys.filter((key) => get(key) !== undefined).length) as number,
      setMany: (list) =>
        transact.immediate(() => {
          for (const [key, value] of list) set(key, value)
        }),
      slide(key) {
        const now = systemClock.now()
        // Not `get`, which stops after the first row and then resets: `all` runs the statement to its end.
        const [row] = updateReturning.all(now + ttlMs, key, now) as { value: string }[]
        return row === undefined ? undefined : JSON.parse(row.value)
      },
    }
  }
  const entries = make('bare')
  const idle = make('idle')
  const touchOne = (key: string) => void entries.touch(key)
  return {
    entries,
    sliding: { ...idle, get: idle.slide },
    groups: {
      write: (id: string, members: Readonly<Record<string, Value>>) =>
        entries.setMany(Object.entries(members).map(([member, value]) => [`${id}:${member}`, value] as const)),
      read: (id: string, members: readonly string[]) => entries.getMany(members.map((member) => `${id}:${member}`)),
      touch: (id: string, members: readonly string[]) =>
        db
          .transaction(() => {
            for (const member of members) touchOne(`${id}:${member}`)
          })
          .immediate(),
    },
    close: () => db.close(),
  }
}

export const betterSqlite3: readonly Subject[] = [
  {
    name: 'better-sqlite3',
    backend: 'sqlite',
    role: 'driver',
    packages: ['better-sqlite3'],
    note: 'prepared statements, the columns and pragmas of @ttl/sqlite (WAL, synchronous = NORMAL, mmap), no index on the deadline',
    open: async (place) => bare(false, place),
  },
  {
    name: 'better-sqlite3, deadline indexed',
    backend: 'sqlite',
    role: 'driver',
    packages: ['better-sqlite3'],
    note: 'the same with the index on the deadline that a clean-up needs',
    open: async (place) => bare(true, place),
  },
]
