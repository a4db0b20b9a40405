import { createStore, never, sliding } from '@ttl/core'
import { Server, startCluster } from '@ttl/redis-server'
import { Cluster, Redis } from 'ioredis'
import { beforeAll, describe, expect, test } from 'vitest'
import { redis } from '../src/index.ts'
import { finallyDo, freshPrefix, type Kind } from './support/index.ts'
import { Monitor } from './support/monitor.ts'

/** Servers of its own: what others send would be seen. */
let servers: { standalone: Server; cluster: Server[] }
beforeAll(async () => {
  servers = { standalone: await Server.start(), cluster: await startCluster() }
  return async () => {
    for (const server of [servers.standalone, ...servers.cluster]) await server.stop()
  }
}, 60_000)

function connect(kind: Kind): Redis | Cluster {
  const { standalone, cluster } = servers
  const connection =
    kind === 'cluster'
      ? new Cluster(cluster.map(({ port }) => ({ host: '127.0.0.1', port })))
      : new Redis(standalone.port, { enableAutoPipelining: kind === 'auto-pipelining' })
  finallyDo(() => connection.disconnect())
  return connection
}

describe.each(['standalone', 'auto-pipelining'] as const)('what is sent (%s)', (kind) => {
  const setup = async (index = false) => {
    const prefix = freshPrefix()
    const backend = redis(connect(kind), { prefix, index })
    const store = createStore({ backend })
    const plain = store.namespace('plain', { policy: { ttl: '1m' } })
    const capped = store.namespace('capped', { policy: sliding('1m', { max: '1h' }) })
    const monitor = await Monitor.on(servers.standalone.port)
    // Loads the scripts.
    const warm = store.namespace('warm', { policy: sliding('1m', { max: '1h' }) })
    await warm.set('k', 1)
    await warm.get('k')
    await warm.getMany(['k', 'l'])
    await warm.getEntry('k')
    await warm.has('k')
    await warm.touch('k')
    await warm.expire('k', '1m')
    await warm.take('k')
    await warm.delete('k')
    await warm.group('g').setMany({ a: 1, b: 2 })
    await warm.group('g').get('a')
    await warm.group('g').touch()
    await warm.group('g').expire('1m')
    await warm.group('g').expiry()
    await warm.group('g').delete('a')
    await warm.group('g').delete()
    return { prefix, plain, capped, monitor, store }
  }

  test('a plain set is one SET with PX, without a lifetime one SET', async () => {
    const { prefix, plain, monitor } = await setup()
    expect(await monitor.during(() => plain.set('k', { a: 1 }))).toEqual([
      ['set', `${prefix}plain:k`, '{"a":1} w60000', 'PX', '60000'],
    ])
    expect(
      await monitor.during(() => plain.set('k', { a: 1 }, { ttl: '250ms', restartOn: 'access', refreshAfter: 0.5 })),
    ).toEqual([['set', `${prefix}plain:k`, '{"a":1} a250/0.5', 'PX', '250']])
    expect(await monitor.during(() => plain.set('k', 1, { ttl: never }))).toEqual([['set', `${prefix}plain:k`, '1 w']])
  })

  test('a get is one GET; concurrent ones are one MGET, with one EXISTS beside it; a batch likewise', async () => {
    const { prefix, plain, monitor } = await setup()
    await plain.setMany([
      ['a', 1],
      ['b', 2],
    ])
    const [a, b, c] = ['a', 'b', 'c'].map((key) => `${prefix}plain:${key}`)
    expect(await monitor.during(() => plain.get('a'))).toEqual([['get', a]])
    const pair = [
      ['mget', a, b, c],
      ['exists', a, b, c],
    ]
    expect(await monitor.during(() => plain.getMany(['a', 'b', 'c']))).toEqual(pair)
    const together = () => Promise.all(['a', 'b', 'c'].map((key) => plain.get(key)))
    // The first does not wait for the others; auto-pipelining collects itself.
    const first = [
      ['get', a],
      ['mget', b, c],
      ['exists', b, c],
    ]
    expect(await monitor.during(together)).toEqual(kind === 'auto-pipelining' ? pair : first)
    // Who came together is expected to come together again, until one comes alone.
    expect(await monitor.during(together)).toEqual(pair)
    expect(await monitor.during(() => plain.get('a'))).toEqual([['get', a]])
    // While something is under way.
    expect(await monitor.during(() => Promise.all([plain.set('d', 1), together()]))).toEqual([
      expect.arrayContaining(['set', `${prefix}plain:d`]),
      ...pair,
    ])
  })

  test('what has to look first is one script', async () => {
    const { plain, capped, monitor } = await setup()
    const group = capped.group('g')
    const calls: Record<string, () => unknown> = {
      capped: () => capped.set('k', 1),
      keep: () => plain.set('k', 1, { expiry: 'keep' }),
      restart: () => plain.set('k', 1, { expiry: 'restart' }),
      create: () => plain.set('k', 1, { restartOn: 'create', ttl: '1m', if: 'absent' }),
      instant: () => plain.set('k', 1, { expiresAt: '2200-01-01T00:00:00Z' }),
      past: () => plain.set('k', 1, { expiresAt: '2001-01-01T00:00:00Z' }),
      present: () => plain.set('k', 1, { if: 'present' }),
      many: () =>
        capped.setMany([
          ['k', 1],
          ['l', 2],
          ['m', 3],
        ]),
      sliding: () => capped.get('k'),
      'sliding many': () => capped.getMany(['k', 'l', 'm']),
      entry: () => plain.getEntry('k'),
      has: () => plain.has('k'),
      expiry: () => plain.expiry('k'),
      take: () => capped.take('l'),
      touch: () => capped.touch('k'),
      expire: () => capped.expire('k', '1m'),
      persist: () => plain.persist('k'),
      'group set': () => group.setMany({ a: 1, b: 2 }),
      'group get': () => group.get('a'),
      'group all': () => group.getMany(),
      'group touch': () => group.touch(),
      'group expire': () => group.expire('1m'),
      'group expiry': () => group.expiry(),
      'group delete': () => group.delete('a'),
    }
    for (const [name, call] of Object.entries(calls)) {
      const sent = await monitor.during(call)
      expect([name, ...sent.map(([command]) => command)]).toEqual([name, 'evalsha'])
    }
  })

  test('a batch of what has to look first is one script, however many there are', async () => {
    const { capped, monitor } = await setup()
    const entries = Array.from({ length: 200 }, (_, index) => [`k${index}`, 1] as const)
    const sent = await monitor.during(() => capped.setMany(entries))
    expect(sent.map(([command]) => command)).toEqual(['evalsha'])
  })

  test('concurrent calls of a script are one, while something is under way', async () => {
    const { plain, capped, monitor } = await setup()
    await capped.setMany(['a', 'b', 'c'].map((key) => [key, 1]))
    const calls = {
      get: (key: string) => capped.get(key),
      set: (key: string) => capped.set(key, 2),
      touch: (key: string) => capped.touch(key),
      'touch of a group': (key: string) => capped.group(key).touch(),
    }
    for (const call of Object.values(calls)) {
      const sent = await monitor.during(() => Promise.all([plain.set('d', 1), ...['a', 'b', 'c'].map(call)]))
      expect(sent.map(([command]) => command)).toEqual(['set', 'evalsha'])
    }
  })

  test('changes of one tick reach the server in the order in which they were asked for', async () => {
    const { plain, capped, monitor } = await setup()
    const sent = await monitor.during(() =>
      Promise.all([
        plain.set('d', 1),
        capped.touch('a'),
        capped.set('a', 2),
        capped.touch('a'),
        capped.touch('b'),
        plain.delete('a'),
      ]),
    )
    const keys = sent.map(([command, ...args]) => [
      command,
      args.filter((arg) => /:[a-d]$/.test(arg)).map((key) => key.at(-1)),
    ])
    expect(keys).toEqual([
      ['set', ['d']],
      ['evalsha', ['a']],
      ['evalsha', ['a']],
      ['evalsha', ['a', 'b']],
      ['unlink', ['a']],
    ])
  })

  test('entries and groups do not part what the others collect', async () => {
    const { plain, capped, monitor } = await setup()
    const both = ['a', 'b', 'c'].flatMap((key) => [() => capped.touch(key), () => capped.group(key).touch()])
    const sent = await monitor.during(() => Promise.all([plain.set('d', 1), ...both.map((call) => call())]))
    expect(sent.map(([command]) => command)).toEqual(['set', 'evalsha', 'evalsha'])
  })

  test('deleting is one UNLINK, also of a group', async () => {
    const { prefix, plain, monitor } = await setup()
    await plain.set('k', 1)
    expect(await monitor.during(() => plain.delete('k'))).toEqual([['unlink', `${prefix}plain:k`]])
    expect(await monitor.during(() => plain.group('g').delete())).toEqual([['unlink', `${prefix}plain#g`]])
  })

  test('the one exception: an entry under access, read by who did not expect one', async () => {
    const { prefix, plain, capped, monitor, store } = await setup()
    await capped.set('k', 1)
    const other = store.namespace('capped')
    const sent = await monitor.during(() => other.get('k'))
    expect(sent.map(([name]) => name)).toEqual(['get', 'evalsha'])
    expect(await monitor.during(() => other.get('k', { touch: false }))).toEqual([['get', `${prefix}capped:k`]])
    await plain.set('k', 1)
    expect(await monitor.during(() => plain.get('k'))).toHaveLength(1)
  })

  test('a script that the server does not know is sent once with its text', async () => {
    const { capped, monitor } = await setup()
    await connect(kind).script('FLUSH')
    expect((await monitor.during(() => capped.set('k', 1))).map(([name]) => name)).toEqual(['evalsha', 'eval'])
    expect((await monitor.during(() => capped.set('k', 1))).map(([name]) => name)).toEqual(['evalsha'])
  })

  test('with an index every write is one script; listing, counting and looking ahead neither scan nor read values', async () => {
    const { plain, monitor, store } = await setup(true)
    await plain.set('k', 1)
    expect((await monitor.during(() => plain.set('k', 1))).map(([name]) => name)).toEqual(['evalsha'])
    expect((await monitor.during(() => plain.take('k'))).map(([name]) => name)).toEqual(['evalsha'])
    const listed = await monitor.during(async () => {
      for await (const _ of plain.keys());
      await plain.count()
      await store.stats()
      await store.forecast()
      await store.preview({ asOf: '2200-01-01T00:00:00Z' })
    })
    expect(new Set(listed.map(([name]) => name))).toEqual(new Set(['evalsha', 'eval', 'smembers', 'time']))
  })

  test('nothing is ever done with GETEX, KEYS, or SET and then EXPIRE', async () => {
    const { plain, capped, monitor } = await setup()
    const sent = await monitor.during(async () => {
      for (const ns of [plain, capped]) {
        await ns.set('k', 1)
        await ns.get('k')
        await ns.touch('k')
        await ns.group('g').set('m', 1)
        for await (const _ of ns.entries());
        await ns.clear()
      }
    })
    const forbidden = ['getex', 'keys', 'expire', 'pexpire', 'expireat', 'pexpireat', 'del', 'flushdb', 'multi']
    expect(sent.map(([name]) => name).filter((name) => forbidden.includes(name as string))).toEqual([])
  })
})

test('what is asked together again is one write; 32 reads do not wait for the rest of the tick', async () => {
  const connection = connect('standalone') as Redis
  const plain = createStore({ backend: redis(connection, { prefix: freshPrefix() }) }).namespace('plain')
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`)
  const observer = connect('standalone') as Redis
  const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await observer.info('stats'))?.[1])
  const readsDuring = async (work: () => unknown) => {
    const before = await reads()
    await work()
    // One less for what is asked here.
    return (await reads()) - before - 1
  }
  const write = () => Promise.all(keys.map((key) => plain.set(key, 1)))
  await plain.set('k0', 1)
  await write()
  expect(await readsDuring(write)).toBe(1)
  await plain.get('k0')
  expect(await readsDuring(() => plain.getMany(keys))).toBe(1)

  await Promise.all(keys.map((key) => plain.get(key)))
  const written = () => [
    (connection as unknown as { commandQueue: { length: number } }).commandQueue.length,
    connection.stream.writableLength,
  ]
  const some = keys.slice(0, 31).map((key) => plain.get(key))
  expect(written()).toEqual([0, 0])
  const enough = plain.get('k31')
  expect(written()).toEqual([2, 0])
  const rest = keys.slice(32).map((key) => plain.get(key))
  expect(written()).toEqual([2, 0])
  expect(await Promise.all([...some, enough, ...rest])).toEqual(keys.map(() => 1))

  // The last of a tick may be one, and the first of the next one waits nevertheless.
  await Promise.all(keys.slice(0, 33).map((key) => plain.get(key)))
  const first = plain.get('k0')
  expect(written()).toEqual([0, 0])
  await first

  // Alone again: nothing to wait for.
  await plain.get('k0')
  const alone = plain.get('k0')
  expect(written()).toEqual([1, 0])
  await alone
})

test('on a cluster a batch is one command for each slot, to the node that has it', async () => {
  const ports = servers.cluster.map(({ port }) => port)
  const capped = createStore({ backend: redis(connect('cluster'), { prefix: freshPrefix() }) }).namespace('c', {
    policy: sliding('1m', { max: '1h' }),
  })
  const tagged = createStore({ backend: redis(connect('cluster'), { prefix: `{${freshPrefix()}}` }) }).namespace('c', {
    policy: sliding('1m', { max: '1h' }),
  })
  const keys = Array.from({ length: 30 }, (_, i) => `k${i}`)
  for (const ns of [capped, tagged]) {
    await ns.setMany(keys.map((key) => [key, 1]))
    await ns.getMany(keys)
  }
  const monitors = await Promise.all(ports.map((port) => Monitor.on(port)))
  const count = async (work: () => unknown) => {
    const seen: string[][] = []
    const through = monitors.reduceRight<() => unknown>(
      (inner, monitor) => async () => {
        seen.push(...(await monitor.during(inner)))
      },
      work,
    )
    await through()
    return seen.filter(([name]) => name !== 'cluster' && name !== 'echo').map(([name]) => name)
  }
  const spread = await count(() => capped.getMany(keys))
  expect(new Set(spread)).toEqual(new Set(['evalsha']))
  expect(spread.length).toBeLessThanOrEqual(keys.length)
  expect(await count(() => tagged.getMany(keys))).toEqual(['evalsha'])
  expect(await count(() => tagged.setMany(keys.map((key) => [key, 2])))).toEqual(['evalsha'])
})
