import { TtlTypeError } from '@ttl/core'
import type { TableDescription } from '@ttl/core/adapter'
import type { Database } from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from '../client.ts'
import { connect, type Plan } from '../connection.ts'
import { quoted } from '../quoting.ts'
import { checkEnforced, invalid, readCatalog } from './catalog.ts'
import { type DeadlineType, FORMATS } from './formats.ts'
import { findRoute } from './route.ts'
import { enclosed, type Shape, shapeOf } from './shape.ts'
import { TableShelf } from './shelf.ts'
import { prepareAll } from './statements.ts'

export interface AdoptedTable extends TableDescription {
  readonly type: DeadlineType
}

interface Prepared {
  readonly db: SqliteDatabase
  readonly version: SqliteStatement
  readonly enforced: SqliteStatement
  readonly at: number
  readonly referred: boolean
  readonly shelf: TableShelf
}

/** The application's table: looked at before its first use, and again when the schema of the database has changed. */
export class TablePlan implements Plan<TableShelf> {
  readonly #table: AdoptedTable
  readonly #shape: Shape
  #prepared: Prepared | undefined

  constructor(table: AdoptedTable) {
    this.#table = table
    this.#shape = shapeOf(table)
  }

  /** The application's file: it has to exist, and nothing about it is changed. */
  open(path: string): Database {
    const db = connect(path, { fileMustExist: true })
    db.pragma('foreign_keys = ON')
    return db
  }

  prepare(db: SqliteDatabase): TableShelf {
    const before = this.#prepared?.db === db ? this.#prepared : undefined
    const version = before?.version ?? db.prepare('PRAGMA schema_version')
    const enforced = before?.enforced ?? db.prepare('PRAGMA foreign_keys')
    const at = Number((version.get() as { schema_version: number | bigint }).schema_version)
    const now = before?.at === at ? before : { db, version, enforced, at, ...this.#adopt(db) }
    if (now.referred) checkEnforced(now.enforced, this.#table.table)
    this.#prepared = now
    return now.shelf
  }

  #adopt(db: SqliteDatabase): Pick<Prepared, 'referred' | 'shelf'> {
    const catalog = readCatalog(db, this.#table)
    const { type } = this.#table
    const format = FORMATS[type]
    if (format.unfit.includes(catalog.affinity)) {
      throw invalid(
        `was told that ${this.#shape.deadline} of ${this.#shape.table} holds ${format.example}, but the column is declared ${catalog.affinity}, ` +
          'in which such values do not compare as instants; give the type that it has',
      )
    }
    this.#checkOwnSql(db)
    const route = findRoute(db, this.#shape, catalog, indexSql(this.#table))
    const shelf = new TableShelf({
      table: this.#table.table,
      title: `${this.#shape.deadline} of ${this.#shape.table}`,
      keys: this.#table.key.length,
      ids: route.ids.length,
      format,
      sql: prepareAll(db, this.#shape, route),
    })
    shelf.checkEnds()
    return { referred: catalog.referred, shelf }
  }

  /** An expression has to be one without the parentheses that it gets: closing them would end the condition that spares what lives. */
  #checkOwnSql(db: SqliteDatabase): void {
    const { table, own } = this.#shape
    for (const [option, sql] of own) {
      try {
        db.prepare(`SELECT 1 FROM ${table} WHERE ${enclosed(sql)}`)
        db.prepare(`SELECT ${sql}\nFROM ${table}`)
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause)
        throw new TtlTypeError('TTL_INVALID', `${option} of expiringTable() is no expression on ${table}: ${message}`, {
          cause,
        })
      }
    }
  }
}

export function indexSql({ table, expiresAt }: TableDescription): string {
  return `CREATE INDEX IF NOT EXISTS ${quoted(`${table}_${expiresAt}_ttl`)} ON ${quoted(table)} (${quoted(expiresAt)})`
}
