import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createStore, rolling } from '@ttl/core'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { type PostgresClient, postgres } from '../src/index.ts'
import {
  freshPlace,
  freshTable,
  PEEK,
  poolOf,
  quoted,
  READ,
  rolling as rollingMs,
  SLIDE,
  sleep,
  urlOf,
  write,
} from './support.ts'

describe.each([18, 15] as const)('PostgreSQL %i', (version) => {
  const pool = poolOf(urlOf(version))

  test('processes that boot at once on nothing all succeed', async () => {
    const [table, schema] = ['tab-le"', `s ${randomBytes(4).toString('hex')}`]
    const children = Array.from({ length: 6 }, (_, index) => {
      const args = [join(import.meta.dirname, 'boot-child.ts'), urlOf(version), table, schema, `p${index}`]
      return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    })
    await sleep(1_000)
    const answers = await Promise.all(
      children.map(async (child) => {
        const output = { out: '', err: '' }
        child.stdout.on('data', (chunk) => (output.out += chunk))
        child.stderr.on('data', (chunk) => (output.err += chunk))
        child.stdin.write('go\n')
        await new Promise((resolve) => child.once('exit', resolve))
        return output
      }),
    )
    for (const { out, err } of answers) expect(out || err).toBe('[true,true,true]')
    const { rows } = await pool.query(`SELECT count(*)::int FROM ${quoted(table, schema)}`)
    expect(rows).toEqual([{ count: 24 }])
  })

  test('what looked before the lock was there does not go by what it saw then', async () => {
    for (let round = 0; round < 10; round++) {
      const schema = `s${randomBytes(4).toString('hex')}`
      const backends = Array.from({ length: 6 }, () => postgres(pool, { schema }))
      await Promise.all(backends.map((backend) => backend.migrate()))
      await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    }
  })

  test('an idle reader in an open transaction does not make a boot hang, and a current schema takes no lock', async () => {
    const { backend, table, open } = freshPlace({}, pool)
    await backend.write('ns', [write('k')])
    const reader = await pool.connect()
    try {
      await reader.query('BEGIN')
      await reader.query(`SELECT * FROM ${quoted(table)}`)
      const text: string[] = []
      const watched: PostgresClient = {
        query(query) {
          text.push(query.text)
          return pool.query(query)
        },
      }
      await open().migrate()
      const other = postgres(watched, { table })
      expect(await other.read('ns', ['k'], READ)).toEqual([{ payload: 'v' }])
      expect(text.join()).not.toMatch(/CREATE|ALTER|advisory/)
      // Even with the tables locked against everything, a boot finds out that they are current.
      await reader.query(`LOCK TABLE ${quoted(table)} IN ACCESS EXCLUSIVE MODE`)
      await open().migrate()
    } finally {
      await reader.query('ROLLBACK')
      reader.release()
    }
  })

  test('tables of a newer version are refused', async () => {
    const { backend, table, open } = freshPlace({}, pool)
    await backend.migrate()
    await pool.query(`UPDATE ${quoted(`${table}_meta`)} SET version = 99`)
    await expect(open().read('ns', ['k'], READ)).rejects.toMatchObject({
      code: 'TTL_UNSUPPORTED',
      message: expect.stringContaining('schema version 99'),
    })
  })

  test('schemaSql makes what migrate makes, and changes nothing the second time', async () => {
    const shape = (table: string) =>
      pool.query({
        text: `SELECT replace(c.relname, $1, 't') AS name, c.relkind, c.reloptions::text,
            (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attstorage::text || a.attnotnull::text, ',' ORDER BY a.attnum)
              FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
          FROM pg_class c WHERE starts_with(c.relname, $1) ORDER BY 1`,
        values: [table],
        rowMode: 'array',
      })
    const migrated = freshPlace({}, pool)
    await migrated.backend.migrate()
    const manual = freshPlace({}, pool)
    const sql = manual.backend.schemaSql()
    await pool.query(sql)
    await pool.query(sql)
    expect((await shape(manual.table)).rows).toEqual((await shape(migrated.table)).rows)
    await manual.backend.write('ns', [write('k')])
    expect(await manual.backend.read('ns', ['k'], READ)).toEqual([{ payload: 'v' }])
  })

  test('a role that may only read and write rows is enough once the tables are there', async () => {
    const { backend, table } = freshPlace({}, pool)
    await backend.migrate()
    const role = `r${table}`
    await pool.query(`
      CREATE ROLE ${role} LOGIN;
      REVOKE CREATE ON SCHEMA public FROM PUBLIC;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ${quoted(table)}, ${quoted(`${table}_members`)} TO ${role};
      GRANT SELECT ON ${quoted(`${table}_meta`)} TO ${role};
      GRANT USAGE ON SEQUENCE ${quoted(`${table}_ids`)} TO ${role}`)
    const least = poolOf(urlOf(version).replace('postgres@', `${role}@`))
    const store = createStore({ backend: postgres(least, { table }), policy: rolling('1h') })
    const ns = store.namespace('ns')
    await ns.set('k', 1)
    await ns.group('g').setMany({ a: 1, b: 2 })
    expect(await ns.group('g').delete('a')).toBe(true)
    expect(await ns.take('k')).toBe(1)
    expect(await ns.group('g').delete()).toBe(true)
    await ns.clear()
    await store.sweep()
  })

  test('a transaction can make the tables, and take them back', async () => {
    const { backend, table } = freshPlace({}, pool)
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await backend.with(client).write('ns', [write('k')])
      await client.query('ROLLBACK')
    } finally {
      client.release()
    }
    expect((await pool.query('SELECT to_regclass($1) AS t', [quoted(table)])).rows).toEqual([{ t: null }])
    await backend.write('ns', [write('k')])
    expect(await backend.read('ns', ['k'], PEEK)).toMatchObject([{ payload: 'v' }])
  })

  test('instants mean the same in every time zone, across a change of the clocks', async () => {
    const { backend, table } = freshPlace({}, pool)
    await backend.write('ns', [write('k', 'v', rollingMs(3_600_000))])
    const [here] = await backend.inspect('entry', 'ns', ['k'])
    for (const zone of ['Asia/Tokyo', 'America/New_York', 'Australia/Lord_Howe']) {
      const there = postgres(poolOf(urlOf(version), { options: `-c TimeZone=${zone}` }), { table })
      const [reading] = await there.inspect('entry', 'ns', ['k'])
      expect(reading?.expiresAt).toBe(here?.expiresAt)
      expect(Math.abs((reading?.now ?? 0) - Date.now())).toBeLessThan(5_000)
    }
    // A second before New York's clocks skip an hour.
    const before = Date.UTC(2026, 2, 8, 6, 59, 59)
    const clock = { now: () => before }
    const dst = freshPlace({ clock }, poolOf(urlOf(version), { options: '-c TimeZone=America/New_York' }))
    await dst.backend.write('ns', [write('k', 'v', rollingMs(3_600_000))])
    expect((await dst.backend.inspect('entry', 'ns', ['k']))[0]?.expiresAt).toBe(before + 3_600_000)
  })

  test('a Client works as a pool does, also for calls that are not awaited', async () => {
    const client = new pg.Client({ connectionString: urlOf(version) })
    await client.connect()
    const backend = postgres(client, { table: freshTable() })
    await Promise.all([
      backend.write('ns', [write('a')]),
      backend.write('m', [write('b')]),
      backend.read('ns', ['a'], SLIDE),
    ])
    expect(await backend.read('ns', ['a', 'b'], READ)).toEqual([{ payload: 'v' }, undefined])
    await backend.close()
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await client.end()
  })
})
