/** `@ttl/postgres`: the PostgreSQL backend, on pg. */
import type { TtlTypeError } from '@ttl/core'
import { type Clock, checkOptions } from '@ttl/core/adapter'
import { PgBackend, type PostgresBackend } from './backend.ts'
import type { PostgresClient } from './client.ts'
import { migrate } from './migrate.ts'
import { namesFor } from './schema.ts'
import { Session } from './session.ts'
import { checkSettings, commonOf, type Reached, reach } from './target.ts'

export type { CrontabOptions, DeletedRow, LiveOptions, OwnSql } from '@ttl/core/adapter'
export type { PostgresBackend } from './backend.ts'
export type { PostgresClient, PostgresQuery, PostgresResult } from './client.ts'

export type { CronOptions, ExpiringTableOptions, ExpiryType, PostgresTable } from './table/index.ts'
export { expiringTable } from './table/index.ts'

export interface PostgresOptions {
  /** The name of the main table, and the prefix of everything beside it. Any name of up to 55 bytes. Default `'ttl'`. */
  readonly table?: string | undefined
  /** Where the tables are; created if it is missing. Default: what the `search_path` of the connection says. */
  readonly schema?: string | undefined
  /** Where time is read, for tests. Default: the clock of the server. */
  readonly clock?: Clock | undefined
  /**
   * Whether statements are prepared under a name, which makes small ones about twice as fast. Switch it off behind a pooler
   * that gives a connection to others between statements and cannot keep track of names. Default `true`.
   */
  readonly prepare?: boolean | undefined
}

/** Options together with where to connect to: everything else is passed to `new Pool()` of pg. */
export interface PostgresConfig extends PostgresOptions {
  readonly connectionString?: string | undefined
  readonly [option: string]: unknown
}

const OPTIONS = ['table', 'schema', 'clock', 'prepare']

/**
 * A backend that keeps everything in PostgreSQL, from version 14.
 *
 * Tables are created on first use; any number of processes may do so at once.
 *
 * @param target a `Pool` or `Client` of pg, which is never closed; or a connection string or a pool's configuration, with
 *   which it opens a pool on first use and ends it in `close`
 * @throws {@link TtlTypeError} `TTL_INVALID` at once when an argument cannot be used
 */
export function postgres(
  target: string | PostgresClient | PostgresConfig,
  options: PostgresOptions = {},
): PostgresBackend {
  checkOptions(options, OPTIONS, 'postgres()')
  const reached = reach(target, 'postgres()', OPTIONS)
  const given = typeof target === 'string' || 'query' in target ? {} : pick(target)
  return build(reached, { ...given, ...pick(options) })
}

function build({ client, end }: Reached, options: PostgresOptions): PostgresBackend {
  checkSettings(options, 'postgres()')
  const { table = 'ttl', schema } = options
  const names = namesFor(table, schema)
  const common = { ...commonOf(options, (opened) => migrate(opened, names)), names }
  return new PgBackend({ common, session: new Session(common, client, false, false), end })
}

/** The options that are given. */
const pick = (options: PostgresOptions): PostgresOptions =>
  Object.fromEntries(Object.entries(options).filter(([name, value]) => OPTIONS.includes(name) && value !== undefined))
