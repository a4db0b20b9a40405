import type { TtlTypeError } from '@ttl/core'
import {
  type Clock,
  type ExpiringTableOptions as CommonOptions,
  checkOptions,
  describeTable,
  ExpiringTable,
} from '@ttl/core/adapter'
import type { PostgresClient } from '../client.ts'
import { literal } from '../schema.ts'
import { Session } from '../session.ts'
import { checkSettings, commonOf, reach } from '../target.ts'
import { adopt, type ExpiryType } from './adopted.ts'
import { check } from './check.ts'
import { TableReclaim } from './reclaim.ts'

export type { ExpiryType } from './adopted.ts'

export interface ExpiringTableOptions<Column extends string = string> extends CommonOptions<Column> {
  /** Default: what the `search_path` of the connection says. */
  readonly schema?: string | undefined
  /** What the column of the deadline holds: `timestamptz`, or milliseconds or seconds since 1970 as `bigint`. Default `'timestamptz'`. */
  readonly type?: ExpiryType | undefined
  /** Where time is read, for tests. Default: the clock of the server. */
  readonly clock?: Clock | undefined
  /** As for `postgres()`. Default `true`. */
  readonly prepare?: boolean | undefined
}

export interface CronOptions {
  /** The five fields that say when. Default `'0 3 * * *'`. */
  readonly schedule?: string | undefined
  /** What the job is called; another one of this name is replaced. Default: `ttl` and the name of the table. */
  readonly name?: string | undefined
}

const WHERE = 'expiringTable()'
const OWN = ['schema', 'type', 'clock', 'prepare']

/**
 * Looks after a table of the application's own, as a store looks after its entries: preview, sweep, stats, forecast, a
 * background sweeper. Nothing about the table is changed.
 *
 * @param target a `Pool` or `Client` of pg, which is never closed; or a connection string or a pool's configuration, with
 *   which it opens a pool on first use and ends it in `close`
 * @throws {@link TtlTypeError} `TTL_INVALID` at once when an option cannot be used
 */
export function expiringTable<Column extends string>(
  target: string | PostgresClient | Readonly<Record<string, unknown>>,
  options: ExpiringTableOptions<Column>,
): PostgresTable {
  const description = describeTable(options, OWN)
  checkSettings(options, WHERE)
  const adopted = adopt(description, options)
  const { client, end } = reach(target, WHERE, [])
  const session = new Session(
    commonOf(options, (opened) => check(opened, adopted)),
    client,
    false,
    false,
  )
  return new PostgresTable(new TableReclaim({ description, adopted, session, end }), adopted.title)
}

/** Made by {@link expiringTable}. */
export class PostgresTable extends ExpiringTable<TableReclaim> {
  readonly #title: string

  /** @internal */
  constructor(reclaim: TableReclaim, title: string) {
    super(reclaim)
    this.#title = title
  }

  /** SQL that has pg_cron run `sweepSql()`. */
  cronSql(options: CronOptions = {}): string {
    checkOptions(options, ['schedule', 'name'], 'cronSql')
    const { schedule = '0 3 * * *', name = `ttl ${this.#title}` } = options
    return `SELECT cron.schedule(${literal(name)}, ${literal(schedule)}, ${literal(this.sweepSql())})`
  }
}
