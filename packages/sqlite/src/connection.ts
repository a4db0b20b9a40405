import { resolve } from 'node:path'
import { TtlError } from '@ttl/core'
import type { Awaitable } from '@ttl/core/adapter'
import Database from 'better-sqlite3'
import { Checkpointer } from './checkpointer.ts'
import type { SqliteDatabase, SqliteTransaction } from './client.ts'
import { migrate, type Names } from './schema.ts'
import { prepareAll, type Statements } from './statements.ts'

const OLDEST_NODE = 22

/** How long a statement may block the event loop for a lock, in milliseconds; then the operation waits without blocking. */
const BLOCKING_WAIT_MS = 3

/** While checkpoints are made in the background, SQLite's own are a fallback that bounds the WAL to 64 MB. */
const RARE_CHECKPOINT_PAGES = 16_000

/** An open database with its statements. Everything that runs in it is synchronous. */
export interface Session {
  readonly sql: Statements
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
}

/** Opens on first use, and again on the next use when that failed. */
export class Connection {
  readonly #target: string | SqliteDatabase
  readonly #names: Names
  readonly #now: () => number
  #db: SqliteDatabase | undefined
  #session: Session | undefined
  #checkpointer: Checkpointer | undefined
  #migrated = false

  constructor(target: string | SqliteDatabase, names: Names, now: () => number) {
    this.#target = target
    this.#names = names
    this.#now = now
  }

  /** Whether a transaction of the caller is open on the database. */
  get inTransaction(): boolean {
    return typeof this.#target !== 'string' && this.#target.inTransaction
  }

  session(): Session {
    if (this.#session !== undefined && this.#migrated) return this.#session
    const db = this.#db ?? (typeof this.#target === 'string' ? open(this.#target) : this.#target)
    try {
      migrate(db, this.#names)
      this.#checkpointer ??= db === this.#target || db.memory ? undefined : checkpointerOf(db)
      this.#session ??= sessionOf(db, prepareAll(db, this.#names), this.#now, this.#checkpointer)
    } catch (error) {
      if (db !== this.#target) {
        this.#db = undefined
        this.#session = undefined
        this.#checkpointer = undefined
        db.close()
      }
      throw error
    }
    this.#db = db
    // The caller's transaction may still roll the tables back.
    this.#migrated = !db.inTransaction
    return this.#session
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

function open(path: string): SqliteDatabase {
  checkNode(process.versions.node)
  const db = new Database(path, { timeout: BLOCKING_WAIT_MS })
  try {
    if (db.pragma('journal_mode', { simple: true }) !== 'wal') db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('journal_size_limit = 67108864')
    return db
  } catch (error) {
    db.close()
    throw error
  }
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

function sessionOf(
  db: SqliteDatabase,
  sql: Statements,
  now: () => number,
  checkpointer: Checkpointer | undefined,
): Session {
  const transaction: SqliteTransaction = db.transaction((work) => work())
  return {
    sql,
    now,
    snapshot: <T>(work: () => T) => transaction.deferred(work) as T,
    immediate: <T>(rows: number, work: () => T) => {
      const result = transaction.immediate(work) as T
      checkpointer?.wrote(rows)
      return result
    },
  }
}
