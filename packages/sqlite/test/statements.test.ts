import assert from 'node:assert/strict'
import type { Backend } from '@ttl/core/adapter'
import Database from 'better-sqlite3'
import { test } from 'vitest'
import { type SqliteDatabase, sqlite } from '../src/index.ts'
import { namesFor } from '../src/schema.ts'
import { sqlFor } from '../src/statements.ts'
import { connect, DETAIL, finallyDo, freshFile, Hands, READ, rolling, sliding, sweepAll, T0, write } from './support.ts'

async function everyOperation(backend: Backend) {
  const keys = ['k', 'l']
  const span = { ttlMs: 1_000, maxAgeMs: 2_000, expiresAt: undefined }
  await backend.write('a', [
    write('k'),
    { ...write('l', 'v', rolling(1_000, { maxAgeMs: 5_000 })), condition: 'absent' },
  ])
  await backend.read('a', keys, DETAIL)
  await backend.writeGroup('a', 'g', [['m', 'v']], rolling(1_000))
  await backend.readGroup('a', 'g', undefined, DETAIL)
  await backend.readGroup('a', 'g', ['m'], DETAIL)
  for (const space of ['entry', 'group'] as const) {
    await backend.inspect(space, 'a', keys)
    await backend.touch(space, 'a', keys)
    await backend.expire(space, 'a', keys, span)
    await backend.scan(space, 'a', { limit: 10 })
    await backend.delete(space, 'a', ['l'])
  }
  await backend.deleteMembers('a', 'g', ['m'])
  await backend.take('a', 'k')
  await backend.sweep({ limit: 10 })
  await backend.stats?.()
  await backend.stats?.('a')
  await backend.clear?.('a')
}

test('statements are prepared once, not per call', async () => {
  const db = new Database(':memory:')
  finallyDo(() => db.close())
  let prepared = 0
  const counting: SqliteDatabase = {
    get memory() {
      return db.memory
    },
    get name() {
      return db.name
    },
    get inTransaction() {
      return db.inTransaction
    },
    prepare(sql) {
      prepared++
      return db.prepare(sql)
    },
    exec: (sql) => db.exec(sql),
    transaction: (run) => db.transaction(run),
    close: () => assert.fail('closed what is not its own'),
  }
  const backend = sqlite(counting)
  await everyOperation(backend)
  const once = prepared
  assert.ok(once > 10)
  for (let i = 0; i < 20; i++) await everyOperation(backend)
  assert.equal(prepared, once)
})

test('every statement searches an index', () => {
  const db = new Database(':memory:')
  finallyDo(() => db.close())
  sqlite(db).read('a', ['k'], READ)
  const scans = Object.entries(sqlFor(namesFor('ttl'))).flatMap(([name, sql]) => {
    const parameters = Array((sql.match(/\?/g) ?? []).length).fill(1)
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[]
    return plan.filter(({ detail }) => /^SCAN|TEMP B-TREE/.test(detail)).map(({ detail }) => `${name}: ${detail}`)
  })
  assert.deepEqual(scans, ['tally: SCAN (subquery-1)'])
})

test('a row that was found is restarted by its id, if it is still that row', () => {
  const db = new Database(':memory:')
  finallyDo(() => db.close())
  const backend = sqlite(db, { clock: new Hands() })
  backend.write('a', [write('k', 'v', sliding(1_000)), write('l', 'v', sliding(1_000))])
  const restartFound = db.prepare(sqlFor(namesFor('ttl')).restartFound)
  const { id } = db.prepare("SELECT id FROM ttl WHERE key = 'k'").get() as { id: number }
  const restart = (key: string) => {
    const now = T0 + 100
    return restartFound.run(now, id, 'a', 0, key, 2, now, now, 1, now).changes
  }
  assert.equal(restart('l'), 0)
  assert.equal(restart('k'), 1)
  const [{ detail }] = db.prepare(`EXPLAIN QUERY PLAN ${restartFound.source}`).all(...Array(10).fill(1)) as [
    { detail: string },
  ]
  assert.match(detail, /USING INTEGER PRIMARY KEY/)
})

test('a read with nothing due writes nothing', async () => {
  const file = freshFile()
  const clock = new Hands()
  const db = connect(file)
  const observer = connect(file)
  const backend = sqlite(db, { clock })
  await backend.write('a', [
    write('rolling'),
    write('never', 'v', rolling(undefined)),
    write('capped', 'v', sliding(1_000, { expiresAt: T0 + 1_000 })),
    write('gated', 'v', sliding(1_000, { refreshAfter: 0.5 })),
    write('sliding', 'v', sliding(1_000)),
  ])
  await backend.writeGroup('a', 'g', [['m', 'v']], sliding(1_000, { refreshAfter: 0.5 }))
  const version = () => [
    db.prepare('SELECT total_changes()').pluck().get(),
    observer.pragma('data_version', { simple: true }),
  ]
  clock.at += 499
  const before = version()
  await backend.read('a', ['rolling', 'never', 'capped', 'gated', 'absent'], DETAIL)
  await backend.readGroup('a', 'g', undefined, DETAIL)
  await backend.read('a', ['sliding'], { ...READ, touch: false })
  await backend.inspect('entry', 'a', ['sliding'])
  await backend.scan('entry', 'a', { limit: 10 })
  await backend.stats?.()
  await backend.sweep({ limit: 10 })
  assert.deepEqual(version(), before)
  await backend.read('a', ['sliding'], DETAIL)
  const after = version()
  assert.notDeepEqual(after, before)
  await backend.read('a', ['sliding'], DETAIL)
  assert.deepEqual(version(), after)
})

test('the lower bound stays below the deadline, and refreshes and overwrites do not raise it', async () => {
  const clock = new Hands()
  const db = new Database(':memory:')
  finallyDo(() => db.close())
  const backend = sqlite(db, { clock })
  const bounds = () => {
    const row = db
      .prepare("SELECT sweep_at - ? AS sweepAt, expires_at - ? AS expiresAt FROM ttl WHERE key = 'k'")
      .get(T0, T0)
    const { sweepAt, expiresAt } = row as Record<'sweepAt' | 'expiresAt', number | null>
    return [sweepAt, expiresAt]
  }
  await backend.write('a', [write('k', 'v', sliding(1_000))])
  assert.deepEqual(bounds(), [1_000, 1_000])
  clock.at += 500
  await backend.read('a', ['k'], READ)
  assert.deepEqual(bounds(), [1_000, 1_500])
  clock.at += 100
  await backend.write('a', [write('k', 'v', sliding(1_000))])
  assert.deepEqual(bounds(), [1_000, 1_600])
  await backend.touch('entry', 'a', ['k'])
  await backend.expire('entry', 'a', ['k'], { ttlMs: 300, maxAgeMs: undefined, expiresAt: undefined })
  assert.deepEqual(bounds(), [900, 900])
  await backend.write('a', [write('k', 'v', rolling(100))])
  assert.deepEqual(bounds(), [700, 700])
  await backend.write('a', [write('k', 'v', rolling(undefined))])
  assert.deepEqual(bounds(), [700, null])
  clock.at += 100
  assert.equal(await sweepAll(backend), 0)
  assert.deepEqual(bounds(), [null, null])
  await backend.expire('entry', 'a', ['k'], { ttlMs: 300, maxAgeMs: undefined, expiresAt: undefined })
  assert.deepEqual(bounds(), [1_000, 1_000])
})
