import { TtlError } from '@ttl/core'
import type { Clock } from '@ttl/core/adapter'
import { type PostgresClient, type PostgresResult, type Row, Statement, send, sendAll } from './client.ts'
import { isForeignStatement, isUndefinedTable, wasRolledBack } from './errors.ts'
import type { Names } from './schema.ts'

/** What the sessions of one backend have in common. */
export interface Common {
  /** Makes sure, before the first statement, that the tables are what statements expect. */
  readonly ready: (client: PostgresClient) => Promise<void>
  /** The clock as SQL: the server's, or a parameter. */
  readonly clockSql: string
  readonly clock: Clock | undefined
  readonly prepare: boolean
  /** Every statement, once it was needed. */
  readonly statements: Map<string, Statement>
}

/** What the sessions of a backend with tables of its own have in common. */
export interface Own extends Common {
  readonly names: Names
}

/** How often a statement is tried that the server rolls back in favour of another one. */
const ATTEMPTS = 20

/** Those that were set against each other do not meet again at once. */
const apart = (attempt: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 2 * Math.min(attempt, 10)))

const rowsOf = ({ rows }: PostgresResult): readonly Row[] => rows as Row[]

/** Tables that are there, and a client to reach them. */
export class Session<Shared extends Common = Own> {
  readonly common: Shared
  /** Whether every statement runs in a transaction of the caller. */
  readonly bound: boolean
  readonly #client: () => PostgresClient | Promise<PostgresClient>
  readonly #wrote = new WeakSet<object>()
  #current: boolean
  #preparing: Promise<void> | undefined

  constructor(
    common: Shared,
    client: () => PostgresClient | Promise<PostgresClient>,
    bound: boolean,
    current: boolean,
  ) {
    this.common = common
    this.#client = client
    this.bound = bound
    this.#current = current
  }

  /** Whether the tables were seen, committed and current. */
  get current(): boolean {
    return this.#current && !this.bound
  }

  /**
   * Runs a statement: one round trip. Again where the server undid it in favour of another one: batches lock what is there
   * in the order of its keys, but one that another batch has just created comes later, and so may close a circle.
   */
  run(id: string, sql: () => string, args: Readonly<Record<string, unknown>>, writes = false): Promise<readonly Row[]> {
    // No async function, here and on the way of a single read: it is a tenth of what a read costs this process.
    if (!this.#current) return this.ready().then(() => this.run(id, sql, args, writes))
    const { statements } = this.common
    let statement = statements.get(id)
    if (statement === undefined) {
      statement = new Statement(sql())
      statements.set(id, statement)
    }
    return this.#attempt(statement, args, writes, 1)
  }

  #attempt(
    statement: Statement,
    args: Readonly<Record<string, unknown>>,
    writes: boolean,
    attempt: number,
  ): Promise<readonly Row[]> {
    const { clock, prepare } = this.common
    const client = this.#client()
    const all = clock === undefined ? args : { ...args, now: Math.floor(clock.now()) }
    const sent =
      client instanceof Promise
        ? client.then((opened) => send(opened, statement, all, prepare))
        : send(client, statement, all, prepare)
    return sent.then(rowsOf, (error: unknown) => {
      if (this.bound || attempt === ATTEMPTS || !wasRolledBack(error)) throw this.#noted(error, writes)
      return apart(attempt).then(() => this.#attempt(statement, args, writes, attempt + 1))
    })
  }

  /** Runs a script without parameters. Answers the rows of each statement. */
  async script(text: string, writes = false): Promise<readonly (readonly Row[])[]> {
    if (!this.#current) await this.ready()
    try {
      return await sendAll(await this.#client(), text)
    } catch (error) {
      throw this.#noted(error, writes)
    }
  }

  /** Makes sure of the tables, once; a failure is not remembered. */
  ready(): Promise<void> {
    this.#preparing ??= this.#ready().finally(() => {
      this.#preparing = undefined
    })
    return this.#preparing
  }

  /** Whether the statement behind this error was to change something. */
  wrote(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#wrote.has(error)
  }

  async #ready(): Promise<void> {
    await this.common.ready(await this.#client())
    this.#current = true
  }

  #noted(error: unknown, writes: boolean): unknown {
    if (writes && typeof error === 'object' && error !== null) this.#wrote.add(error)
    if (isUndefinedTable(error)) this.#current = false
    if (!this.common.prepare || !isForeignStatement(error)) return error
    return new TtlError(
      'TTL_UNSUPPORTED',
      'a prepared statement got lost between statements, as behind a pooler in transaction mode: pass { prepare: false } to postgres(), ' +
        'or let the pooler keep track of names (PgBouncer 1.21 and newer: max_prepared_statements)',
      { cause: error },
    )
  }
}
