import type { Clock } from '@ttl/core'
import { expiringTable } from '@ttl/sqlite'
import type DatabaseOf from 'better-sqlite3'
import type { Database, Row } from './table-archive.ts'

/** The application's table. The application makes it; nothing here belongs to a library. */
export const SQLITE_TABLE = `
CREATE TABLE IF NOT EXISTS memories (
  id INTEGER PRIMARY KEY,
  namespace TEXT NOT NULL,
  category TEXT NOT NULL,
  content TEXT NOT NULL,
  metadata TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER)),
  expires_at INTEGER
) STRICT`

/** @param clock for tests; else that of this machine judges */
export function sqliteDatabase(db: DatabaseOf.Database, clock?: Clock): Database {
  const now = () => (clock === undefined ? `CAST(unixepoch('subsec') * 1000 AS INTEGER)` : String(clock.now()))
  return {
    dialect: {
      placeholder: (index) => `?${index}`,
      now,
      later: (ms) => `${now()} + ${ms}`,
      ms: (column) => column,
      size: '(SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())',
    },
    // Numbered placeholders are bound by name, as the same one may stand twice.
    query: async (sql, values) =>
      db.prepare(sql).all(Object.fromEntries(values.map((value, index) => [index + 1, value]))) as Row[],
    close: async () => {},
    adopt: (options) => expiringTable(db, { ...options, type: 'epoch-ms', ...(clock === undefined ? {} : { clock }) }),
  }
}
