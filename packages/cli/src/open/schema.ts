/** What a database has to be given before a store can use it, as SQL. Connects to nothing. */
import type * as Postgres from '@ttl/postgres'
import type * as Sqlite from '@ttl/sqlite'
import type Driver from 'better-sqlite3'
import { UsageError } from '../exit.ts'
import { loadAdapter } from '../load.ts'
import type { Place } from '../place.ts'
import type { Which } from './opened.ts'
import { isOwn, type Own, ownSqlOf } from './own-table.ts'

export async function ddlOf(place: Place, own: Own): Promise<string> {
  if (isOwn(own)) return `${(await ownSqlOf(place, own)).index};`
  return storeDdl(place, own)
}

async function storeDdl({ kind }: Place, { table, schema }: Which): Promise<string> {
  if (kind === 'sqlite') return sqliteDdl(table)
  if (kind === 'redis') throw new UsageError('Redis has no schema: there is nothing to set up')
  const { exports } = await loadAdapter<typeof Postgres>('@ttl/postgres', 'pg')
  return exports.postgres({}, { table, schema }).schemaSql()
}

/** Made in memory, and read from there. */
async function sqliteDdl(table = 'ttl'): Promise<string> {
  const { exports, driver } = await loadAdapter<typeof Sqlite>('@ttl/sqlite', 'better-sqlite3')
  const Database = await driver<typeof Driver>('better-sqlite3')
  const db = new Database(':memory:')
  try {
    await exports.sqlite(db, { table }).stats?.()
    const made = db.prepare('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid').pluck().all()
    const meta = quoted(`${table}_meta`)
    const facts = db
      .prepare(`SELECT format('INSERT INTO %s VALUES (%Q, %d)', ?, name, value) FROM ${meta}`)
      .pluck()
      .all(meta)
    return [...made, ...facts].map((sql) => `${sql};`).join('\n')
  } finally {
    db.close()
  }
}

/** A job of pg_cron that sweeps a table of the application's own. A store's own tables are swept by `ttl`, or by the application. */
export async function pgCronOf(place: Place, own: Own): Promise<string> {
  const pgCron = isOwn(own) ? (await ownSqlOf(place, own)).pgCron : undefined
  if (pgCron === undefined)
    throw new UsageError(
      '--pg-cron is for a table of your own on PostgreSQL: --table, --expires-at, --key; else --cron',
    )
  return `${pgCron};`
}

/** What a role of PostgreSQL needs to use the tables of a store, or to sweep a table of the application's own, and no more. */
export function grantsFor(role: string, own: Own): string {
  const { table = 'ttl', schema } = own
  const named = (suffix: string) =>
    [...(schema === undefined ? [] : [schema]), `${table}${suffix}`].map(quoted).join('.')
  const to = `TO ${quoted(role)}`
  return [
    ...(schema === undefined ? [] : [`GRANT USAGE ON SCHEMA ${quoted(schema)} ${to};`]),
    ...(own.expiresAt === undefined
      ? grantsOfStore(named, to)
      : // A sweep updates nothing, but FOR UPDATE asks for that privilege on a column.
        [`GRANT SELECT, DELETE, UPDATE (${quoted(own.expiresAt)}) ON ${named('')} ${to};`]),
  ].join('\n')
}

const grantsOfStore = (named: (suffix: string) => string, to: string): readonly string[] => [
  `GRANT SELECT, INSERT, UPDATE, DELETE ON ${named('')}, ${named('_members')} ${to};`,
  `GRANT SELECT ON ${named('_meta')} ${to};`,
  `GRANT USAGE ON SEQUENCE ${named('_ids')} ${to};`,
]

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
