import { setTimeout as sleep } from 'node:timers/promises'
import { createStore, sliding, TtlError } from '@ttl/core'
import { MASTER, startSentinels } from '@ttl/redis-server'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { redis } from '../src/index.ts'
import { finallyDo } from './support/index.ts'

test('sentinels replace a master that was killed: errors are retryable, then the same client works, deadlines are where they were', async () => {
  const { master, replica, sentinels, stop } = await startSentinels()
  finallyDo(stop)
  const client = new Redis({
    sentinels: [...sentinels],
    name: MASTER,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 50,
    sentinelRetryStrategy: () => 50,
  })
  client.on('error', () => undefined)
  finallyDo(() => client.disconnect())
  const store = createStore({ backend: redis(client) })
  const plain = store.namespace<number>('plain', { policy: { ttl: '10m' } })
  const capped = store.namespace<number>('capped', { policy: sliding('10m', { max: '1h' }) })
  const group = capped.group('g')

  await plain.set('k', 1)
  await capped.set('k', 1)
  await capped.set('taken', 1)
  await group.setMany({ a: 1, b: 2 })
  const before = [await plain.expiry('k'), await capped.expiry('k'), await group.expiry()]
  // Whatever is acknowledged from here on may be lost with the master.
  expect(await client.wait(1, 5_000)).toBe(1)

  const errors: unknown[] = []
  const attempts: (() => Promise<unknown>)[] = [
    async () => expect(await plain.get('k')).toBe(1),
    async () => expect(await capped.get('k', { touch: false })).toBe(1),
    async () =>
      expect(await group.getMany(undefined, { touch: false })).toEqual(new Map(Object.entries({ a: 1, b: 2 }))),
    () => plain.set('during', 2),
    () => capped.set('during', 2),
  ]
  let over = false
  const load = Promise.all(
    attempts.map(async (attempt) => {
      while (!over) {
        await attempt().catch((error: unknown) => errors.push(error))
        await sleep(10)
      }
    }),
  )
  await master.crash()
  const port = async () => /tcp_port:(\d+)/.exec(await client.info('server').catch(() => ''))?.[1]
  await expect.poll(port, { timeout: 30_000, interval: 50 }).toBe(String(replica.port))
  const written = () => capped.set('after', 3).catch(() => false)
  await expect.poll(written, { timeout: 10_000 }).toBe(true)
  over = true
  await load

  expect(errors.length).toBeGreaterThan(0)
  for (const error of errors) {
    expect(error).toBeInstanceOf(TtlError)
    expect(error).toMatchObject({ code: 'TTL_BACKEND', retryable: true })
  }
  const deadlines = (all: readonly object[]) => all.map((each) => 'expiresAt' in each && each.expiresAt)
  const after = [await plain.expiry('k'), await capped.expiry('k'), await group.expiry()]
  expect(deadlines(after)).toEqual(deadlines(before))
  expect(await plain.set('k', 4)).toBe(true)
  expect(await plain.get('k')).toBe(4)
  expect(await capped.take('taken')).toBe(1)
  expect(await capped.take('taken')).toBeUndefined()
  expect(await group.set('c', 3)).toBe(true)
})
