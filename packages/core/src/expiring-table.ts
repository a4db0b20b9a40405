/// <reference lib="esnext.disposable" preserve="true" />
import type { Awaitable, Due, Reclaimable } from './backend.ts'
import { describe, TtlError, TtlTypeError } from './errors.ts'
import { Instant } from './instant.ts'
import { checkOptions } from './options.ts'
import { Port } from './port.ts'
import { Upkeep } from './upkeep.ts'

/** A row that a sweep has deleted. */
export interface DeletedRow<Column extends string = string> {
  readonly namespace: string
  /** As in previews and events: `''` for a NULL in the only key column. */
  readonly key: string
  /** The key columns as text; bytes as `\x…` in hex. */
  readonly columns: { readonly [Name in Column]: string | null }
  readonly expiresAt: Instant
}

/** SQL of your own, put into statements as it stands: never make it from data. */
export interface OwnSql {
  readonly sql: string
}

/** What every adapter asks about a table of the application's own. Names are names, never SQL: they are quoted. */
export interface ExpiringTableOptions<Column extends string = string> {
  readonly table: string
  /** The columns that name a row in reports and to `onDelete`: the key is the text of the one, or a JSON list of several. */
  readonly key: Column | readonly Column[]
  /** The column of the deadline. NULL is never. */
  readonly expiresAt: string
  /** A column or an expression that rows are counted and swept by. NULL counts as `''`. Default: one, of the table's name. */
  readonly namespace?: string | OwnSql | undefined
  /** Only rows that meet this condition are looked at and swept. Default: all. */
  readonly where?: OwnSql | undefined
  /**
   * Told what a sweep has deleted, a batch at a time, after its commit; the sweep waits for the promise it returns. When it
   * fails the sweep fails, the rows stay deleted and are not told again; nor are they when the process dies in between.
   * It must not wait for `close`, `stop` or a sweep of the same table: they wait for it.
   */
  readonly onDelete?: ((rows: readonly DeletedRow<Column>[]) => unknown) | undefined
}

/** {@link ExpiringTableOptions}, checked. */
export interface TableDescription {
  readonly table: string
  readonly key: readonly string[]
  readonly expiresAt: string
  readonly namespace: { readonly column: string } | OwnSql | undefined
  readonly where: OwnSql | undefined
  readonly onDelete: ((rows: readonly DeletedRow[]) => unknown) | undefined
}

export interface LiveOptions {
  /** What the query calls the table. Default: its columns stand alone. */
  readonly alias?: string | undefined
  /**
   * SQL of the instant to judge by, in epoch milliseconds: a placeholder such as `'@now'` or `'$1'`. Default: the clock of
   * the database; with an injected clock, what it shows now.
   */
  readonly now?: string | undefined
}

export interface CrontabOptions {
  /** The five fields that say when. Default `'0 3 * * *'`. */
  readonly schedule?: string | undefined
}

/** A table as an adapter sees it. */
export interface TableSubject extends Reclaimable {
  /**
   * Looks whether the table can be looked after as it stands. *Must not*: write. *Errors*: `TTL_INVALID` when there is no
   * such table or column, or the column holds something else; `TTL_UNSUPPORTED` when no index serves.
   */
  check(): Awaitable<void>
  live(options: LiveOptions): string
  indexSql(): string
  sweepSql(): string
  crontab(schedule: string): string
}

/** A table of the application's own, whose rows expire. Made by `expiringTable()` of an adapter. */
export class ExpiringTable<Subject extends TableSubject = TableSubject> extends Upkeep<Subject> {
  readonly #port: Port<Subject>

  constructor(subject: Subject, port: Port<Subject> = new Port(subject)) {
    super(subject, port)
    this.#port = port
  }

  /**
   * Looks at the table and its indexes. Every other call does so as well; this one tells at boot, before a sweeper finds out.
   *
   * @throws `TTL_INVALID` when there is no such table or column, or the column holds something else than was said
   * @throws `TTL_UNSUPPORTED` when there is no index that a sweep can use; the message has the DDL
   */
  check(): Promise<void> {
    return this.#port.run('check', undefined, undefined, (subject) => subject.check())
  }

  /**
   * The condition for your queries, in parentheses: true for rows that live. False exactly from the instant on that a sweep
   * may delete them.
   */
  live(options: LiveOptions = {}): string {
    checkOptions(options, ['alias', 'now'], 'live')
    for (const name of ['alias', 'now'] as const)
      if (options[name] !== undefined) checkText(options[name], name, 'live')
    return this.#port.backend.live(options)
  }

  /** The index that a sweep needs, as DDL. */
  indexSql(): string {
    return this.#port.backend.indexSql()
  }

  /** One clean-up in plain SQL, for the database's own shell. */
  sweepSql(): string {
    return this.#port.backend.sweepSql()
  }

  /** A line for crontab(5) that cleans up where no process of yours does. */
  crontab(options: CrontabOptions = {}): string {
    checkOptions(options, ['schedule'], 'crontab')
    const { schedule = '0 3 * * *' } = options
    return this.#port.backend.crontab(checkText(schedule, 'schedule', 'crontab'))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

const WHERE = 'expiringTable()'
const OPTIONS = ['table', 'key', 'expiresAt', 'namespace', 'where', 'onDelete']

/**
 * Checks the options that every adapter has.
 *
 * @param own the names of those that the adapter adds
 * @throws {@link TtlTypeError} `TTL_INVALID`
 */
export function describeTable<Column extends string>(
  options: ExpiringTableOptions<Column>,
  own: readonly string[],
): TableDescription {
  checkOptions(options ?? null, [...OPTIONS, ...own], WHERE)
  const { table, key, expiresAt, namespace, where, onDelete } = options
  checkText(table, 'table', WHERE)
  checkText(expiresAt, 'expiresAt', WHERE)
  const columns: readonly unknown[] = Array.isArray(key) ? key : [key]
  for (const column of columns) checkText(column, 'key', WHERE)
  if (columns.length === 0 || new Set(columns).size < columns.length) {
    throw new TtlTypeError('TTL_INVALID', `key of ${WHERE} must be a column, or a list of different ones`)
  }
  if (onDelete !== undefined && typeof onDelete !== 'function') {
    throw new TtlTypeError('TTL_INVALID', `onDelete of ${WHERE} must be a function, got ${describe(onDelete)}`)
  }
  return {
    table,
    key: columns as readonly string[],
    expiresAt,
    namespace:
      typeof namespace === 'string'
        ? { column: checkText(namespace, 'namespace', WHERE) }
        : sqlFrom(namespace, 'namespace'),
    where: sqlFrom(where, 'where'),
    onDelete: onDelete as TableDescription['onDelete'],
  }
}

function sqlFrom(own: OwnSql | undefined, what: string): OwnSql | undefined {
  if (own === undefined) return undefined
  checkOptions(own, ['sql'], `${what} of ${WHERE}`)
  return { sql: checkText(own.sql, `sql of ${what}`, WHERE) }
}

function checkText(value: unknown, what: string, where: string): string {
  if (typeof value === 'string' && value.trim() !== '' && !value.includes('\0')) return value
  throw new TtlTypeError('TTL_INVALID', `${what} of ${where} must be text, and not empty, got ${describe(value)}`)
}

/** A row that is due, named by its key columns as text: that of the only one, or a JSON list of several. */
export function dueRow(namespace: string, columns: readonly (string | null)[], expiresAt: number): Due {
  const key = columns.length === 1 ? (columns[0] ?? '') : JSON.stringify(columns)
  return { space: 'entry', namespace, key, expiresAt, columns }
}

/**
 * Tells `onDelete` of rows whose deletion is committed, and waits for it.
 * @throws {@link TtlError} `TTL_BACKEND`, with what it threw as the cause
 */
export async function tellDeleted({ key, onDelete }: TableDescription, deleted: readonly Due[]): Promise<void> {
  if (onDelete === undefined || deleted.length === 0) return
  const rows = deleted.map(({ namespace, key: text, columns, expiresAt }) => ({
    namespace,
    key: text,
    columns: Object.fromEntries(key.map((column, index) => [column, columns?.[index] ?? null])),
    expiresAt: Instant.of(expiresAt),
  }))
  try {
    await onDelete(rows)
  } catch (cause) {
    const message = 'onDelete of expiringTable() failed; the rows that it was told of are deleted'
    throw new TtlError('TTL_BACKEND', message, { cause })
  }
}
