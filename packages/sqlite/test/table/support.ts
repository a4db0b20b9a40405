import type { ExpiringTable } from '@ttl/core/adapter'
import type Database from 'better-sqlite3'
import { expiringTable, type SqliteDatabase, type SqliteTableOptions } from '../../src/index.ts'
import { connect, finallyDo, freshFile, type Hands } from '../support.ts'

/** The table of an application that knows nothing of this project. */
export const SESSIONS = `
  CREATE TABLE sessions (sid TEXT PRIMARY KEY, tenant TEXT, data TEXT, expires_at INTEGER);
  CREATE INDEX by_deadline ON sessions (expires_at);`

export const OF_SESSIONS = { table: 'sessions', key: 'sid', expiresAt: 'expires_at', type: 'epoch-ms' } as const

export function database(sql = SESSIONS): Database.Database {
  const db = connect(freshFile())
  db.pragma('synchronous = OFF')
  db.exec(sql)
  return db
}

type Options = Partial<SqliteTableOptions> & { readonly clock?: Hands }

export function adopt(target: string | SqliteDatabase, options: Options = {}): ExpiringTable {
  const table = expiringTable(target, { ...OF_SESSIONS, ...options })
  finallyDo(() => table.close())
  return table
}

export function insert(
  db: Database.Database,
  rows: readonly (readonly [sid: string, expiresAt: unknown, tenant?: string])[],
) {
  const statement = db.prepare('INSERT INTO sessions (sid, expires_at, tenant, data) VALUES (?, ?, ?, ?)')
  for (const [sid, expiresAt, tenant = null] of rows) statement.run(sid, expiresAt, tenant, 'x'.repeat(100))
}

export const sids = (db: Database.Database) =>
  db.prepare('SELECT sid FROM sessions ORDER BY sid').pluck().all() as string[]
