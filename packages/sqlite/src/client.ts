/** The part of better-sqlite3 that is used: what a database passed to `sqlite()` has to offer. */
export interface SqliteStatement {
  run(...params: unknown[]): SqliteRunResult
  get(...params: unknown[]): unknown
  all(...params: unknown[]): unknown[]
  safeIntegers(toggleState?: boolean): unknown
}

export interface SqliteRunResult {
  readonly changes: number
  readonly lastInsertRowid: number | bigint
}

/** Runs what it is given within one transaction, or within a savepoint when one is open already. */
export interface SqliteTransaction {
  deferred(work: () => unknown): unknown
  immediate(work: () => unknown): unknown
}

/** A `Database` of better-sqlite3, or anything that behaves like one. */
export interface SqliteDatabase {
  readonly memory: boolean
  readonly name: string
  readonly inTransaction: boolean
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  transaction(run: (work: () => unknown) => unknown): SqliteTransaction
  close(): unknown
}
