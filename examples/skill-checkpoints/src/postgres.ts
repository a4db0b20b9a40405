import type { Clock } from '@ttl/core'
import { expiringTable } from '@ttl/postgres'
import type pg from 'pg'
import type { Database } from './table-archive.ts'

/** The application's table. The application makes it; nothing here belongs to a library. */
export const POSTGRES_TABLE = `
CREATE TABLE IF NOT EXISTS memories (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  namespace text NOT NULL,
  category text NOT NULL,
  content text NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  expires_at timestamptz
)`

/** @param clock for tests; else the server's judges */
export function postgresDatabase(pool: pg.Pool, clock?: Clock): Database {
  const now = () =>
    clock === undefined ? 'statement_timestamp()' : `('epoch'::timestamptz + ${clock.now()} * interval '1 millisecond')`
  return {
    dialect: {
      placeholder: (index) => `$${index}`,
      now,
      // Milliseconds, not days: a day is 23 or 25 hours where clocks are changed.
      later: (ms) => `${now()} + ${ms}::bigint * interval '1 millisecond'`,
      ms: (column) => `(extract(epoch FROM ${column}) * 1000)::bigint`,
      size: `pg_total_relation_size('memories')`,
    },
    query: async (sql, values) => (await pool.query(sql, [...values])).rows,
    close: async () => {},
    adopt: (options) => expiringTable(pool, { ...options, clock }),
  }
}
