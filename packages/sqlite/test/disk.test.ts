import assert from 'node:assert/strict'
import { createStore, TtlError } from '@ttl/core'
import { test } from 'vitest'
import { sqlite } from '../src/index.ts'
import { connect, freshFile, READ, rolling, write } from './support.ts'

test('a full disk fails a batch as a whole, and what was there stays', async () => {
  const db = connect(freshFile())
  const backend = sqlite(db)
  await backend.write('a', [write('k0', 'old'), write('x', 'old')])
  await backend.writeGroup('a', 'g', [['m', 'old']], rolling(60_000))
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
  const big = Array.from({ length: 50 }, (_, i) => write(`k${i}`, 'v'.repeat(2_000)))
  assert.throws(
    () => backend.write('a', big),
    (error) => {
      assert.equal((error as { code?: unknown }).code, 'SQLITE_FULL')
      assert.deepEqual(backend.classify(error), { retryable: false })
      return true
    },
  )
  const members = big.map(({ key, payload }) => [key, payload] as const)
  assert.throws(() => backend.writeGroup('a', 'g', members, rolling(60_000)), { code: 'SQLITE_FULL' })
  assert.throws(() => backend.writeGroup('a', 'new', members, rolling(60_000)), { code: 'SQLITE_FULL' })
  const error = await createStore({ backend })
    .namespace('a')
    .set('k', 'v'.repeat(20_000))
    .catch((thrown: unknown) => thrown)
  assert.ok(error instanceof TtlError)
  assert.deepEqual(
    [error.code, error.retryable, error.key, (error.cause as { code?: unknown }).code],
    ['TTL_BACKEND', false, 'k', 'SQLITE_FULL'],
  )

  assert.deepEqual((await backend.scan('entry', 'a', { limit: 100 })).keys, ['k0', 'x'])
  assert.deepEqual(await backend.read('a', ['k0', 'x'], READ), [{ payload: 'old' }, { payload: 'old' }])
  assert.deepEqual(await backend.readGroup('a', 'g', undefined, READ), { members: [['m', 'old']] })
  assert.deepEqual((await backend.scan('group', 'a', { limit: 100 })).keys, ['g'])
  db.pragma('max_page_count = 1000000')
  assert.deepEqual(await backend.write('a', big), Array(50).fill(true))
  assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
})

test('a disk too full for the tables leaves none of them, and opening is tried again', async () => {
  const db = connect(freshFile())
  db.exec('CREATE TABLE theirs (a)')
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
  const backend = sqlite(db)
  for (let i = 0; i < 2; i++) assert.throws(() => backend.write('a', [write('k')]), { code: 'SQLITE_FULL' })
  assert.deepEqual(db.prepare('SELECT name FROM sqlite_master').pluck().all(), ['theirs'])
  db.pragma('max_page_count = 1000000')
  assert.deepEqual(await backend.write('a', [write('k')]), [true])
})
