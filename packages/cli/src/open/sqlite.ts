import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type * as Adapter from '@ttl/sqlite'
import type Driver from 'better-sqlite3'
import { Absent, Failure } from '../exit.ts'
import { loadAdapter } from '../load.ts'
import { type Access, type Found, type Named, noStore, type Opened, opened, type Which } from './opened.ts'

type Database = Driver.Database

/** How long a command waits for a lock that others hold. */
export const PATIENCE = { ms: 30_000, text: '30s' } as const

export async function openSqlite(path: string, { table = 'ttl' }: Which, access: Access): Promise<Opened> {
  const { exports, driver } = await loadAdapter<typeof Adapter>('@ttl/sqlite', 'better-sqlite3')
  if (access === 'fill') return opened(exports.sqlite(path, { table, busyTimeout: PATIENCE.text }))
  const db = openReading(path, await driver<typeof Driver>('better-sqlite3'))
  try {
    if (!hasTable(db, `${table}_meta`)) throw new Absent(noStore(table, storesIn(db), deadlinesIn(db), ' --type TYPE'))
    if (access === 'read') return opened(exports.sqlite(db, { table }), () => db.close())
  } catch (error) {
    db.close()
    throw error
  }
  db.close()
  return opened(exports.sqlite(path, { table, busyTimeout: PATIENCE.text }))
}

/** A connection that cannot write, and creates nothing. One opened for reading only would leave files of a WAL behind. */
export function openReading(path: string, Database: typeof Driver): Database {
  const kind = statSync(path, { throwIfNoEntry: false })
  if (kind === undefined) throw new Absent('there is no such file')
  if (kind.isDirectory()) throw new Failure('it is a directory')
  const db = new Database(path, { fileMustExist: true, timeout: PATIENCE.ms })
  try {
    db.pragma('query_only = ON')
    db.pragma('schema_version')
    return db
  } catch (error) {
    db.close()
    throw isUnwritable(dirname(path)) && isRefusal(error) ? new Failure(UNWRITABLE, { cause: error }) : error
  }
}

const UNWRITABLE =
  'its directory cannot be written to, and a database in WAL mode needs files beside it, even to be read; run this as a user who may write there, or on a copy'

/** How SQLite says that it cannot make the files of a WAL. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown }
  return code === 'SQLITE_READONLY_DIRECTORY' || code === 'SQLITE_CANTOPEN'
}

function isUnwritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return false
  } catch {
    return true
  }
}

function hasTable(db: Database, name: string): boolean {
  const known = `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE`
  return db.prepare(known).get(name) !== undefined
}

function storesIn(db: Database): Named[] {
  const tables = `SELECT name AS "table" FROM sqlite_master m WHERE type = 'table' AND EXISTS (
    SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = m.name || '_meta') ORDER BY name LIMIT 10`
  return db.prepare(tables).all() as Named[]
}

function deadlinesIn(db: Database): Found[] {
  const columns = `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND c.name LIKE '%expir%' ORDER BY 1, c.cid LIMIT 10`
  return db.prepare(columns).all() as Found[]
}
