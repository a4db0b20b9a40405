import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStore, TtlError } from '@ttl/core'
import { manualClock } from '@ttl/core/testing'
import Database from 'better-sqlite3'
import { test } from 'vitest'
import type { SqliteDatabase } from '../src/client.ts'
import { sqlite } from '../src/index.ts'
import { connect, freshFile, Hands, open, READ, sliding, write } from './support.ts'

/** A file whose tables exist, and another connection to hold its write lock. */
async function contended() {
  const file = freshFile()
  const first = sqlite(file)
  await first.write('a', [write('k', 'before')])
  await first.close()
  const holder = connect(file)
  return { file, hold: () => holder.exec('BEGIN IMMEDIATE'), release: () => holder.exec('ROLLBACK') }
}

const stored = async (backend: ReturnType<typeof open>, key = 'k') => (await backend.read('a', [key], READ))[0]?.payload

test('answers at once while nobody holds the lock', async () => {
  const backend = open(freshFile())
  assert.deepEqual(backend.write('a', [write('k')]), [true])
  await undefined
  assert.deepEqual(backend.touch('entry', 'a', ['k']), [true])
  await undefined
  assert.deepEqual(backend.read('a', ['k'], READ), [{ payload: 'v' }])
})

test('a write waits for the lock without blocking the event loop, and answers at once again afterwards', async () => {
  const { file, hold, release } = await contended()
  const backend = open(file)
  hold()
  const waiting = backend.write('a', [write('k', 'after')])
  assert.ok(waiting instanceof Promise)
  let turns = 0
  const turn = setInterval(() => turns++, 1)
  await sleep(300)
  clearInterval(turn)
  assert.ok(turns > 5, `${turns} turns of the event loop in 300 ms`)
  assert.equal(await stored(backend), 'before')
  release()
  assert.deepEqual(await waiting, [true])
  assert.equal(await stored(backend), 'after')
  assert.deepEqual(backend.write('a', [write('k')]), [true])
})

test('a lock held for too long is an error that may be retried', async () => {
  const { file, hold, release } = await contended()
  const backend = open(file, { busyTimeout: '80ms' })
  hold()
  const start = performance.now()
  const error = await Promise.resolve(backend.write('a', [write('k')])).catch((thrown: unknown) => thrown)
  const took = performance.now() - start
  assert.ok(took >= 80 && took < 20_000, `gave up after ${took} ms`)
  assert.equal((error as { code?: unknown }).code, 'SQLITE_BUSY')
  assert.deepEqual(backend.classify(error), { retryable: true })
  const wrapped = await createStore({ backend })
    .namespace('a')
    .set('k', 1)
    .catch((thrown: unknown) => thrown)
  assert.ok(wrapped instanceof TtlError)
  assert.deepEqual([wrapped.code, wrapped.retryable], ['TTL_BACKEND', true])
  release()
  assert.equal(await stored(backend), 'before')
  assert.deepEqual(await backend.write('a', [write('k', 'again')]), [true])
})

test('opening waits as well', async () => {
  const file = freshFile()
  const holder = connect(file)
  holder.exec('BEGIN EXCLUSIVE')
  const waiting = open(file).write('a', [write('k')])
  assert.ok(waiting instanceof Promise)
  await sleep(50)
  holder.exec('ROLLBACK')
  assert.deepEqual(await waiting, [true])
})

test('what waits keeps its order, what comes later does not overtake it, and close waits for all', async () => {
  const { file, hold, release } = await contended()
  const backend = sqlite(file)
  hold()
  const waiting = Array.from({ length: 50 }, (_, i) => backend.write('a', [write('k', `${i}`), write(`k${i}`)]))
  await sleep(20)
  release()
  waiting.push(backend.write('a', [write('k', 'last'), write('k50')]))
  let settled = 0
  for (const each of waiting) void Promise.resolve(each).then(() => settled++)
  await backend.close()
  assert.equal(settled, 51)
  assert.deepEqual(await Promise.all(waiting), Array(51).fill([true, true]))
  assert.equal(await stored(open(file)), 'last')
})

test('reads do not wait for writers, but for their own restart', async () => {
  const { file, hold, release } = await contended()
  const clock = new Hands()
  const backend = open(file, { clock })
  await backend.write('a', [write('s', 'v', sliding(1_000))])
  hold()
  void backend.write('a', [write('k')])
  await undefined
  assert.deepEqual(backend.read('a', ['s'], { ...READ, touch: false }), [{ payload: 'v' }])
  await undefined
  assert.deepEqual(backend.read('a', ['k'], READ), [{ payload: 'before' }])
  await undefined
  assert.ok(Array.isArray(backend.inspect('entry', 'a', ['s'])))
  clock.at += 10
  await undefined
  const restarting = backend.read('a', ['s'], READ)
  assert.ok(restarting instanceof Promise)
  release()
  assert.deepEqual(await restarting, [{ payload: 'v' }])
  assert.equal((await backend.inspect('entry', 'a', ['s']))[0]?.expiresAt, clock.at + 1_000)
})

test('an entry that died while its read waited for the lock is not revived', async () => {
  const { file, hold, release } = await contended()
  const clock = new Hands()
  const backend = open(file, { clock })
  await backend.write('a', [write('s', 'v', sliding(1_000))])
  clock.at += 500
  hold()
  const restarting = backend.read('a', ['s'], READ)
  clock.at += 500
  release()
  assert.deepEqual(await restarting, [undefined])
  assert.deepEqual(await backend.inspect('entry', 'a', ['s']), [undefined])
})

test('the clock is read after the lock: a ttl that waited is whole', async () => {
  const { file, hold, release } = await contended()
  const clock = new Hands()
  const backend = open(file, { clock })
  await backend.read('a', ['k'], READ)
  hold()
  const waiting = backend.write('a', [write('new')])
  clock.at += 5_000
  release()
  await waiting
  assert.equal((await backend.inspect('entry', 'a', ['new']))[0]?.expiresAt, clock.at + 60_000)
})

test("within the caller's transaction nothing waits: the error comes at once", async () => {
  const { file, hold, release } = await contended()
  const db = connect(file, { timeout: 1 })
  const backend = sqlite(db)
  await backend.read('a', ['k'], READ)
  hold()
  db.exec('BEGIN')
  assert.throws(() => backend.write('a', [write('k')]), { code: 'SQLITE_BUSY' })
  db.exec('COMMIT')
  release()
  assert.deepEqual(backend.write('a', [write('k')]), [true])
})

// Near its death an entry is restarted in a transaction, far from it in a statement of its own.
test.for([1_000, 60_000])(
  'sliding reads that find others waiting do not ask for the lock themselves: %i ms',
  async (ttlMs) => {
    const { file, hold, release } = await contended()
    const clock = new Hands()
    const db = connect(file, { timeout: 0 })
    let asked = 0
    const asking = <Call extends (...args: never[]) => unknown>(call: Call) =>
      ((...args) => {
        if (!db.inTransaction) asked++
        return call(...args)
      }) as Call
    const counting = new Proxy(db, {
      get(target, name) {
        if (name === 'transaction') {
          return (body: (...args: unknown[]) => unknown) => {
            const transaction = target.transaction(body)
            return { deferred: transaction.deferred, immediate: asking(transaction.immediate) }
          }
        }
        if (name === 'prepare') {
          return (sql: string) => {
            const statement = target.prepare(sql)
            statement.run = asking(statement.run.bind(statement))
            return statement
          }
        }
        const member: unknown = Reflect.get(target, name, target)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
    const backend = open(counting, { clock })
    await backend.write('a', [write('k', 'v', sliding(ttlMs))])
    clock.at += 500
    hold()
    asked = 0
    const reads = Array.from({ length: 100 }, () => backend.read('a', ['k'], READ))
    assert.equal(asked, 1)
    release()
    const found = await Promise.all(reads)
    assert.deepEqual(new Set(found.map(([entry]) => entry?.payload)), new Set(['v']))
  },
)

test('what dies while a touch waits for the lock stays dead', async () => {
  const { file } = await contended()
  const clock = new Hands()
  const db = connect(file, { timeout: 0 })
  let waitMs = 0
  const slow = new Proxy(db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (name !== 'prepare') return typeof member === 'function' ? member.bind(target) : member
      return (sql: string) => {
        const statement = target.prepare(sql)
        const run = statement.run.bind(statement)
        statement.run = (...values: unknown[]) => {
          // As long as the statement would wait for its lock.
          if (!db.inTransaction) clock.at += waitMs
          return run(...values)
        }
        return statement
      }
    },
  })
  const backend = open(slow, { clock })
  await backend.write('a', [write('k', 'v', sliding(10_000))])
  clock.at += 9_200
  waitMs = 900
  assert.deepEqual(await backend.touch('entry', 'a', ['k']), [false])
  assert.deepEqual(await backend.inspect('entry', 'a', ['k']), [undefined])
})

test('what dies while a statement waits for the lock stays dead, however long a database of the caller waits', async () => {
  const clock = manualClock()
  const db = new Database(freshFile(), { timeout: 5_000 })
  const wait = () => clock.advance('3s')
  // Whatever asks for the write lock waits three seconds for it.
  const slow: SqliteDatabase = {
    memory: db.memory,
    name: db.name,
    get inTransaction() {
      return db.inTransaction
    },
    exec: (sql) => db.exec(sql),
    close: () => db.close(),
    prepare(sql) {
      const statement = db.prepare(sql)
      const run = statement.run.bind(statement)
      statement.run = (...args: unknown[]) => {
        if (!db.inTransaction) wait()
        return run(...args)
      }
      return statement
    },
    transaction(work) {
      const transaction = db.transaction(work)
      return {
        deferred: (inner) => transaction.deferred(inner),
        immediate(inner) {
          wait()
          return transaction.immediate(inner)
        },
      }
    },
  }
  const backend = sqlite(slow, { clock })
  await backend.write('a', [write('k', 'v', sliding(2_000)), write('long', 'v', sliding(60_000))])
  clock.advance('500ms')
  assert.deepEqual(await backend.touch('entry', 'a', ['k']), [false])
  assert.deepEqual(await backend.read('a', ['k'], READ), [undefined])
  assert.deepEqual(await backend.touch('entry', 'a', ['long']), [true])
  db.close()
})
