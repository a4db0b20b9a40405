/** `@ttl/sqlite`: the SQLite backend, on better-sqlite3. */
import { type DurationInput, duration, TtlTypeError } from '@ttl/core'
import { type Backend, type Clock, checkOptions, describe, systemClock } from '@ttl/core/adapter'
import { SqliteBackend } from './backend.ts'
import type { SqliteDatabase } from './client.ts'
import { checkClock, checkTarget } from './target.ts'

export { type DeletedRow, ExpiringTable, type OwnSql } from '@ttl/core/adapter'
export type { SqliteDatabase, SqliteRunResult, SqliteStatement, SqliteTransaction } from './client.ts'
export type { DeadlineType } from './table/formats.ts'
export { expiringTable, type SqliteTableOptions } from './table/index.ts'

export interface SqliteOptions {
  /** Where time is read. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** The name of the main table, and the prefix of the others. Default `'ttl'`. */
  readonly table?: string | undefined
  /**
   * How long an operation goes on trying while another connection holds the lock, before it fails with `SQLITE_BUSY`,
   * which is retryable. It waits without blocking the event loop. Default 5 seconds.
   */
  readonly busyTimeout?: DurationInput | undefined
}

const OPTIONS = ['clock', 'table', 'busyTimeout']

/**
 * A backend that keeps everything in a SQLite database.
 *
 * With a path it opens the file itself, on first use, in WAL mode with `synchronous = NORMAL`, and closes it in `close`.
 * A `Database` of yours is used as it is, its journal mode and busy timeout included: it is never closed, and an open
 * transaction of yours is taken part in. Tables are created on first use; any number of processes may do so at once.
 *
 * @param target path of a file, `':memory:'`, or a `Database` of better-sqlite3
 * @throws {@link TtlTypeError} `TTL_INVALID` at once when an argument cannot be used. What opening throws comes with the first
 * operation, and opening is tried again with the next; `TTL_UNSUPPORTED` when a newer version made the tables
 */
export function sqlite(target: string | SqliteDatabase, options: SqliteOptions = {}): Backend {
  const where = 'sqlite()'
  checkTarget(target, where)
  checkOptions(options, OPTIONS, where)
  const { clock = systemClock, table = 'ttl', busyTimeout = '5s' } = options
  checkClock(clock, where)
  if (typeof table !== 'string' || table === '' || table.includes('\0') || /^sqlite(_|$)/i.test(table)) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `table of sqlite() must be a name that SQLite accepts, got ${describe(table)}`,
    )
  }
  return new SqliteBackend({ target, clock, table, busyTimeoutMs: duration(busyTimeout).ms })
}
