/** What the database says about a table. Reads only. */
import { TtlError, TtlTypeError } from '@ttl/core'
import type { TableDescription } from '@ttl/core/adapter'
import type { SqliteDatabase, SqliteStatement } from '../client.ts'
import { quoted } from '../quoting.ts'
import { type Affinity, affinityOf } from './formats.ts'

export interface Catalog {
  /** What names a row inside the database, as SQL. */
  readonly ids: readonly string[]
  readonly affinity: Affinity
  /** Names of the indexes whose first column is that of the deadline. */
  readonly indexes: readonly string[]
  /** Whether rows of other tables refer to its rows. */
  readonly referred: boolean
}

interface Column {
  readonly name: string
  readonly type: string
  /** Its place in the primary key, from 1. */
  readonly pk: number
}

export function query<Row>(db: SqliteDatabase, sql: string, ...parameters: unknown[]): Row[] {
  const statement = db.prepare(sql)
  statement.safeIntegers(false)
  return statement.all(...parameters) as Row[]
}

/**
 * @throws {@link TtlTypeError} `TTL_INVALID` when the table, or a column, is not there
 * @throws {@link TtlError} `TTL_UNSUPPORTED` when what refers to its rows could not be kept in order
 */
export function readCatalog(db: SqliteDatabase, described: TableDescription): Catalog {
  const { table, key, expiresAt, namespace } = described
  const [found] = query<{ type: string; wr: number }>(
    db,
    `SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE`,
    table,
  )
  if (found === undefined) throw invalid(`finds no table ${quoted(table)} in the database`)
  if (found.type !== 'table') throw invalid(`takes a table, but ${quoted(table)} is a ${found.type} table or a view`)
  const columns = query<Column>(db, 'SELECT name, type, pk FROM pragma_table_xinfo(?)', table)
  const find = (wanted: string) => columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  for (const wanted of [expiresAt, ...key, ...(namespace && 'column' in namespace ? [namespace.column] : [])]) {
    if (find(wanted) !== undefined) continue
    const there = columns.map(({ name }) => quoted(name)).join(', ')
    throw invalid(`finds no column ${quoted(wanted)} in ${quoted(table)}; there are ${there}`)
  }
  const indexes = query<{ name: string }>(
    db,
    `SELECT l.name FROM pragma_index_list(?) AS l JOIN pragma_index_xinfo(l.name) AS x
     WHERE x.seqno = 0 AND x.name = ? COLLATE NOCASE ORDER BY l.partial, l.seq`,
    table,
    expiresAt,
  )
  return {
    ids: found.wr === 1 ? primaryKey(columns) : [rowId(table, columns)],
    affinity: affinityOf(find(expiresAt)?.type ?? ''),
    indexes: indexes.map(({ name }) => name),
    referred: checkReferences(db, table),
  }
}

function primaryKey(columns: readonly Column[]): string[] {
  const key = columns.filter(({ pk }) => pk > 0).sort((one, other) => one.pk - other.pk)
  return key.map(({ name }) => quoted(name))
}

function rowId(table: string, columns: readonly Column[]): string {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()))
  const free = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name))
  if (free !== undefined) return free
  const [key, ...more] = columns.filter(({ pk }) => pk > 0)
  if (key?.type.toUpperCase() === 'INTEGER' && more.length === 0) return quoted(key.name)
  throw new TtlError(
    'TTL_UNSUPPORTED',
    `${quoted(table)} has columns named rowid, _rowid_ and oid, which hide the real one`,
  )
}

interface Reference {
  readonly child: string
  readonly id: number
  readonly column: string
}

/** Refuses what would leave rows that refer to nothing, or read a whole other table for each row that is deleted. */
function checkReferences(db: SqliteDatabase, table: string): boolean {
  const references = Map.groupBy(
    query<Reference>(
      db,
      `SELECT m.name AS child, f.id, f."from" AS column FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f
       WHERE m.type = 'table' AND f."table" = ? COLLATE NOCASE ORDER BY m.name, f.id, f.seq`,
      table,
    ),
    ({ child, id }) => `${id} ${child}`,
  )
  for (const reference of references.values()) {
    const child = quoted((reference[0] as Reference).child)
    const columns = reference.map(({ column }) => quoted(column))
    const sought = columns.map((column) => `${column} = NULL`).join(' AND ')
    const [plan] = query<{ detail: string }>(db, `EXPLAIN QUERY PLAN SELECT 1 FROM ${child} WHERE ${sought}`)
    if (plan?.detail.startsWith('SEARCH')) continue
    throw new TtlError(
      'TTL_UNSUPPORTED',
      `rows of ${child} refer to ${quoted(table)} by ${columns.join(', ')} without an index, so all of them would be read for each ` +
        `row that is deleted; create one: CREATE INDEX ${quoted(`${(reference[0] as Reference).child}_${reference.map(({ column }) => column).join('_')}`)} ON ${child} (${columns.join(', ')})`,
    )
  }
  return references.size > 0
}

/** Without this, SQLite would leave what refers to a deleted row as it is. */
export function checkEnforced(pragma: SqliteStatement, table: string): void {
  const { foreign_keys } = pragma.get() as { foreign_keys: number | bigint }
  if (Number(foreign_keys) === 1) return
  throw new TtlError(
    'TTL_UNSUPPORTED',
    `rows of other tables refer to ${quoted(table)}, but this connection does not enforce foreign keys and would leave them ` +
      `behind; run PRAGMA foreign_keys = ON on it, or give a path instead of a Database`,
  )
}

export const invalid = (message: string): TtlTypeError => new TtlTypeError('TTL_INVALID', `expiringTable() ${message}`)
