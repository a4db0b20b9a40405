import { at, createStore, epochMs, sliding } from '@ttl/core'
import { Server } from '@ttl/redis-server'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { redis } from '../src/index.ts'
import { finallyDo } from './support/index.ts'

test('a group is one hash with one deadline', async () => {
  const { client, group } = await setup()
  await group.setMany({ a: 1, b: { c: 2 } })
  expect(await client.keys('*')).toEqual(['ttl:n#g'])
  expect(await client.hgetall('ttl:n#g')).toEqual({
    '': expect.stringMatching(/^ a60000\^\d+@\d+$/),
    a: '1 ',
    b: '{"c":2} ',
  })
  expect(await group.expiry()).toMatchObject({ expiresAt: epochMs(await client.pexpiretime('ttl:n#g')) })
})

test.each([false, true])(
  'whatever deletes a large group, the server frees it in the background (index: %s)',
  async (index) => {
    const { client, ns, group } = await setup(index)
    const members = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`m${i}`, 'x']))
    const freedInBackground = async () => Number(/lazyfreed_objects:(\d+)/.exec(await client.info('memory'))?.[1])
    const ways: Record<string, () => Promise<unknown>> = {
      delete: () => group.delete(),
      'clear of the namespace': () => ns.clear(),
      'an instant in the past': () => group.expire(at('2001-01-01T00:00:00Z')),
    }
    for (const [name, way] of Object.entries(ways)) {
      await group.setMany(members)
      const before = await freedInBackground()
      await way()
      expect([name, await group.getMany()]).toEqual([name, new Map()])
      await expect.poll(freedInBackground).toBe(before + 1)
    }
  },
)

async function setup(index = false) {
  const server = await Server.start()
  finallyDo(() => server.stop())
  const client = new Redis(server.url)
  finallyDo(() => client.disconnect())
  const ns = createStore({ backend: redis(client, { index }) }).namespace('n', { policy: sliding('1m', { max: '1h' }) })
  return { client, ns, group: ns.group('g') }
}
