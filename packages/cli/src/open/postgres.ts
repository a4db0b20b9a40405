import type * as Adapter from '@ttl/postgres'
import type * as Driver from 'pg'
import { Absent } from '../exit.ts'
import { loadAdapter } from '../load.ts'
import { type Access, type Found, type Named, noStore, type Opened, opened, type Which } from './opened.ts'

export async function openPostgres(url: string, which: Which, access: Access): Promise<Opened> {
  const { table = 'ttl', schema } = which
  const { exports, driver } = await loadAdapter<typeof Adapter>('@ttl/postgres', 'pg')
  const pool = openPool(url, await driver<typeof Driver>('pg'))
  try {
    if (access !== 'fill' && !(await hasTable(pool, schema, `${table}_meta`)))
      throw new Absent(noStore(table, await storesIn(pool), await deadlinesIn(pool)))
  } catch (error) {
    await pool.end()
    throw error
  }
  // A command makes few statements, and may come through a pooler that cannot keep track of names.
  return opened(exports.postgres(pool, { table, schema, prepare: false }), () => pool.end())
}

export function openPool(url: string, { Pool }: typeof Driver): Driver.Pool {
  const pool = new Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: 10_000,
    application_name: 'ttl',
    keepAlive: true,
  })
  // A connection that breaks fails the query that needs it; without a listener it would end the process as well.
  pool.on('error', () => undefined)
  return pool
}

async function hasTable(pool: Driver.Pool, schema: string | undefined, name: string): Promise<boolean> {
  const { rows } = await pool.query<{ there: boolean }>(
    `SELECT to_regclass(coalesce(quote_ident($1) || '.', '') || quote_ident($2)) IS NOT NULL AS there`,
    [schema ?? null, name],
  )
  return rows[0]?.there === true
}

async function storesIn(pool: Driver.Pool): Promise<Named[]> {
  const { rows } = await pool.query<Named>(
    `SELECT table_schema AS schema, table_name AS "table" FROM information_schema.tables t WHERE EXISTS (
      SELECT FROM information_schema.tables WHERE table_schema = t.table_schema AND table_name = t.table_name || '_meta')
      ORDER BY 1, 2 LIMIT 10`,
  )
  return rows
}

async function deadlinesIn(pool: Driver.Pool): Promise<Found[]> {
  const { rows } = await pool.query<Found>(
    `SELECT table_schema AS schema, table_name AS "table", column_name AS "column" FROM information_schema.columns
      WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND column_name ILIKE '%expir%'
      ORDER BY table_schema, table_name, ordinal_position LIMIT 10`,
  )
  return rows
}
