import { resolve } from 'node:path'
import { TtlError } from '@ttl/core'
import type { Awaitable } from '@ttl/core/adapter'
import Database from 'better-sqlite3'
import { Checkpointer } from './checkpointer.ts'
import type { SqliteDatabase, SqliteTransaction } from './client.ts'

const OLDEST_NODE = 22

/** How long a statement may block the event loop for a lock, in milliseconds; then the operation waits without blocking. */
const BLOCKING_WAIT_MS = 3

/** While checkpoints are made in the background, SQLite's own are a fallback that bounds the WAL to 64 MB. */
const RARE_CHECKPOINT_PAGES = 16_000

/** An open database with its statements. Everything that runs in it is synchronous. */
export interface Session<Sql> {
  readonly sql: Sql
  /** How long a statement may wait for the write lock, in milliseconds. */
  readonly longestWaitMs: number
  /** The clock that judges. Read it after the lock that the work waits for. */
  now(): number
  /** Runs reads on one state of the database. */
  snapshot<T>(work: () => T): T
  /**
   * Runs a transaction that holds the write lock from its beginning: a later upgrade could not wait for it.
   *
   * @param rows about how many rows it writes
   */
  immediate<T>(rows: number, work: () => T): T
  /**
   * Runs one statement that writes one row, which is a transaction by itself: half the cost of one around it. It may have
   * to wait for the lock after the clock was read: only for what is as right a moment later.
   */
  alone<T>(statement: () => T): T
}

/** What is to be done with a database. */
export interface Plan<Sql> {
  open(path: string): Database.Database
  /** Makes sure that the tables are as they should be, and prepares: asked before each use, and so quick when nothing has changed. */
  prepare(db: SqliteDatabase): Sql
}

/** Opens on first use, and again on the next use when that failed. */
export class Connection<Sql> {
  readonly #target: string | SqliteDatabase
  readonly #plan: Plan<Sql>
  readonly #now: () => number
  #db: SqliteDatabase | undefined
  #session: Session<Sql> | undefined
  #checkpointer: Checkpointer | undefined

  constructor(target: string | SqliteDatabase, plan: Plan<Sql>, now: () => number) {
    this.#target = target
    this.#plan = plan
    this.#now = now
  }

  /** Whether a transaction of the caller is open on the database. */
  get inTransaction(): boolean {
    return typeof this.#target !== 'string' && this.#target.inTransaction
  }

  session(): Session<Sql> {
    const db = this.#db ?? (typeof this.#target === 'string' ? this.#plan.open(this.#target) : this.#target)
    let sql: Sql
    try {
      sql = this.#plan.prepare(db)
    } catch (error) {
      if (this.#db === undefined && db !== this.#target) db.close()
      throw error
    }
    this.#checkpointer ??= db === this.#target || db.memory ? undefined : checkpointerOf(db)
    if (sql !== this.#session?.sql) this.#session = sessionOf(db, sql, this.#now, this.#checkpointer)
    this.#db = db
    return this.#session as Session<Sql>
  }

  /** Resolves when no checkpoint is running in the background. */
  settled(): Promise<void> | undefined {
    return this.#checkpointer?.settled()
  }

  /** Closes the database if it was opened here. */
  close(): Awaitable<void> {
    const db = this.#db
    const ended = this.#checkpointer?.close()
    this.#db = undefined
    this.#session = undefined
    this.#checkpointer = undefined
    if (db === undefined || db === this.#target) return
    if (ended === undefined) db.close()
    else return ended.then(() => void db.close())
  }
}

/** Opens a file without changing anything about it. */
export function connect(path: string, options: { readonly fileMustExist?: boolean } = {}): Database.Database {
  checkNode(process.versions.node)
  return new Database(path, { ...options, timeout: BLOCKING_WAIT_MS })
}

/** better-sqlite3 13 ends an older process without a word. */
export function checkNode(version: string): void {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return
  throw new TtlError(
    'TTL_UNSUPPORTED',
    `@ttl/sqlite needs Node ${OLDEST_NODE} or newer, this is Node ${version}; upgrade Node`,
  )
}

function checkpointerOf(db: SqliteDatabase): Checkpointer {
  // Absolute, as the working directory may be another one when the thread opens it.
  const file = db.name.startsWith('file:') ? db.name : resolve(db.name)
  return new Checkpointer(file, (working) => {
    db.exec(`PRAGMA wal_autocheckpoint = ${working ? RARE_CHECKPOINT_PAGES : 1_000}`)
  })
}

function sessionOf<Sql>(
  db: SqliteDatabase,
  sql: Sql,
  now: () => number,
  checkpointer: Checkpointer | undefined,
): Session<Sql> {
  const transaction: SqliteTransaction = db.transaction((work) => work())
  const { timeout } = db.prepare('PRAGMA busy_timeout').get() as { readonly timeout: number | bigint }
  return {
    sql,
    longestWaitMs: Number(timeout),
    now,
    snapshot: <T>(work: () => T) => transaction.deferred(work) as T,
    immediate: <T>(rows: number, work: () => T) => {
      const result = transaction.immediate(work) as T
      checkpointer?.wrote(rows)
      return result
    },
    alone: <T>(statement: () => T) => {
      const result = statement()
      checkpointer?.wrote(1)
      return result
    },
  }
}
