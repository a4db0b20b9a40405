import assert from 'node:assert/strict'
import { test } from 'vitest'
import { sqlite } from '../src/index.ts'
import { connect, freshFile, Hands, READ, rolling, sliding, write } from './support.ts'

test("takes part in the caller's transaction: rolled back with it, committed with it", async () => {
  const file = freshFile()
  const [db, other] = [connect(file), connect(file)]
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER PRIMARY KEY)')
  const [backend, observer] = [sqlite(db), sqlite(other)]
  await backend.write('a', [write('k', 'old')])
  const work = () => {
    db.prepare('INSERT INTO orders DEFAULT VALUES').run()
    backend.write('a', [write('k', 'new'), write('l')])
    backend.writeGroup('a', 'g', [['m', 'v']], rolling(1_000))
    assert.deepEqual(backend.read('a', ['k'], READ), [{ payload: 'new' }])
    assert.deepEqual(observer.read('a', ['k', 'l'], READ), [{ payload: 'old' }, undefined])
  }
  const seen = async () => [
    db.prepare('SELECT count(*) FROM orders').pluck().get(),
    ...(await observer.read('a', ['k', 'l'], READ)).map((found) => found?.payload),
    (await observer.readGroup('a', 'g', undefined, READ))?.members.length,
  ]
  assert.throws(
    db.transaction(() => {
      work()
      throw new Error('changed my mind')
    }),
    /changed my mind/,
  )
  assert.deepEqual(await seen(), [0, 'old', undefined, undefined])
  db.transaction(work)()
  assert.deepEqual(await seen(), [1, 'new', 'v', 1])
  assert.equal(db.inTransaction, false)
})

test('a failing call within a transaction undoes only itself', async () => {
  const db = connect(freshFile())
  const backend = sqlite(db)
  await backend.write('a', [write('k', 'old')])
  db.transaction(() => {
    backend.write('a', [write('k', 'kept')])
    assert.throws(() => backend.write('a', [write('k', 'lost'), write('bad', {} as string)]))
    assert.deepEqual(backend.read('a', ['k'], READ), [{ payload: 'kept' }])
  })()
  assert.deepEqual(await backend.read('a', ['k'], READ), [{ payload: 'kept' }])
})

test('tables made within a transaction that is rolled back are made again', async () => {
  const db = connect(freshFile())
  const backend = sqlite(db)
  const write1 = () => assert.deepEqual(backend.write('a', [write('k')]), [true])
  assert.throws(
    db.transaction(() => {
      write1()
      throw new Error('no')
    }),
  )
  assert.deepEqual(db.prepare('SELECT * FROM sqlite_master').all(), [])
  write1()
  assert.deepEqual(await backend.read('a', ['k'], READ), [{ payload: 'v' }])
})

test('what a concurrent connection did meanwhile is not undone by a restart', async () => {
  const file = freshFile()
  const clock = new Hands()
  const [reader, writer] = [sqlite(file, { clock }), sqlite(file, { clock })]
  await reader.write('a', [write('k', 'v', sliding(1_000))])
  clock.at += 600
  // Between the read and its restart: the clock of the reader is asked exactly there.
  let interfere = true
  const between = {
    now() {
      if (interfere) {
        interfere = false
        void writer.expire('entry', 'a', ['k'], { ttlMs: undefined, maxAgeMs: undefined, expiresAt: clock.at + 5 })
      }
      return clock.at
    },
  }
  const interrupted = sqlite(file, { clock: between })
  assert.deepEqual(await interrupted.read('a', ['k'], READ), [{ payload: 'v' }])
  assert.equal(interfere, false)
  assert.equal((await writer.inspect('entry', 'a', ['k']))[0]?.expiresAt, clock.at + 5)
  for (const backend of [reader, writer, interrupted]) await backend.close()
})

test('what dies between a read and its restart stays dead', async () => {
  const file = freshFile()
  const clock = new Hands()
  const backend = sqlite(file, { clock })
  await backend.write('a', [write('k', 'v', sliding(1_000))])
  await backend.writeGroup('a', 'g', [['m', 'v']], sliding(1_000))
  clock.at += 999
  const hasty = sqlite(file, { clock: { now: () => clock.at++ } })
  await hasty.read('a', ['k'], READ)
  clock.at -= 2
  await hasty.readGroup('a', 'g', undefined, READ)
  assert.deepEqual(await backend.inspect('entry', 'a', ['k']), [undefined])
  assert.deepEqual(await backend.inspect('group', 'a', ['g']), [undefined])
  for (const each of [backend, hasty]) await each.close()
})

test('a write that waits from before a transaction of the caller does not become part of it', async () => {
  const file = freshFile()
  const db = connect(file, { timeout: 0 })
  const backend = sqlite(db)
  await backend.write('a', [write('first')])
  const other = connect(file, { timeout: 0 })
  other.exec('BEGIN IMMEDIATE')
  const waiting = Promise.resolve(backend.write('a', [write('k')]))
  other.exec('ROLLBACK')
  db.exec('BEGIN IMMEDIATE')
  await new Promise((resolve) => setTimeout(resolve, 200))
  db.exec('ROLLBACK')
  assert.deepEqual(await waiting, [true])
  assert.equal((await backend.read('a', ['k'], READ))[0]?.payload, 'v')
})
