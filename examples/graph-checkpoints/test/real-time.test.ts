/** The same story on Redis by Redis's own clock: a minute is twenty milliseconds. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from '@langchain/langgraph'
import { onRealRedis } from '@ttl/backends'
import { createStore, milliseconds, rolling, sliding } from '@ttl/core'
import { redis } from '@ttl/redis'
import { startCluster } from '@ttl/redis-server'
import { Cluster, Redis } from 'ioredis'
import { expect, inject, it } from 'vitest'
import { TtlSaver, TtlStore } from '../src/langgraph/index.ts'
import { chat, collect, put, saverOn, thread } from './support.ts'

const span = (minutes: number) => milliseconds(minutes * 20)

onRealRedis((open) => {
  it('R3, R4, R9, R12: a thread dies on its own, a read one and a pinned one stay', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, sliding(span(60), { max: 'unbounded' }))
    for (const id of ['idle', 'read', 'pinned']) await put(saver, thread(id))
    await saver.thread('pinned').pin()
    for (let step = 0; step < 6; step++) {
      await sleep(span(15).ms)
      expect(await saver.getTuple(thread('read'))).toBeDefined()
    }
    const live = (await collect(saver.list({}))).map(({ config }) => config.configurable?.thread_id)
    expect(live.sort()).toEqual(['pinned', 'read'])
    expect(await saver.getTuple(thread('idle'))).toBeUndefined()
  })

  it('R7, R10, R17: a thread is one key with one PTTL, through a run that is interrupted and resumed', async () => {
    const client = new Redis(inject('redisUrl'))
    const prefix = `one-key-${process.pid}:`
    const { saver } = saverOn({ backend: redis(client, { prefix }) }, rolling('60m'))
    const { graph } = chat(saver, { asks: ['Send it?'] })
    try {
      await graph.invoke({ messages: ['hello'] }, thread('t'))
      await graph.invoke(new Command({ resume: 'yes' }), thread('t'))
      const [key = '', ...others] = await client.keys(`${prefix}*`)
      expect(others).toEqual([])
      expect(await client.type(key)).toBe('hash')
      expect(await client.pttl(key)).toBeGreaterThan(3_540_000)
      await saver.thread('t').pin()
      expect(await client.pttl(key)).toBe(-1)
    } finally {
      await saver.deleteThread('t')
      client.disconnect()
    }
  })

  it('S5, S7, R14: an item has its own time, by Redis itself', async () => {
    await using scene = await open()
    const items = new TtlStore(createStore({ backend: scene.backend }), {
      policy: sliding(span(600), { max: 'unbounded' }),
    })
    await items.put(['a'], 'long', { n: 1 })
    await items.putExpiring(['a'], 'short', { n: 2 }, { ttl: span(60) })
    await items.putExpiring(['b'], 'unread', { n: 3 }, { ttl: span(60) })
    for (let step = 0; step < 5; step++) {
      await sleep(span(15).ms)
      expect(await items.search(['a'])).toHaveLength(2)
    }
    expect(await items.listNamespaces()).toEqual([['a']])
    await sleep(span(70).ms)
    expect((await items.search([])).map(({ key }) => key)).toEqual(['long'])
  })

  it('R16: in a cluster a thread is in one slot, and expires at once', async () => {
    const servers = await startCluster()
    const cluster = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })))
    try {
      const saver = new TtlSaver(createStore({ backend: redis(cluster), policy: rolling(span(60)) }))
      const ids = Array.from({ length: 12 }, (_, index) => `t${index}`)
      for (const id of ids) {
        const saved = await put(saver, thread(id))
        await saver.putWrites(saved, [['messages', id]], 'task')
      }
      await saver.thread('t7').pin()
      expect((await collect(saver.list({}))).length).toBeGreaterThan(0)
      await sleep(span(70).ms)
      expect((await collect(saver.list({}))).map(({ pendingWrites }) => pendingWrites)).toEqual([
        [['task', 'messages', 't7']],
      ])
    } finally {
      cluster.disconnect()
      await Promise.all(servers.map((server) => server.stop()))
    }
  })
})
