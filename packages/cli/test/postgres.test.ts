import { postgres } from '@ttl/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import '../../../tools/backends/src/servers.ts'
import { run } from './support/run.ts'
import { fill } from './support/shop.ts'

const url = inject('postgresUrl')
const pool = new pg.Pool({ connectionString: url })
const schema = `cli_${process.pid}_${process.hrtime.bigint().toString(36)}`
const role = `${schema}_web`
const ttl = (...args: string[]) => run(args, { env: { TTL_TEST_URL: url } })
const store = ['env:TTL_TEST_URL', '--schema', schema]

beforeAll(async () => {
  await pool.query(`CREATE SCHEMA ${schema}`)
})
afterAll(async () => {
  await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE; DROP ROLE IF EXISTS ${role}, ${role}_own`)
  await pool.end()
})

const tables = async () =>
  (await pool.query('SELECT count(*)::int AS count FROM pg_class WHERE relnamespace = $1::regnamespace', [schema]))
    .rows[0].count

describe('ttl on PostgreSQL', () => {
  it('makes no tables where there are none', async () => {
    for (const command of ['stats', 'preview', 'forecast', 'sweep']) {
      const { code, stdout, stderr } = await ttl(command, ...store)
      expect(stderr).toMatch(
        /^ttl: postgres:\/\/127\.0\.0\.1:\d+\/postgres: there is no store of TTL under the name "ttl"/,
      )
      expect([code, stdout]).toEqual([1, ''])
    }
    expect(await tables()).toBe(0)
  })

  it('counts, lists, forecasts, sweeps in parts', async () => {
    await fill((clock) => postgres(pool, { schema, clock }), Date.now())
    const stats = JSON.parse((await ttl('stats', ...store, '--json')).stdout)
    expect(stats.namespaces.map((each: { namespace: string }) => each.namespace).sort()).toEqual([
      'session',
      'thread',
      'token',
    ])
    const preview = JSON.parse((await ttl('preview', ...store, '--json')).stdout)
    expect(preview).toMatchObject({ found: 43, byNamespace: { session: 40, token: 3 } })
    expect((await ttl('forecast', ...store)).stdout).toMatch(/^expired +\d+ {2}█+/m)
    expect(await ttl('sweep', ...store, '--limit', '20')).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^Removed 20 items.*exit code 3/s),
    })
    const rest = await ttl('sweep', ...store, '--json')
    expect(JSON.parse(rest.stdout)).toMatchObject({ deleted: 23, more: false })
    expect((await ttl('get', ...store, 'token', 'key')).stdout).toBe('AQL/\n')
  })

  it('leads to what is there by options that work', async () => {
    const { stderr } = await ttl('stats', 'env:TTL_TEST_URL', '--table', 'nothing_here')
    expect(stderr).toContain(`--schema ${schema} --table ttl`)
  })

  it('prints grants with which a role that may do nothing else can sweep a table of its own', async () => {
    const own = ['--schema', schema, '--table', 'carts', '--expires-at', 'until', '--key', 'id']
    const grants = await ttl('schema', 'postgres:', ...own, '--grants', `${role}_own`)
    await pool.query(`CREATE TABLE ${schema}.carts (id int PRIMARY KEY, until timestamptz);
      INSERT INTO ${schema}.carts VALUES (1, now() - interval '1 day'), (2, NULL)`)
    await pool.query(`CREATE ROLE ${role}_own LOGIN; ${grants.stdout}`)
    await pool.query((await ttl('schema', 'postgres:', ...own)).stdout)
    const asRole = new URL(url)
    asRole.username = `${role}_own`
    const swept = await ttl('sweep', asRole.href, ...own)
    expect(swept).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Removed 1 item /) })
  })

  it('prints tables and grants with which a role that may do nothing else can sweep', async () => {
    const own = ['--schema', schema, '--table', 'granted']
    const ddl = await ttl('schema', 'postgres:', ...own)
    const grants = await ttl('schema', 'postgres:', ...own, '--grants', role)
    await pool.query(`CREATE ROLE ${role} LOGIN; ${ddl.stdout}; ${grants.stdout}`)
    await fill((clock) => postgres(pool, { schema, table: 'granted', clock }), Date.now())
    const asRole = new URL(url)
    asRole.username = role
    const swept = await ttl('sweep', asRole.href, ...own)
    expect(swept).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Removed 43 items/) })
  })
})
