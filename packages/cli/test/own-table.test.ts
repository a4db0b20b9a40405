/**
 * Tables that this project did not make, with foreign keys, looked after by the command while a reader holds a
 * transaction open. `TTL_TEST_ROWS=1000000` for the full size.
 */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import '../../../tools/backends/src/servers.ts'
import { directory, run } from './support/run.ts'

const ROWS = Number(process.env.TTL_TEST_ROWS ?? 20_000)
// Of ten rows five are expired, one never expires, four live.
const EXPIRED = ROWS / 2
const PATIENCE = 60_000 + ROWS

interface Shop {
  readonly store: readonly string[]
  /** Carts, and the lines that refer to them. */
  count(): Promise<{ readonly carts: number; readonly lines: number }>
  /** Runs a script. */
  sql(text: string): Promise<void>
  /** Begins a transaction that sees all carts. @returns what counts them in it */
  reader(): Promise<() => Promise<number>>
  close(): Promise<void>
}

const TABLE = ['--table', 'carts', '--expires-at', 'expires_at', '--key', 'id']

const cwd = directory()

async function sqliteShop(): Promise<Shop> {
  const file = join(cwd, 'shop.db')
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.exec(`
    CREATE TABLE shops (name TEXT PRIMARY KEY);
    INSERT INTO shops VALUES ('north'), ('south');
    CREATE TABLE carts (id INTEGER PRIMARY KEY, shop TEXT NOT NULL REFERENCES shops (name), note TEXT, expires_at INTEGER);
    CREATE TABLE lines (id INTEGER PRIMARY KEY, cart INTEGER NOT NULL REFERENCES carts (id) ON DELETE CASCADE, sku TEXT);
    CREATE INDEX lines_cart ON lines (cart);
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS - 1})
      INSERT INTO carts SELECT i, iif(i % 2, 'south', 'north'), 'n' || i,
        CASE WHEN i % 10 = 9 THEN NULL WHEN i % 10 < 5 THEN (unixepoch() - 60 - i) * 1000 ELSE (unixepoch() + 3600 + i % 7200) * 1000 END FROM n;
    INSERT INTO lines SELECT id, id, 'sku' FROM carts;`)
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
  const readers: Database.Database[] = []
  return {
    store: [`sqlite:${file}`, ...TABLE, '--type', 'epoch-ms', '--namespace-column', 'shop'],
    count: async () => ({ carts: count('carts'), lines: count('lines') }),
    sql: async (text) => void db.exec(text),
    async reader() {
      const reading = new Database(file, { readonly: true })
      readers.push(reading)
      reading.exec('BEGIN')
      const seen = async () => reading.prepare('SELECT count(*) FROM carts').pluck().get() as number
      await seen()
      return seen
    },
    async close() {
      for (const each of [db, ...readers]) each.close()
    },
  }
}

async function postgresShop(): Promise<Shop> {
  const url = inject('postgresUrl')
  const schema = `own_${process.pid}_${process.hrtime.bigint().toString(36)}`
  const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}` })
  await pool.query(`
    CREATE SCHEMA ${schema};
    CREATE TABLE shops (name text PRIMARY KEY);
    INSERT INTO shops VALUES ('north'), ('south');
    CREATE TABLE carts (id bigint PRIMARY KEY, shop text NOT NULL REFERENCES shops, note text, expires_at timestamptz);
    CREATE TABLE lines (id bigint PRIMARY KEY, cart bigint NOT NULL REFERENCES carts ON DELETE CASCADE, sku text);
    INSERT INTO carts SELECT i, CASE i % 2 WHEN 1 THEN 'south' ELSE 'north' END, 'n' || i,
      CASE WHEN i % 10 = 9 THEN NULL WHEN i % 10 < 5 THEN now() - interval '1 minute' - i * interval '1 second'
        ELSE now() + interval '1 hour' + i % 7200 * interval '1 second' END FROM generate_series(0, ${ROWS - 1}) i;
    INSERT INTO lines SELECT id, id, 'sku' FROM carts;
    CREATE INDEX lines_cart ON lines (cart);
    ANALYZE carts; ANALYZE lines`)
  const readers: pg.PoolClient[] = []
  const count = async (client: pg.Pool | pg.PoolClient, table: string) =>
    (await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`)).rows[0]?.count ?? 0
  return {
    store: [url, ...TABLE, '--schema', schema, '--namespace-column', 'shop'],
    count: async () => ({ carts: await count(pool, 'carts'), lines: await count(pool, 'lines') }),
    sql: async (text) => void (await pool.query(text)),
    async reader() {
      const client = await pool.connect()
      readers.push(client)
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
      const seen = () => count(client, 'carts')
      await seen()
      return seen
    },
    async close() {
      for (const reader of readers) {
        await reader.query('ROLLBACK')
        reader.release()
      }
      await pool.query(`DROP SCHEMA ${schema} CASCADE`)
      await pool.end()
    },
  }
}

for (const [name, open] of [
  ['SQLite', sqliteShop],
  ['PostgreSQL', postgresShop],
] as const) {
  describe(`a table of the application's own on ${name}`, () => {
    let shop: Shop
    beforeAll(async () => {
      shop = await open()
    }, PATIENCE)
    afterAll(() => shop.close())
    const ttl = (command: string, ...args: string[]) => run([command, ...shop.store, ...args])
    const json = async (command: string, ...args: string[]) =>
      JSON.parse((await ttl(command, ...args, '--json')).stdout)

    it(
      'is refused without an index, and the command says which',
      async () => {
        const refused = await ttl('stats')
        expect(refused).toMatchObject({ code: 1, stdout: '' })
        expect(refused.stderr).toMatch(/CREATE INDEX/)
        const schema = await ttl('schema')
        expect(schema).toMatchObject({ code: 0, stderr: '' })
        await shop.sql(schema.stdout)
      },
      PATIENCE,
    )

    it(
      'is counted, forecast and previewed, and nothing is changed',
      async () => {
        const { namespaces } = await json('stats')
        const half = (count: number) => ({ entries: { expired: count } })
        const of = (shop: string) => namespaces.find((each: { namespace: string }) => each.namespace === shop)
        expect(of('north')).toMatchObject(half((EXPIRED / 5) * 3))
        expect(of('south')).toMatchObject(half((EXPIRED / 5) * 2))
        expect((await json('forecast')).never).toEqual({ entries: ROWS / 10, groups: 0 })
        expect(await json('preview', '--limit', '500')).toMatchObject({ found: 500, more: true })
        const soon = await json('preview', '--within', '1d', '--limit', '10')
        expect(soon).toMatchObject({ found: 10, more: true })
        expect(await shop.count()).toEqual({ carts: ROWS, lines: ROWS })
      },
      PATIENCE,
    )

    it(
      'is swept in parts, then whole, while a reader holds a transaction open',
      async () => {
        const seen = await shop.reader()
        expect(await ttl('sweep', '--limit', '1234')).toMatchObject({ code: 3, stderr: '' })
        expect(await shop.count()).toEqual({ carts: ROWS - 1234, lines: ROWS - 1234 })
        let deleted = 0
        // On a busy machine even the first batch may come too late.
        for (let turn = 0; turn < 20 && deleted === 0; turn++) {
          const bounded = await ttl('sweep', '--max-time', '10ms', '--json')
          expect(bounded.code).toBe(3)
          deleted = (JSON.parse(bounded.stdout) as { deleted: number }).deleted
        }
        expect(deleted).toBeGreaterThan(0)
        expect(deleted).toBeLessThan(EXPIRED - 1234)
        expect(await ttl('sweep', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' })
        expect(await shop.count()).toEqual({ carts: ROWS - EXPIRED, lines: ROWS - EXPIRED })
        expect(await seen()).toBe(ROWS)
        expect(await json('preview')).toMatchObject({ found: 0 })
      },
      PATIENCE,
    )
  })
}
