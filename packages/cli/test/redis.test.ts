import { createStore, never } from '@ttl/core'
import { redis } from '@ttl/redis'
import { describe, expect, inject, it } from 'vitest'
import '../../../tools/backends/src/servers.ts'
import { run } from './support/run.ts'

const url = inject('redisUrl')
const prefix = `cli-${process.pid}-${process.hrtime.bigint().toString(36)}:`
const ttl = (...args: string[]) => run(args, { env: { TTL_TEST_URL: url } })

async function filled(options: { readonly prefix: string; readonly index: boolean }) {
  await using store = createStore({ backend: redis({ url, ...options }) })
  await store.namespace('token').setMany([
    ['t1', 1, { ttl: '90m' }],
    ['t2', { b: 2 }, { ttl: never }],
  ])
  await store.namespace('thread').group('t', { ttl: '3d' }).set('m', 'x')
}

describe('ttl on Redis', () => {
  it('counts and forecasts where the application keeps an index', async () => {
    await filled({ prefix: `${prefix}i:`, index: true })
    const store = ['env:TTL_TEST_URL', '--prefix', `${prefix}i:`, '--index']
    expect((await ttl('stats', ...store)).stdout).toMatch(/^token +entries +2 +1 +0 +in 1h\d+m +in 1h\d+m$/m)
    expect((await ttl('preview', ...store, '--within', '2h')).stdout).toMatch(/ token +entry +t1$/m)
    expect((await ttl('forecast', ...store)).stdout).toMatch(/^1h – 1d +1 {2}█+$/m)
    expect(await ttl('sweep', ...store)).toMatchObject({ code: 0, stderr: '' })
    const copied = await ttl(
      'transfer',
      'env:TTL_TEST_URL',
      'env:TTL_TEST_URL',
      '--from-prefix',
      `${prefix}i:`,
      '--from-index',
      '--to-prefix',
      `${prefix}c:`,
    )
    expect(copied.stdout).toMatch(/^Copied 2 entries and 1 group /)
    expect((await ttl('get', 'env:TTL_TEST_URL', 'token', 't2', '--prefix', `${prefix}c:`)).stdout).toBe('{"b":2}\n')
  })

  it('says what is missing where there is none, and reads entries all the same', async () => {
    await filled({ prefix: `${prefix}p:`, index: false })
    const store = ['env:TTL_TEST_URL', '--prefix', `${prefix}p:`]
    const { code, stderr } = await ttl('stats', ...store)
    expect(stderr).toMatch(/Redis cannot tell this without reading everything.*add --index/)
    expect(code).toBe(1)
    expect((await ttl('get', ...store, 'token', 't1')).stdout).toBe('1\n')
    expect((await ttl('expiry', ...store, 'thread', 't', '-g')).stdout).toMatch(/expires +in (2d23h|3d)/)
  })
})
