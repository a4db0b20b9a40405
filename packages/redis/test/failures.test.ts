import { createStore, sliding, TtlError } from '@ttl/core'
import { Server, startCluster } from '@ttl/redis-server'
import { Cluster, Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { type RedisBackend, redis } from '../src/index.ts'
import { client, finallyDo, freshPrefix, READ, SLIDE, sliding as slidingFor, write } from './support/index.ts'

async function server(...options: string[]): Promise<Server> {
  const made = await Server.start(...options)
  finallyDo(() => made.stop())
  return made
}

/** A client that gives up soon. */
function impatient({ port }: Server, options: object = {}): Redis {
  const connection = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: 2, ...options })
  connection.on('error', () => undefined)
  finallyDo(() => connection.disconnect())
  return connection
}

async function failure(call: Promise<unknown>): Promise<TtlError> {
  const outcome = await call.then(
    (value) => expect.fail(`answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(TtlError)
  return outcome as TtlError
}

function namespaces(backend: RedisBackend) {
  const store = createStore({ backend })
  return {
    store,
    plain: store.namespace('plain', { policy: { ttl: '1m' } }),
    capped: store.namespace('capped', { policy: sliding('1m', { max: '1h' }) }),
  }
}

type Spaces = ReturnType<typeof namespaces>
const operations: Record<string, (spaces: Spaces) => Promise<unknown>> = {
  get: ({ plain }) => plain.get('k'),
  'sliding get': ({ capped }) => capped.get('k'),
  getMany: ({ plain }) => plain.getMany(['k', 'l']),
  getEntry: ({ plain }) => plain.getEntry('k'),
  has: ({ plain }) => plain.has('k'),
  set: ({ plain }) => plain.set('k', 1),
  'capped set': ({ capped }) => capped.set('k', 1),
  setMany: ({ plain }) =>
    plain.setMany([
      ['k', 1],
      ['l', 2],
    ]),
  take: ({ plain }) => plain.take('k'),
  delete: ({ plain }) => plain.delete('k'),
  touch: ({ plain }) => plain.touch('k'),
  expire: ({ plain }) => plain.expire('k', '1m'),
  'group.set': ({ plain }) => plain.group('g').set('m', 1),
  'group.get': ({ plain }) => plain.group('g').get('m'),
  count: ({ plain }) => plain.count(),
}
/** Nothing is unknown about the outcome of these. */
const READS = ['get', 'sliding get', 'getMany', 'getEntry', 'has', 'group.get', 'count']
const WRITES = ['set', 'capped set', 'setMany', 'touch', 'expire', 'group.set']

describe('a server that is gone', () => {
  test('fails every operation, retryable and of unknown outcome, and works again when it is back', async () => {
    const own = await server('--appendonly', 'yes', '--appendfsync', 'always')
    const spaces = namespaces(redis(impatient(own)))
    await spaces.plain.set('k', 'kept')
    await spaces.capped.set('k', 'kept')
    await own.crash()
    for (const [name, call] of Object.entries(operations)) {
      const error = await failure(call(spaces))
      const outcome = READS.includes(name) ? undefined : 'unknown'
      expect([name, error.code, error.retryable, error.outcome]).toEqual([name, 'TTL_BACKEND', true, outcome])
    }
    await own.up()
    expect(await spaces.plain.get('k')).toBe('kept')
    expect(await spaces.capped.get('k')).toBe('kept')
    for (const call of Object.values(operations)) await call(spaces)
  })

  test('from the beginning is the same, and a backend made from a url works once it is there', async () => {
    const own = await server()
    await own.crash()
    const backend = redis({ url: own.url })
    finallyDo(() => backend.close())
    const { plain } = namespaces(backend)
    const error = await failure(plain.set('k', 1))
    expect([error.retryable, error.outcome]).toEqual([true, 'unknown'])
    await own.up()
    await expect.poll(() => plain.set('k', 1).catch(() => false)).toBe(true)
    expect(await plain.get('k')).toBe(1)
  })

  test('names the keys of a batch that failed', async () => {
    const own = await server()
    const { plain } = namespaces(redis(impatient(own)))
    await plain.set('k', 1)
    await own.crash()
    const error = await failure(
      plain.setMany([
        ['a', 1],
        ['b', 2],
      ]),
    )
    expect([error.stored, error.failed]).toEqual([[], ['a', 'b']])
  })
})

test('a server that does not answer in time: retryable, of unknown outcome, and the client works afterwards', async () => {
  const own = await server()
  const spaces = namespaces(redis(impatient(own, { commandTimeout: 100 })))
  await spaces.plain.set('k', 1)
  own.pause()
  const failures = await Promise.all(
    ['get', 'set', 'capped set'].map((name) =>
      failure((operations[name] as never as (s: Spaces) => Promise<unknown>)(spaces)),
    ),
  )
  own.resume()
  expect(failures.map(({ retryable, outcome }) => [retryable, outcome])).toEqual([
    [true, undefined],
    [true, 'unknown'],
    [true, 'unknown'],
  ])
  await own.ready()
  expect(await spaces.plain.get('k')).toBe(1)
})

describe('a server that refuses', () => {
  test('READONLY: a failover has made it a replica', async () => {
    const own = await server()
    const spaces = namespaces(redis(impatient(own)))
    for (const name of WRITES) await operations[name]?.(spaces)
    const admin = impatient(own)
    await admin.replicaof('127.0.0.1', 1)
    for (const name of WRITES) {
      const error = await failure((operations[name] as (s: Spaces) => Promise<unknown>)(spaces))
      expect([name, error.code, error.retryable, error.outcome]).toEqual([name, 'TTL_BACKEND', true, undefined])
      const causes = error.cause instanceof AggregateError ? error.cause.errors : [error.cause]
      for (const cause of causes) expect(String(cause)).toContain('READONLY')
    }
    expect(await spaces.plain.get('k')).toBe(1)
    await admin.replicaof('NO', 'ONE')
    for (const name of WRITES) await operations[name]?.(spaces)
  })

  test('OOM: it is full', async () => {
    const own = await server()
    const spaces = namespaces(redis(impatient(own)))
    for (const name of WRITES) await operations[name]?.(spaces)
    const admin = impatient(own)
    await admin.config('SET', 'maxmemory', '1mb')
    for (const name of ['set', 'capped set', 'setMany', 'group.set']) {
      const error = await failure((operations[name] as (s: Spaces) => Promise<unknown>)(spaces))
      expect([name, error.retryable, error.outcome]).toEqual([name, true, undefined])
    }
    expect(await spaces.plain.get('k')).toBe(1)
    expect(await spaces.capped.get('k')).toBe(1)
    await admin.config('SET', 'maxmemory', '0')
    expect(await spaces.plain.set('k', 2)).toBe(true)
  })

  test('LOADING: it has just been started', async () => {
    const own = await server('--key-load-delay', '2000', '--loading-process-events-interval-bytes', '1024')
    const admin = impatient(own)
    const filled = admin.pipeline()
    for (let i = 0; i < 500; i++) filled.set(`filler${i}`, 'x'.repeat(1_000))
    await filled.exec()
    const spaces = namespaces(redis(impatient(own, { enableReadyCheck: false, maxRetriesPerRequest: null })))
    await spaces.plain.set('k', 1)
    await admin.save()
    await own.crash()
    const up = own.up()
    const seen = new Set<boolean>()
    for (let tries = 0; tries < 200; tries++) {
      const answer = await spaces.plain.get('k').catch((error: TtlError) => error)
      if (answer === 1) break
      expect(answer).toBeInstanceOf(TtlError)
      seen.add((answer as TtlError).retryable)
    }
    await up
    expect([...seen]).toEqual([true])
    expect(await spaces.plain.get('k')).toBe(1)
  })

  test('NOPERM: it may not', async () => {
    const own = await server()
    const admin = impatient(own)
    await admin.call('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '+@read', '+info')
    const spaces = namespaces(redis(impatient(own, { username: 'reader', password: 'pw' })))
    expect((await failure(spaces.plain.set('k', 1))).retryable).toBe(false)
    expect(await spaces.plain.get('k')).toBeUndefined()
  })
})

describe.each([false, true])('something else under a key (index: %s)', (index) => {
  test.each(['list', 'text'])('is an error, never a miss, and spares its neighbours: a %s', async (kind) => {
    const connection = client() as Redis
    const prefix = freshPrefix()
    const backend = redis(connection, { prefix, index })
    const spaces = namespaces(backend)
    await backend.write('plain', [write('k'), write('other'), write('slid', 'v', slidingFor(60_000))])
    await backend.writeGroup('plain', 'g', [['m', 'v']], slidingFor(60_000))
    for (const key of await connection.keys(`${prefix}*plain[:#][kg]`)) {
      await connection.del(key)
      if (kind === 'list') await connection.rpush(key, 'x')
      else await connection.set(key, 'hello world')
    }
    const broken = ['get', 'getMany', 'getEntry', 'has', 'touch', 'expire', 'take', 'group.get', 'group.set']
    for (const name of broken) {
      const error = await failure((operations[name] as (s: Spaces) => Promise<unknown>)(spaces))
      expect([name, error.retryable]).toEqual([name, false])
    }
    for (const read of [READ, SLIDE]) {
      const together = await Promise.allSettled(
        ['other', 'k', 'absent', 'slid'].map((key) => backend.read('plain', [key], read)),
      )
      expect(together.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    }
    expect((await failure(spaces.plain.set('k', 1, { expiry: 'keep' }))).retryable).toBe(false)
    expect(await spaces.plain.set('k', 1).catch((error: TtlError) => error.code)).toEqual(
      index ? expect.stringMatching(/^TTL_/) : true,
    )
  })
})

test('a master of a cluster that is gone: what it has fails, retryable, and works again when it is back', async () => {
  const masters = await startCluster(
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--cluster-require-full-coverage',
    'no',
  )
  finallyDo(() => Promise.all(masters.map((master) => master.stop())))
  const cluster = new Cluster(
    masters.map(({ port }) => ({ host: '127.0.0.1', port })),
    {
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      clusterRetryStrategy: () => 50,
      redisOptions: { connectTimeout: 500 },
    },
  )
  cluster.on('error', () => undefined)
  finallyDo(() => cluster.disconnect())
  const { plain, capped } = namespaces(redis(cluster))
  const keys = Array.from({ length: 60 }, (_, i) => `k${i}`)
  // A client that retries nothing may meet a cluster that is still finding itself.
  const written = () =>
    plain.setMany(keys.map((key) => [key, 1])).then(
      () => true,
      () => false,
    )
  await expect.poll(written, { timeout: 30_000 }).toBe(true)
  await masters[1]?.crash()
  const outcomes = await Promise.allSettled(keys.map((key) => plain.get(key)))
  const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as TtlError] : []))
  expect(lost.length).toBeGreaterThan(5)
  expect(lost.length).toBeLessThan(50)
  for (const error of lost) expect([error.code, error.retryable]).toEqual(['TTL_BACKEND', true])
  const batch = await failure(capped.setMany(keys.map((key) => [key, 2])))
  expect(batch.retryable).toBe(true)
  expect(batch.stored?.length).toBeGreaterThan(5)
  expect(batch.failed?.length).toBeGreaterThan(5)
  await masters[1]?.up()
  const all = () =>
    plain.getMany(keys).then(
      ({ size }) => size,
      () => 0,
    )
  await expect.poll(all, { timeout: 15_000 }).toBe(60)
})

test("a caller's client is left open, one of ours is closed", async () => {
  const connection = client()
  const theirs = createStore({ backend: redis(connection) })
  await theirs.close()
  expect(await (connection as Redis).ping()).toBe('PONG')
  await expect(theirs.namespace('n').get('k')).rejects.toMatchObject({ code: 'TTL_CLOSED' })
  const own = await server()
  const backend = redis({ url: own.url })
  await backend.write('n', [write('k')])
  const admin = impatient(own)
  const clients = async () =>
    String(await admin.client('LIST'))
      .trim()
      .split('\n').length
  expect(await clients()).toBe(2)
  await backend.close()
  await backend.close()
  await expect.poll(clients).toBe(1)
})
