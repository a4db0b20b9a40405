import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createStore } from '@ttl/core'
import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { redis } from '../src/index.ts'
import { client, freshPrefix, removeAll } from './support/index.ts'

test('an entry takes at most 1.15 times the memory of the same SET by hand, in the mean', {
  timeout: 120_000,
}, async () => {
  const connection = client() as Redis
  const prefix = freshPrefix()
  const ns = createStore({ backend: redis(connection, { prefix }) }).namespace<string>('session', {
    policy: { ttl: '30m' },
  })
  const COUNT = 100_000
  let [ours, byHand] = [0, 0]
  for (let from = 0; from < COUNT; from += 5_000) {
    const keys = Array.from({ length: 5_000 }, (_, i) => `user:${from + i}`)
    // Values of 50 to 1 000 bytes, as JSON.
    const values = keys.map((_, i) => 'x'.repeat(48 + (((from + i) * 7_919) % 951)))
    await ns.setMany(keys.map((key, i) => [key, values[i] as string]))
    await Promise.all(
      keys.map((key, i) => connection.set(`${prefix}byhand:${key}`, JSON.stringify(values[i]), 'PX', 1_800_000)),
    )
    const sum = `local sum = 0 for i = 1, #KEYS do sum = sum + redis.call('MEMORY', 'USAGE', KEYS[i]) end return sum`
    for (let at = 0; at < keys.length; at += 1_000) {
      const some = keys.slice(at, at + 1_000)
      ours += Number(
        await connection.eval(
          sum,
          some.length,
          some.map((key) => `${prefix}session:${key}`),
        ),
      )
      byHand += Number(
        await connection.eval(
          sum,
          some.length,
          some.map((key) => `${prefix}byhand:${key}`),
        ),
      )
    }
    await removeAll(connection, prefix)
  }
  const note = `@ttl/redis: ${(ours / COUNT).toFixed(1)} bytes per entry, ${(byHand / COUNT).toFixed(1)} by hand, ratio ${(ours / byHand).toFixed(4)}\n`
  appendFileSync(join(process.env.TTL_NOTES_DIR as string, 'redis-memory.txt'), note)
  expect(ours / byHand).toBeLessThanOrEqual(1.15)
})
