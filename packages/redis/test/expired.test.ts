import { setTimeout as sleep } from 'node:timers/promises'
import { createStore, type StoreEvents } from '@ttl/core'
import type { Expired } from '@ttl/core/adapter'
import { Server } from '@ttl/redis-server'
import { Cluster, Redis } from 'ioredis'
import { describe, expect, inject, test } from 'vitest'
import { type RedisClient, redis } from '../src/index.ts'
import { finallyDo, freshPrefix, open, rolling, write } from './support/index.ts'

describe('expired events', () => {
  const cases: [string, (port: number) => RedisClient][] = [
    ['standalone', (port) => new Redis(port)],
    ['with a keyPrefix, in another database', (port) => new Redis(port, { keyPrefix: 'app:', db: 3 })],
  ]
  test.each(cases)(
    'come once for each entry and group that expired, and for nothing else: %s',
    async (_name, connect) => {
      const server = await Server.start('--notify-keyspace-events', 'Ex', '--hz', '100')
      finallyDo(() => server.stop())
      const client = connect(server.port)
      finallyDo(() => client.disconnect())
      const backend = redis(client, { index: true })
      const [a, b]: [Expired[], Expired[]] = [[], []]
      await backend.onExpired((expired) => a.push(expired))
      const stop = await backend.onExpired((expired) => b.push(expired))
      await backend.write('n:s', [
        write('k:1', 'v', rolling(40)),
        write('stays'),
        write('deleted', 'v', rolling(60_000)),
        write('again', 'v', rolling(40)),
      ])
      await backend.write('n:s', [write('again')])
      await backend.delete('entry', 'n:s', ['deleted'])
      await backend.writeGroup('n:s', 'g', [['m', 'v']], rolling(40))
      const expected = [
        { space: 'entry', namespace: 'n:s', key: 'k:1' },
        { space: 'group', namespace: 'n:s', key: 'g' },
      ]
      await expect.poll(() => a.length, { timeout: 5_000 }).toBe(2)
      await sleep(50)
      for (const seen of [a, b])
        expect(seen.toSorted((x, y) => (x.space < y.space ? -1 : Number(x.space > y.space)))).toEqual(expected)
      await stop()
      await backend.write('n:s', [write('k:2', 'v', rolling(20))])
      await expect.poll(() => a.length, { timeout: 5_000 }).toBe(3)
      expect(b.length).toBe(2)
      await backend.close()
    },
  )

  test('are told by the store, and no more once nobody listens', async () => {
    const server = await Server.start('--notify-keyspace-events', 'Ex', '--hz', '100')
    finallyDo(() => server.stop())
    const store = createStore({ backend: redis({ url: server.url }), policy: { ttl: '20ms' } })
    finallyDo(() => store.close())
    const ns = store.namespace('n')
    const [heard, others]: [StoreEvents['expired'][], unknown[]] = [[], []]
    const stop = await store.on('expired', (event) => heard.push(event))
    await store.on('expired', (event) => others.push(event))
    await ns.set('k', 1)
    await expect
      .poll(() => heard, { timeout: 5_000 })
      .toEqual([{ kind: 'entry', namespace: 'n', key: 'k', expiresAt: undefined }])
    await stop()
    await ns.group('g').set('m', 1)
    await expect.poll(() => others.length, { timeout: 5_000 }).toBe(2)
    expect(heard.length).toBe(1)
  })

  test('come from every master of a cluster', async () => {
    const cluster = new Cluster(inject('clusterPorts').map((port) => ({ host: '127.0.0.1', port })))
    finallyDo(() => cluster.disconnect())
    await cluster.set('{a}', 1)
    for (const node of cluster.nodes('master')) await node.config('SET', 'notify-keyspace-events', 'Ex')
    const backend = redis(cluster, { prefix: freshPrefix() })
    finallyDo(() => backend.close())
    const seen: string[] = []
    await backend.onExpired(({ key }) => seen.push(key))
    const keys = Array.from({ length: 30 }, (_, i) => `k${i}`)
    await backend.write(
      'n',
      keys.map((key) => write(key, 'v', rolling(30))),
    )
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(30)
    expect(seen.toSorted()).toEqual(keys.toSorted())
  })

  test('are refused where the server is known not to send them', async () => {
    await expect(open().onExpired(() => undefined)).rejects.toMatchObject({ code: 'TTL_UNSUPPORTED' })
  })
})
