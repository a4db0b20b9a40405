import type { Backend } from '@ttl/core/adapter'
import type { Cluster, Redis } from 'ioredis'
import type * as v5 from 'ioredis5'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type RedisClient, redis } from '../src/index.ts'

describe('types', () => {
  test('the clients of ioredis 5 and 6 fit', () => {
    expectTypeOf<Redis>().toExtend<RedisClient>()
    expectTypeOf<Cluster>().toExtend<RedisClient>()
    expectTypeOf<Redis<'resp3'>>().toExtend<RedisClient>()
    expectTypeOf<v5.Redis>().toExtend<RedisClient>()
    expectTypeOf<v5.Cluster>().toExtend<RedisClient>()
    expectTypeOf(redis).returns.toExtend<Backend>()
  })

  test('nothing else does', () => {
    expectTypeOf<{ get(key: string): Promise<string> }>().not.toExtend<RedisClient>()
    // @ts-expect-error options of a connection that is not ours to make
    const both = () => redis({} as Redis, { url: 'redis://localhost' })
    // @ts-expect-error no such option
    const unknown = () => redis({ url: 'redis://localhost', prefx: 'a' })
    expect([both, unknown]).toHaveLength(2)
  })
})

describe('arguments that cannot be used are refused at once', () => {
  const bad: [unknown][] = [
    [undefined],
    [null],
    ['redis://localhost'],
    [{}],
    [{ url: '' }],
    [{ url: 1 }],
    [{ url: 'redis://localhost', prefx: 'a' }],
    [{ url: 'redis://localhost', prefix: 1 }],
    [{ url: 'redis://localhost', prefix: 'a{' }],
    [{ url: 'redis://localhost', prefix: '{}' }],
    [{ url: 'redis://localhost', prefix: '\ud800' }],
    [{ url: 'redis://localhost', index: 1 }],
    [{ url: 'redis://localhost', index: { shards: 0 } }],
    [{ url: 'redis://localhost', index: { shards: 1.5 } }],
    [{ url: 'redis://localhost', index: { shrads: 4 } }],
  ]
  test.each(bad)('%j', (target) => {
    expect(() => redis(target as never)).toThrow(expect.objectContaining({ code: 'TTL_INVALID' }))
  })
})
