import { type DurationInput, duration, TtlTypeError } from '@ttl/core'
import {
  type Clock,
  describe,
  describeTable,
  ExpiringTable,
  type ExpiringTableOptions,
  systemClock,
} from '@ttl/core/adapter'
import type { SqliteDatabase } from '../client.ts'
import { checkClock, checkTarget } from '../target.ts'
import { type DeadlineType, FORMATS } from './formats.ts'
import { SqliteTable } from './subject.ts'

export interface SqliteTableOptions<Column extends string = string> extends ExpiringTableOptions<Column> {
  /**
   * What the column of the deadline holds, in all its rows: whole or broken `'epoch-ms'` or `'epoch-s'`; `'iso'`: text such as
   * `2026-12-31T23:59:59.000Z`, as `toISOString()` gives it; `'datetime'`: text in UTC such as `2026-12-31 23:59:59`, with or
   * without decimals, as SQLite's `datetime()` gives it.
   */
  readonly type: DeadlineType
  /** Where time is read. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** How long a step goes on trying while another connection holds the lock. Default 5 seconds. */
  readonly busyTimeout?: DurationInput | undefined
}

/**
 * A table of your own, looked after: seen, previewed and swept as a store is. Nothing about it is changed.
 *
 * @param target path of a file that exists, or a `Database` of better-sqlite3, which is never closed
 * @throws {@link TtlTypeError} `TTL_INVALID` at once when an option cannot be used. The first call, and each after the schema
 *   has changed, is rejected as `check` is
 */
export function expiringTable<Column extends string>(
  target: string | SqliteDatabase,
  options: SqliteTableOptions<Column>,
): ExpiringTable {
  const where = 'expiringTable()'
  checkTarget(target, where)
  const described = describeTable(options, ['type', 'clock', 'busyTimeout'])
  const { type, clock = systemClock, busyTimeout = '5s' } = options
  if (!Object.hasOwn(FORMATS, type)) {
    const types = Object.keys(FORMATS).map((name) => `'${name}'`)
    throw new TtlTypeError('TTL_INVALID', `type of ${where} must be ${types.join(', ')}, got ${describe(type)}`)
  }
  checkClock(clock, where)
  const settings = { target, table: { ...described, type }, clock, busyTimeoutMs: duration(busyTimeout).ms }
  return new ExpiringTable(new SqliteTable(settings))
}
