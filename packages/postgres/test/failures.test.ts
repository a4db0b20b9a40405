import { createStore, type Namespace, rolling, sliding, type TtlError } from '@ttl/core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { classify } from '../src/errors.ts'
import { postgres } from '../src/index.ts'
import { embedded, installed } from './server/binaries.ts'
import { type Server, startServer } from './server/server.ts'
import { freshTable, poolOf, quoted, sleep } from './support.ts'

const failing = async (work: Promise<unknown>): Promise<TtlError> => {
  try {
    await work
  } catch (error) {
    return error as TtlError
  }
  throw new Error('expected a failure')
}

describe.each([18, 15] as const)('PostgreSQL %i', (version) => {
  let server: Server
  const pools: pg.Pool[] = []
  const connect = (config: pg.PoolConfig = {}): pg.Pool => {
    const pool = new pg.Pool({ connectionString: server.url, max: 4, ...config })
    pool.on('error', () => {})
    pools.push(pool)
    return pool
  }
  const open = (pool: pg.Pool, table = freshTable()) => {
    const backend = postgres(pool, { table })
    const store = createStore({ backend, policy: rolling('1h') })
    return {
      backend,
      table,
      ns: store.namespace<string>('ns'),
      sessions: store.namespace<string>('s', { policy: sliding('1h', { max: 'unbounded' }) }),
    }
  }

  beforeAll(async () => {
    server = await startServer(version === 18 ? embedded() : installed(15), { fsync: 'off' })
  })
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await server.end()
  })

  test('a server that is killed mid-query, and comes back: the same pool works again', async () => {
    const pool = connect()
    const { ns, table } = open(pool)
    await ns.set('k', 'before')
    const holder = await pool.connect()
    holder.on('error', () => {})
    await holder.query('BEGIN')
    await holder.query(`SELECT FROM ${quoted(table)} FOR UPDATE`)
    const write = failing(ns.set('k', 'during', { if: 'present' }))
    const group = failing(
      ns
        .group('g')
        .setMany({ a: '1', b: '2' })
        .then(() => ns.set('k', 'again')),
    )
    await sleep(200)
    await server.kill()
    expect(await write).toMatchObject({ code: 'TTL_BACKEND', retryable: true, outcome: 'unknown' })
    expect(await group).toMatchObject({ code: 'TTL_BACKEND', retryable: true })
    holder.release(true)
    const read = await failing(ns.get('k'))
    expect(read).toMatchObject({ code: 'TTL_BACKEND', retryable: true })
    expect(read.outcome).toBeUndefined()
    const refused = await failing(ns.set('k', 'refused'))
    expect(refused).toMatchObject({ retryable: true })
    await server.start()
    expect(await ns.get('k')).toBe('before')
    expect(await ns.set('k', 'after')).toBe(true)
    const members = await ns.group('g').getMany()
    expect([0, 2]).toContain(members.size)
  })

  test('a restart by an administrator: 57P01 is retryable', async () => {
    const pool = connect()
    const { ns, table } = open(pool)
    await ns.set('k', 'v')
    const holder = await pool.connect()
    holder.on('error', () => {})
    await holder.query('BEGIN')
    await holder.query(`SELECT FROM ${quoted(table)} FOR UPDATE`)
    const write = failing(ns.touch('k'))
    await sleep(200)
    await server.stop()
    const error = await write
    expect(error).toMatchObject({ code: 'TTL_BACKEND', retryable: true, outcome: 'unknown' })
    expect((error.cause as { code?: string }).code).toBe('57P01')
    holder.release(true)
    await server.start()
    expect(await ns.get('k')).toBe('v')
  })

  test('a first attempt that fails is made again', async () => {
    const pool = connect({ connectionTimeoutMillis: 1_000 })
    const { ns } = open(pool)
    await server.stop()
    expect(await failing(ns.get('k'))).toMatchObject({ retryable: true })
    await server.start()
    expect(await ns.set('k', 'v')).toBe(true)
    expect(await ns.get('k')).toBe('v')
  })

  test('a statement timeout is retryable, and certain', async () => {
    const { ns: patient, table } = open(connect())
    await patient.set('k', 'v')
    const pool = connect({ options: '-c statement_timeout=200' })
    const { ns } = open(pool, table)
    const holder = await pool.connect()
    await holder.query('BEGIN')
    await holder.query(`SELECT FROM ${quoted(table)} FOR UPDATE`)
    const error = await failing(ns.set('k', 'x'))
    expect(error).toMatchObject({ code: 'TTL_BACKEND', retryable: true })
    expect(error.outcome).toBeUndefined()
    await holder.query('ROLLBACK')
    holder.release()
  })

  test('a pool that is exhausted is retryable, and certain', async () => {
    const pool = connect({ max: 1, connectionTimeoutMillis: 1_500 })
    const { ns } = open(pool)
    await ns.set('k', 'v')
    const holder = await pool.connect()
    const error = await failing(ns.set('k', 'x'))
    expect(error).toMatchObject({ code: 'TTL_BACKEND', retryable: true })
    expect(error.outcome).toBeUndefined()
    holder.release()
    expect(await ns.set('k', 'x')).toBe(true)
  })

  test('a read-only server: plain reads work, what would change something raises, for good', async () => {
    const { ns, sessions, table } = open(connect())
    await ns.set('k', 'v')
    await sessions.set('k', 'v')
    const replica = open(connect({ options: '-c default_transaction_read_only=on' }), table)
    expect(await replica.ns.get('k')).toBe('v')
    expect(await replica.sessions.get('k', { touch: false })).toBe('v')
    expect(await replica.ns.has('k')).toBe(true)
    for (const work of [() => replica.sessions.get('k'), () => replica.ns.set('k', 'x'), () => replica.ns.touch('k')]) {
      const error = await failing(work())
      expect(error).toMatchObject({ code: 'TTL_BACKEND', retryable: false })
      expect((error.cause as { code?: string }).code).toBe('25006')
    }
  })

  test('writers that the server sets against each other are served, not failed', async () => {
    const pool = connect({ max: 8, options: '-c default_transaction_isolation=serializable' })
    const { ns } = open(pool)
    await ns.set('k', '0')
    const answers = await Promise.all(Array.from({ length: 40 }, (_, turn) => ns.expire('k', `${turn + 10}s` as '10s')))
    expect(answers).toEqual(answers.map(() => true))
  })

  test('a table that is dropped meanwhile is made anew', async () => {
    const pool = connect()
    const { ns, table } = open(pool)
    await ns.set('k', 'v')
    await pool.query(`DROP TABLE ${quoted(table)}, ${quoted(`${table}_meta`)}, ${quoted(`${table}_members`)} CASCADE`)
    expect(await failing(ns.get('k'))).toMatchObject({ code: 'TTL_BACKEND', retryable: false })
    expect(await ns.set('k', 'new')).toBe(true)
  })
})

describe('what an error means', () => {
  const error = (message: string, code?: string) =>
    Object.assign(new Error(message), code === undefined ? {} : { code })
  test.each([
    ['40001', { retryable: true }],
    ['40P01', { retryable: true }],
    ['55P03', { retryable: true }],
    ['57014', { retryable: true }],
    ['53300', { retryable: true }],
    ['57P03', { retryable: true }],
    ['57P01', { retryable: true, outcome: 'unknown' }],
    ['57P02', { retryable: true, outcome: 'unknown' }],
    ['08006', { retryable: true, outcome: 'unknown' }],
    ['ECONNRESET', { retryable: true, outcome: 'unknown' }],
    ['EPIPE', { retryable: true, outcome: 'unknown' }],
    ['ECONNREFUSED', { retryable: true }],
    ['ENOTFOUND', { retryable: true }],
    ['25006', { retryable: false }],
    ['25P02', { retryable: false }],
    ['42501', { retryable: false }],
    ['22021', { retryable: false }],
    ['28P01', { retryable: false }],
    ['53400', { retryable: false }],
  ])('%s', (code, known) => {
    expect(classify(error('x', code), true)).toEqual(known)
    expect(classify(error('x', code), false)).toEqual({ retryable: known.retryable })
  })
  test.each([
    ['timeout exceeded when trying to connect', { retryable: true }],
    ['Connection terminated unexpectedly', { retryable: true, outcome: 'unknown' }],
    ['Query read timeout', { retryable: true, outcome: 'unknown' }],
    ['Client has encountered a connection error and is not queryable', { retryable: false }],
    ['Cannot use a pool after calling end on the pool', { retryable: false }],
  ])('%s', (message, known) => expect(classify(error(message), true)).toEqual(known))
  test.each([[undefined], [null], ['text'], [{ code: 5 }]])('%s, which is no error of a driver', (odd) => {
    expect(classify(odd, true)).toEqual({ retryable: false })
  })
  test('several addresses that all refuse', () => {
    expect(classify(new AggregateError([error('x', 'ECONNREFUSED')]), true)).toEqual({ retryable: true })
  })
})

test('a connection that changes hands, as behind a pooler in transaction mode, is told what to do', async () => {
  const pool = poolOf(undefined, { max: 1 })
  const table = freshTable()
  const [named, unnamed] = [{}, { prepare: false }].map((options) =>
    createStore({ backend: postgres(pool, { table, ...options }) }).namespace('ns'),
  ) as [Namespace, Namespace]
  await named.set('k', 1)
  await unnamed.set('k', 1)
  await pool.query('DEALLOCATE ALL')
  const error = await failing(named.set('k', 2))
  expect(error).toMatchObject({ code: 'TTL_UNSUPPORTED', message: expect.stringContaining('prepare: false') })
  expect((error.cause as { code?: string }).code).toBe('26000')
  expect(await unnamed.set('k', 3)).toBe(true)
})

test('the caller is told about a pool that was ended', async () => {
  const pool = poolOf()
  const backend = postgres(pool, { table: freshTable() })
  await backend.migrate()
  const other = new pg.Pool({ connectionString: pool.options.connectionString })
  await other.end()
  const store = createStore({ backend: postgres(other) })
  expect(await failing(store.namespace('ns').get('k'))).toMatchObject({ retryable: false })
})
