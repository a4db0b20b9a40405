import type { Database } from 'better-sqlite3'
import type { SqliteDatabase } from './client.ts'
import { connect, type Plan, type Session } from './connection.ts'
import { migrate, type Names, namesFor } from './schema.ts'
import { prepareAll, type Statements } from './statements.ts'

export type ItemSession = Session<Statements>

/** So much of the file is read in place, out of the system's own cache: SQLite's own limit. A quarter more reads at 100 000 entries. */
const MAPPED_BYTES = 2_147_418_112

/** The tables of a backend: created on first use, in a file that is ours to configure. */
export class ItemTables implements Plan<Statements> {
  readonly #names: Names
  #prepared: { readonly db: SqliteDatabase; readonly sql: Statements } | undefined
  #migrated = false

  constructor(table: string) {
    this.#names = namesFor(table)
  }

  open(path: string): Database {
    const db = connect(path)
    try {
      if (db.pragma('journal_mode', { simple: true }) !== 'wal') db.pragma('journal_mode = WAL')
      db.pragma('synchronous = NORMAL')
      db.pragma('journal_size_limit = 67108864')
      db.pragma(`mmap_size = ${MAPPED_BYTES}`)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  }

  prepare(db: SqliteDatabase): Statements {
    if (this.#migrated && this.#prepared?.db === db) return this.#prepared.sql
    migrate(db, this.#names)
    if (this.#prepared?.db !== db) this.#prepared = { db, sql: prepareAll(db, this.#names) }
    // The caller's transaction may still roll the tables back.
    this.#migrated = !db.inTransaction
    return this.#prepared.sql
  }
}
