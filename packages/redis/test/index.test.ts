import { setTimeout as sleep } from 'node:timers/promises'
import { createStore } from '@ttl/core'
import type { NamespaceTally } from '@ttl/core/adapter'
import { describe, expect, test } from 'vitest'
import { type RedisBackend, redis } from '../src/index.ts'
import { client, freshPrefix, type Kind, names, rolling, SLIDE, sliding, write } from './support/index.ts'

const MINUTE = 60_000
async function statsOf(backend: RedisBackend): Promise<NamespaceTally | undefined> {
  return (await backend.stats?.('a'))?.[0]
}

const kinds: Kind[] = ['standalone', 'cluster', 'key prefix']

describe.each(kinds)('the index on %s', (kind) => {
  const setup = (shards = 4) => {
    const connection = client(kind)
    const prefix = freshPrefix()
    return { backend: redis(connection, { prefix, index: { shards } }), connection, prefix }
  }

  test('counts what is live and what native expiry left behind, by namespace and by space', async () => {
    const { backend } = setup()
    await backend.write('a', [
      write('never', 'v', rolling(undefined)),
      write('short', 'v', rolling(30)),
      write('k1'),
      write('k2', 'v', rolling(2 * MINUTE)),
    ])
    await backend.writeGroup('a', 'g', [['m', 'v']], rolling(MINUTE))
    await backend.write('b:!#{}', [write('k')])
    await sleep(60)
    const a = await statsOf(backend)
    expect(a?.entries).toMatchObject({ permanent: 1, active: 2, expired: 1 })
    expect(a?.groups).toMatchObject({ permanent: 0, active: 1, expired: 0 })
    const now = await backend.now()
    expect(Math.abs((a?.entries.nextExpiresAt as number) - now - MINUTE)).toBeLessThan(5_000)
    expect(Math.abs((a?.entries.lastExpiresAt as number) - now - 2 * MINUTE)).toBeLessThan(5_000)
    expect((await backend.stats?.())?.map(({ namespace }) => namespace).sort()).toEqual(['a', 'b:!#{}'])
  })

  test('sweep removes what was left behind, within its limit, and never what is live', async () => {
    const { backend } = setup()
    await backend.write(
      'a',
      Array.from({ length: 50 }, (_, i) => write(`dead${i}`, 'v', rolling(20))),
    )
    await backend.write(
      'a',
      Array.from({ length: 20 }, (_, i) => write(`live${i}`, 'v', sliding(2_000))),
    )
    await backend.write('other', [write('dead', 'v', rolling(20))])
    await backend.expire(
      'entry',
      'a',
      Array.from({ length: 20 }, (_, i) => `live${i}`),
      { ttlMs: MINUTE, maxAgeMs: undefined, expiresAt: undefined },
    )
    await sleep(60)
    expect((await backend.sweep({ limit: 10, namespace: 'a' })).more).toBe(true)
    expect((await backend.stats?.('a'))?.[0]?.entries.expired).toBe(40)
    expect(await backend.sweep({ limit: 1_000, namespace: 'a' })).toEqual({ deleted: new Map(), more: false })
    expect((await backend.stats?.('a'))?.[0]?.entries).toMatchObject({ active: 20, expired: 0 })
    expect((await backend.stats?.('other'))?.[0]?.entries.expired).toBe(1)
    expect((await backend.sweep({ limit: 1_000 })).more).toBe(false)
    expect((await backend.stats?.())?.map(({ namespace }) => namespace)).toEqual(['a'])
  })

  test('keys come in the order of their deadlines, all of them, through many pages and equal deadlines', async () => {
    const { backend } = setup()
    const all = Array.from({ length: 300 }, (_, i) => `k${i}é`)
    const at = (await backend.now()) + MINUTE
    const deadlineOf = (i: number) => (i % 3 === 0 ? undefined : i % 3 === 1 ? at : at + ((i * 7_919) % 10_000))
    await backend.write(
      'a',
      all.map((key, i) =>
        write(key, 'v', {
          ...rolling(undefined),
          onLive: 'replace',
          limitMs: undefined,
          expiry: {
            ttlMs: undefined,
            maxAgeMs: undefined,
            expiresAt: deadlineOf(i),
            restartOn: 'write',
            refreshAfter: 0,
          },
        }),
      ),
    )
    await backend.write('a', [write('dead', 'v', rolling(1))])
    await sleep(5)
    const once = [...new Set(await names(backend, 'entry', 'a'))]
    expect(once.toSorted()).toEqual(all.toSorted())
    const deadlines = once.map((key) => deadlineOf(all.indexOf(key)) ?? Number.POSITIVE_INFINITY)
    expect(deadlines).toEqual(deadlines.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
  })

  test('a name is not lost when its deadline moves to where the scan has been', async () => {
    const { backend } = setup(1)
    await backend.write(
      'a',
      Array.from({ length: 30 }, (_, i) => write(`k${String(i).padStart(2, '0')}`, 'v', rolling(MINUTE + i * 1_000))),
    )
    const first = await backend.scan('entry', 'a', { limit: 5 })
    await backend.expire('entry', 'a', ['k29'], { ttlMs: 30_000, maxAgeMs: undefined, expiresAt: undefined })
    const seen = new Set(first.keys)
    for (let cursor = first.cursor; cursor !== undefined; ) {
      const page = await backend.scan('entry', 'a', { cursor, limit: 5 })
      for (const key of page.keys) seen.add(key)
      cursor = page.cursor
    }
    expect(seen.size).toBe(30)
  })

  test('agrees with the deadlines of the keys whatever is done', async () => {
    const { backend } = setup(2)
    await backend.write('a', [
      write('taken'),
      write('deleted'),
      write('slid', 'v', sliding(MINUTE)),
      write('past'),
      write('pinned'),
    ])
    await backend.write('a', [
      write('past', 'v', {
        ...rolling(undefined),
        onLive: 'replace',
        limitMs: undefined,
        expiry: { ttlMs: undefined, maxAgeMs: undefined, expiresAt: 1, restartOn: 'write', refreshAfter: 0 },
      }),
    ])
    await backend.take('a', 'taken')
    await backend.delete('entry', 'a', ['deleted'])
    await sleep(10)
    await backend.read('a', ['slid'], SLIDE)
    await backend.expire('entry', 'a', ['pinned'], { ttlMs: undefined, maxAgeMs: undefined, expiresAt: undefined })
    await backend.writeGroup('a', 'g', [['m', 'v']], sliding(MINUTE))
    await backend.touch('group', 'a', ['g'])
    await backend.writeGroup('a', 'emptied', [['m', 'v']], sliding(MINUTE))
    await backend.deleteMembers('a', 'emptied', ['m'])
    const tally = await statsOf(backend)
    expect(tally?.entries).toMatchObject({ permanent: 1, active: 1, expired: 0 })
    expect(tally?.groups).toMatchObject({ permanent: 0, active: 1, expired: 0 })
    const [slid] = await backend.inspect('entry', 'a', ['slid'])
    expect(tally?.entries.nextExpiresAt).toBe(slid?.expiresAt)
    const [group] = await backend.inspect('group', 'a', ['g'])
    expect(tally?.groups.nextExpiresAt).toBe(group?.expiresAt)
  })

  test('what was evicted, or deleted by others, is neither listed nor due, and sweeps find it little by little', async () => {
    const { backend, connection, prefix } = setup()
    const names60 = Array.from({ length: 60 }, (_, i) => `k${i}`)
    await backend.write(
      'a',
      names60.map((key, i) => write(key, 'v', rolling(i % 2 === 0 ? undefined : MINUTE))),
    )
    await backend.write('a', [write('stays'), write('pinned', 'v', rolling(undefined))])
    for (const key of names60) {
      const shard = Array.from({ length: 4 }, (_, each) => `${prefix}{${each}}a:${key}`)
      const gone = await Promise.all(shard.map((each) => connection.unlink(each)))
      expect(gone.reduce((sum, count) => sum + count, 0)).toBe(1)
    }
    const asOf = (await backend.now()) + 2 * MINUTE
    expect([...new Set(await names(backend, 'entry', 'a'))].sort()).toEqual(['pinned', 'stays'])
    expect((await backend.due?.({ asOf, limit: 1_000 }))?.due.map(({ key }) => key)).toEqual(['stays'])
    expect((await statsOf(backend))?.entries).toMatchObject({ permanent: 31, active: 31 })
    const swept = async () => {
      await backend.sweep({ limit: 1_000 })
      return (await statsOf(backend))?.entries
    }
    await expect.poll(swept, { timeout: 10_000, interval: 1 }).toMatchObject({ permanent: 1, active: 1 })
  })

  test('what is due next is the first deadline, also of what a sweep has still to remove', async () => {
    const { backend } = setup()
    expect(await backend.nextDue?.()).toBeUndefined()
    await backend.write('a', [write('pinned', 'v', rolling(undefined))])
    expect(await backend.nextDue?.()).toBeUndefined()
    await backend.write('a', [write('late', 'v', rolling(MINUTE)), write('k', 'v', sliding(30))])
    await backend.writeGroup('b', 'g', [['m', 'v']], rolling(2 * MINUTE))
    const [reading] = await backend.inspect('entry', 'a', ['k'])
    expect(await backend.nextDue?.()).toBe(reading?.expiresAt)
    await sleep(50)
    expect(await backend.nextDue?.()).toBe(reading?.expiresAt)
    await backend.sweep({ limit: 1_000 })
    const [late] = await backend.inspect('entry', 'a', ['late'])
    expect(await backend.nextDue?.()).toBe(late?.expiresAt)
  })

  test('a background sweeper keeps the index clean', async () => {
    const { backend } = setup()
    const store = createStore({ backend, policy: { ttl: '30ms' } })
    const sweeper = store.startSweeper({ minDelay: '1ms', interval: '1s', dutyCycle: 1 })
    expect((await sweeper.status()).state).toBe('waiting')
    const ns = store.namespace('a')
    await ns.setMany(Array.from({ length: 30 }, (_, i) => [`k${i}`, 1] as const))
    await expect
      .poll(async () => (await statsOf(backend))?.entries, { timeout: 10_000 })
      .toMatchObject({
        active: 0,
        expired: 0,
      })
    await sweeper.stop()
    expect(await store.sweeperStatus()).toMatchObject({ state: 'stopped', failures: 0, lagMs: 0 })
  })
})

describe.each(kinds)('namespaces on %s', (kind) => {
  test.each([false, { shards: 3 }])('are named where anything lives (index: %j)', async (index) => {
    const connection = client(kind)
    const prefix = freshPrefix()
    const backend = redis(connection, { prefix, index })
    const other = redis(connection, { prefix, index: index === false ? { shards: 3 } : false })
    expect(await backend.namespaces()).toEqual([])
    await backend.write('a', [write('k')])
    await backend.write('b:!#{}%*', [write('k{x}')])
    await backend.writeGroup('c', 'g', [['m', 'v']], rolling(MINUTE))
    await other.write('of another kind', [write('k{y}')])
    expect((await backend.namespaces()).toSorted()).toEqual(['a', 'b:!#{}%*', 'c'])
    expect(await other.namespaces()).toEqual(['of another kind'])
  })
})
