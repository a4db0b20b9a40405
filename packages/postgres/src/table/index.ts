/// <reference lib="esnext.disposable" preserve="true" />
import { epochMs, type Instant } from '@ttl/core'
import { type Clock, type Due, Upkeep } from '@ttl/core/adapter'
import { $, type PostgresClient } from '../client.ts'
import { identifier, literal } from '../schema.ts'
import { Session } from '../session.ts'
import { SERVER_CLOCK } from '../statements/rules.ts'
import { checkOptions, kindOf, reach } from '../target.ts'
import { type Adopted, type AdoptedOptions, adopt, type ExpiryType, invalid, type SqlText } from './adopted.ts'
import { check } from './check.ts'
import { TableReclaim } from './reclaim.ts'
import { indexSql, scriptSql } from './statements.ts'

export type { ExpiryType, SqlText } from './adopted.ts'

export interface ExpiringTableOptions {
  /** The name of a table of yours. */
  readonly table: string
  /** Default: what the `search_path` of the connection says. */
  readonly schema?: string | undefined
  /** The column or columns that name a row. */
  readonly key: string | readonly string[]
  /** The column of the deadline. NULL is never. A row is live until that instant, and not at it. */
  readonly expiresAt: string
  /** What that column holds: `timestamptz`, or milliseconds or seconds since 1970 as `bigint`. Default `'timestamptz'`. */
  readonly type?: ExpiryType | undefined
  /** What counts and previews are divided by: a column, or SQL of yours. Default: one namespace, named like the table. */
  readonly namespace?: string | SqlText | undefined
  /** Which rows may be deleted, as SQL of yours. Default: all that have expired. */
  readonly where?: SqlText | undefined
  /**
   * Is told of what each batch has deleted, after it is committed, and waited for. When it throws, the sweep fails with that
   * as its cause; the rows stay deleted. A crash in between loses the call.
   */
  readonly onDelete?: ((deleted: readonly DeletedRow[]) => void | Promise<void>) | undefined
  /** Where time is read, for tests. Default: the clock of the server. */
  readonly clock?: Clock | undefined
  /** As for `postgres()`. Default `true`. */
  readonly prepare?: boolean | undefined
}

/** A row that is gone. */
export interface DeletedRow {
  readonly namespace: string
  /** The key column as text, or several as a JSON array. */
  readonly key: string
  /** The key columns by name, as text. */
  readonly columns: Readonly<Record<string, string | null>>
  readonly expiresAt: Instant
}

export interface CronOptions {
  /** Default `'0 3 * * *'`: at three each night. */
  readonly schedule?: string | undefined
  /** What the job is called. Default: `ttl` and the name of the table. */
  readonly name?: string | undefined
}

const OPTIONS = ['table', 'schema', 'key', 'expiresAt', 'type', 'namespace', 'where', 'onDelete', 'clock', 'prepare']

/**
 * A table of the application's own, looked after: seen, previewed and swept as a store is. Nothing about the table is changed.
 *
 * Names are quoted; `sql` of `namespace` and `where` is used as it stands, and must never be built from data.
 *
 * @param target a `Pool` or `Client` of pg, which is never closed; or a connection string or a pool's configuration, with
 *   which it opens a pool on first use and ends it in `close`
 * @throws {@link TtlTypeError} `TTL_INVALID` at once when an option cannot be used. The first call that reaches the server is
 *   rejected as `check` is, where the table is not as it was said to be
 */
export function expiringTable(
  target: string | PostgresClient | Readonly<Record<string, unknown>>,
  options: ExpiringTableOptions,
): ExpiringTable {
  checkOptions(options, OPTIONS, 'expiringTable()')
  const { clock, prepare = true, onDelete } = options
  if (clock !== undefined && typeof clock?.now !== 'function')
    throw invalid(`needs a clock with a now() method, got ${kindOf(clock)}`)
  if (typeof prepare !== 'boolean') throw invalid(`takes true or false for prepare, got ${kindOf(prepare)}`)
  if (onDelete !== undefined && typeof onDelete !== 'function')
    throw invalid(`takes a function for onDelete, got ${kindOf(onDelete)}`)
  const adopted = adopt(options)
  const { client, end } = reach(target, 'expiringTable()', [])
  const ready = (opened: PostgresClient) => check(opened, adopted, columnsOf(options))
  const clockSql = clock === undefined ? SERVER_CLOCK : `${$('now')}::bigint`
  const session = new Session({ ready, clockSql, clock, prepare, statements: new Map() }, client, false, false)
  const told = onDelete && ((deleted: readonly Due[]) => onDelete(deleted.map((due) => rowOf(due, adopted))))
  return new ExpiringTable(adopted, new TableReclaim(adopted, session, end, told), clock)
}

/** The columns that have to be there, that of the deadline first. */
function columnsOf({ expiresAt, key, namespace }: AdoptedOptions): string[] {
  return [expiresAt, key, typeof namespace === 'string' ? namespace : []].flat()
}

function rowOf({ namespace, key, expiresAt }: Due, { columns }: Adopted): DeletedRow {
  const values = columns.length === 1 ? [key] : (JSON.parse(key) as (string | null)[])
  return {
    namespace,
    key,
    columns: Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null])),
    expiresAt: epochMs(expiresAt),
  }
}

/** Made by {@link expiringTable}. */
export class ExpiringTable extends Upkeep<TableReclaim> {
  readonly #adopted: Adopted
  readonly #reclaim: TableReclaim
  readonly #clock: Clock | undefined

  /** @internal */
  constructor(adopted: Adopted, reclaim: TableReclaim, clock: Clock | undefined) {
    super(reclaim)
    this.#adopted = adopted
    this.#reclaim = reclaim
    this.#clock = clock
  }

  /**
   * SQL that is true for a live row, for the application's own queries: `SELECT … WHERE ${table.live()}`. What it is false for
   * is what a sweep deletes. It judges by the start of the statement that it stands in; with a `clock`, by that clock now.
   *
   * @param alias what the table is called in the query. Default: the column stands alone
   */
  live(alias?: string): string {
    const { deadline, instant } = this.#adopted
    const column = alias === undefined ? deadline : `${identifier(alias)}.${deadline}`
    return `(${column} IS NULL OR ${column} > ${this.#now(instant)})`
  }

  /** The index that is needed, as DDL. It takes no lock that writers would wait for. */
  indexSql(): string {
    return indexSql(this.#adopted)
  }

  /**
   * Makes sure that the table is as it was said to be, with an index that serves.
   *
   * @throws `TTL_INVALID` when the table or a column is not there, or the column of the deadline is of another type;
   *   `TTL_UNSUPPORTED` when no index finds what is due
   */
  check(): Promise<void> {
    return this.#reclaim.check()
  }

  /** A whole clean-up in SQL: `psql -f`. In batches, each a transaction of its own; may run any number of times at once. */
  sweepSql(): string {
    return scriptSql(this.#adopted)
  }

  /** SQL that has pg_cron run the clean-up. Scheduling it again under the same name replaces it. */
  cronSql({ schedule = '0 3 * * *', name = `ttl ${this.#adopted.title}` }: CronOptions = {}): string {
    return `SELECT cron.schedule(${literal(name)}, ${literal(schedule)}, ${literal(this.sweepSql())})`
  }

  /** A line for `crontab`, which runs the clean-up with `psql` on `$DATABASE_URL`. */
  crontab({ schedule = '0 3 * * *' }: Pick<CronOptions, 'schedule'> = {}): string {
    const sql = this.sweepSql().replaceAll(/\s*\n\s*/g, ' ')
    const quoted = `'${sql.replaceAll("'", `'\\''`)}'`.replaceAll('%', '\\%')
    return `${schedule} psql "$DATABASE_URL" -X -q -v ON_ERROR_STOP=1 -c ${quoted}`
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #now(instant: (ms: string) => string): string {
    if (this.#clock !== undefined) return instant(`${Math.floor(this.#clock.now())}::bigint`)
    if (this.#adopted.type === 'timestamptz') return 'statement_timestamp()'
    return instant(SERVER_CLOCK.replace('clock_timestamp()', 'statement_timestamp()'))
  }
}
