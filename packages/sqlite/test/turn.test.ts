import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStore } from '@ttl/core'
import { systemClock } from '@ttl/core/adapter'
import Database from 'better-sqlite3'
import { test, vi } from 'vitest'
import { Access } from '../src/access.ts'
import { sqlite } from '../src/index.ts'
import { ItemTables } from '../src/item-tables.ts'
import { connect, freshFile, Hands, open, READ, sliding, write } from './support.ts'

/** Transactions that were committed to the WAL since it was begun: frames that give the size of the database. */
function commits(file: string): number {
  const wal = readFileSync(`${file}-wal`)
  const frame = 24 + wal.readUInt32BE(8)
  let count = 0
  for (let at = 32; at < wal.length; at += frame) if (wal.readUInt32BE(at + 4) !== 0) count++
  return count
}

/** Work on a file, as the backend does it. */
function shared() {
  const access = new Access(freshFile(), new ItemTables('ttl'), () => systemClock.now(), 5_000)
  access.read(() => undefined)
  return access.shared
}

const times = <T>(count: number, one: (index: number) => T) => Array.from({ length: count }, (_, index) => one(index))

test('one asked alone is answered at once, and one after the other as well', async () => {
  const backend = open(freshFile())
  for (const turn of [1, 2, 3]) {
    assert.deepEqual(backend.write('a', [write('k', `${turn}`)]), [true])
    await undefined
    assert.deepEqual(backend.read('a', ['k'], READ), [{ payload: `${turn}` }])
    await undefined
  }
})

test('what is written side by side is one transaction', async () => {
  const file = freshFile()
  const backend = open(file)
  assert.deepEqual(await backend.write('a', [write('k')]), [true])
  const before = commits(file)
  const written = await Promise.all(times(64, (index) => backend.write('a', [write(`k${index}`)])))
  assert.deepEqual(
    written,
    times(64, () => [true]),
  )
  // The first is not known to have company.
  assert.equal(commits(file) - before, 2)
  await Promise.all([
    backend.delete('entry', 'a', ['k1']),
    backend.touch('entry', 'a', ['k2']),
    backend.take('a', 'k3'),
    backend.expire('entry', 'a', ['k4'], { ttlMs: 5, maxAgeMs: undefined, expiresAt: undefined }),
    backend.writeGroup('a', 'g', [['m', 'v']], write('k').placement),
  ])
  assert.equal(commits(file) - before, 3)
})

test('no transaction is without end', async () => {
  const file = freshFile()
  const backend = open(file)
  await backend.write('a', [write('k')])
  const before = commits(file)
  await Promise.all(times(300, (index) => backend.write('a', [write(`k${index}`)])))
  assert.equal(commits(file) - before, 1 + Math.ceil(299 / 128))
})

test('what is large is a transaction of its own', async () => {
  const file = freshFile()
  const backend = open(file)
  await backend.write('a', [write('k')])
  const before = commits(file)
  await Promise.all(times(4, (index) => backend.write('a', [write(`k${index}`, 'v'.repeat(65_537))])))
  assert.equal(commits(file) - before, 4)
})

test('everything happens in the order in which it was asked', async () => {
  const backend = open(freshFile())
  const steps = [
    () => backend.read('a', ['k'], READ),
    () => backend.write('a', [write('k', '1')]),
    () => backend.read('a', ['k'], READ),
    () => backend.write('a', [write('k', '2')]),
    () => backend.write('a', [write('k', '3')]),
    () => backend.read('a', ['k'], READ),
    // Not shared: what was asked before is done first.
    () =>
      backend.write(
        'a',
        times(17, (index) => write(index === 0 ? 'k' : `k${index}`, 'many')),
      ),
    () => backend.read('a', ['k'], READ),
    () => backend.delete('entry', 'a', ['k']),
    () => backend.delete('entry', 'a', ['k']),
    () => backend.read('a', ['k'], READ),
    () => backend.take('a', 'k1'),
    () => backend.take('a', 'k1'),
  ]
  assert.deepEqual(await Promise.all(steps.map((step) => step())), [
    [undefined],
    [true],
    [{ payload: '1' }],
    [true],
    [true],
    [{ payload: '3' }],
    times(17, () => true),
    [{ payload: 'many' }],
    [true],
    [false],
    [undefined],
    'many',
    undefined,
  ])
})

test('nobody overtakes what was asked before, not even a moment later', async () => {
  const backend = open(freshFile())
  const written = [backend.write('a', [write('k', '1')]), backend.write('a', [write('k', '2')])]
  await undefined
  assert.deepEqual(await backend.read('a', ['k'], READ), [{ payload: '2' }])
  written.push(backend.write('a', [write('k2')]), backend.write('a', [write('k3')]))
  assert.deepEqual(await backend.scan('entry', 'a', { limit: 9 }), { keys: ['k', 'k2', 'k3'], cursor: undefined })
  assert.deepEqual(
    await Promise.all(written),
    times(4, () => [true]),
  )
})

test('one that fails takes nothing else with it, and leaves nothing behind', async () => {
  const file = freshFile()
  const backend = open(file)
  await backend.write('a', [write('k')])
  connect(file).exec(`
    CREATE TRIGGER bad BEFORE INSERT ON ttl WHEN new.key = 'bad' BEGIN SELECT raise(ABORT, 'bad key'); END;
    CREATE TRIGGER worse BEFORE INSERT ON ttl_member WHEN new.member = 'bad' BEGIN SELECT raise(ABORT, 'bad key'); END`)
  const settled = await Promise.allSettled([
    backend.write('a', [write('k1')]),
    backend.write('a', [write('k2')]),
    backend.write('a', [write('bad')]),
    backend.writeGroup(
      'a',
      'g',
      [
        ['m', 'v'],
        ['bad', 'v'],
      ],
      write('k').placement,
    ),
    backend.write('a', [write('k3')]),
  ])
  assert.deepEqual(
    settled.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as Error).message)),
    [[true], [true], 'bad key', 'bad key', [true]],
  )
  assert.deepEqual((await backend.scan('entry', 'a', { limit: 10 })).keys, ['k', 'k1', 'k2', 'k3'])
  assert.deepEqual((await backend.scan('group', 'a', { limit: 10 })).keys, [])
})

test('a reader that fails takes no other with it', async () => {
  const runner = shared()
  const settled = await Promise.allSettled(
    times(4, (index) =>
      runner.read(() => {
        if (index === 2) throw new Error('mine')
        return index
      }),
    ),
  )
  assert.deepEqual(
    settled.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as Error).message)),
    [0, 1, 'mine', 3],
  )
})

test('readers see one state, and none that is older than they are', async () => {
  const file = freshFile()
  const backend = open(file)
  const other = open(file)
  await backend.write('a', [write('k', 'old')])
  const reads = [backend.read('a', ['none'], READ), backend.read('a', ['k'], READ)]
  assert.deepEqual(other.write('a', [write('k', 'new')]), [true])
  reads.push(backend.read('a', ['k'], READ))
  const [, early, late] = await Promise.all(reads)
  assert.deepEqual(late, [{ payload: 'new' }])
  assert.deepEqual(early, late)
})

test('entries that slide are all restarted, by readers side by side', async () => {
  const clock = new Hands()
  const backend = open(freshFile(), { clock })
  const keys = times(20, (index) => `k${index}`)
  await backend.write(
    'a',
    keys.map((key, index) => write(key, 'v', sliding(index < 10 ? 1_000 : 60_000))),
  )
  clock.at += 500
  const found = await Promise.all(keys.map((key) => backend.read('a', [key], { ...READ, sliding: true })))
  assert.deepEqual(
    found,
    times(20, () => [{ payload: 'v' }]),
  )
  const readings = await backend.inspect('entry', 'a', keys)
  assert.deepEqual(
    readings.map((reading) => (reading?.expiresAt ?? 0) - clock.at),
    times(20, (index) => (index < 10 ? 1_000 : 60_000)),
  )
})

test('while somebody holds the lock, readers side by side wait only for their own restart', async () => {
  const file = freshFile()
  const clock = new Hands()
  const backend = open(file, { clock })
  await backend.write('a', [write('idle', 'v', sliding(60_000)), write('idle2', 'v', sliding(60_000)), write('plain')])
  clock.at += 500
  const holder = connect(file)
  holder.exec('BEGIN IMMEDIATE')
  const done: string[] = []
  const ask = (key: string) =>
    Promise.resolve(backend.read('a', [key], READ)).then(([found]) => done.push(`${key} ${found?.payload}`))
  const all = ['plain', 'idle', 'plain', 'idle2', 'plain'].map(ask)
  await Promise.all([all[0], all[2], all[4]])
  assert.deepEqual(done, ['plain v', 'plain v', 'plain v'])
  holder.exec('ROLLBACK')
  await Promise.all(all)
  assert.deepEqual(done.slice(3).toSorted(), ['idle v', 'idle2 v'])
})

test('writers side by side wait for the lock together, and each gives up by itself', async () => {
  const file = freshFile()
  const backend = open(file, { busyTimeout: '50ms' })
  await backend.write('a', [write('k')])
  const holder = connect(file)
  holder.exec('BEGIN IMMEDIATE')
  const failed = await Promise.allSettled(times(5, (index) => backend.write('a', [write(`k${index}`)])))
  for (const each of failed) assert.equal(each.status === 'rejected' && each.reason.code, 'SQLITE_BUSY')
  const waiting = Promise.all(times(5, (index) => backend.write('a', [write(`k${index}`)])))
  holder.exec('ROLLBACK')
  assert.deepEqual(
    await waiting,
    times(5, () => [true]),
  )
})

test('a batch that waited and failed is done again before what came later', async () => {
  const file = freshFile()
  const backend = open(file)
  await backend.write('a', [write('k', '0')])
  const holder = connect(file)
  holder.exec(`CREATE TRIGGER bad BEFORE INSERT ON ttl WHEN new.key = 'bad' BEGIN SELECT raise(ABORT, 'bad key'); END`)
  holder.exec('BEGIN IMMEDIATE')
  const first = Promise.allSettled(
    [write('x'), write('k', '1'), write('bad')].map(async (each) => backend.write('a', [each])),
  )
  await sleep(5)
  const second = backend.write('a', [write('k', '2')])
  holder.exec('ROLLBACK')
  assert.deepEqual(await second, [true])
  assert.deepEqual(
    (await first).map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected'],
  )
  assert.deepEqual(await backend.read('a', ['k'], READ), [{ payload: '2' }])
})

test('readers are judged by one clock, which is not later than what they see', async () => {
  const hands = new Hands()
  let step = 0
  const clock = {
    now() {
      hands.at += step
      return hands.now()
    },
  }
  const backend = open(freshFile(), { clock })
  await backend.write('a', [write('k', 'v', sliding(1_000))])
  const peek = { ...READ, touch: false }
  // Two at once make the next ones wait for each other, too.
  await Promise.all([backend.read('a', ['k'], peek), backend.read('a', ['k'], peek), backend.read('a', ['k'], peek)])
  step = 400
  const found = await Promise.all(times(5, () => backend.read('a', ['k'], peek)))
  assert.deepEqual(
    found,
    times(5, () => [{ payload: 'v' }]),
  )
})

test('where a test fakes the turns of the event loop, there are answers nevertheless', async () => {
  const backend = open(freshFile())
  const faked = [vi.spyOn(process, 'nextTick'), vi.spyOn(globalThis, 'queueMicrotask')]
  for (const fake of faked) fake.mockImplementation(() => {})
  try {
    await backend.write('a', [write('k', '1')])
    await Promise.all([backend.write('a', [write('k', '2')]), backend.write('a', [write('k', '3')])])
    assert.deepEqual(await backend.read('a', ['k'], READ), [{ payload: '3' }])
  } finally {
    for (const fake of faked) fake.mockRestore()
  }
})

test('close waits for what was asked before it', async () => {
  const file = freshFile()
  const backend = sqlite(file)
  let answered = 0
  for (const key of ['1', '2', '3', '4', '5']) {
    void Promise.resolve(backend.write('a', [write(key)])).then(() => answered++)
  }
  await backend.close()
  assert.equal(answered, 5)
  assert.equal((await open(file).scan('entry', 'a', { limit: 10 })).keys.length, 5)
})

test("on the caller's database everything is done where it is asked, within the caller's transaction", async () => {
  const db = new Database(freshFile())
  const backend = sqlite(db)
  await backend.write('a', [write('k', 'before')])
  db.transaction(() => {
    void backend.write('a', [write('k', 'within')])
    void backend.write('a', [write('other')])
    assert.deepEqual(backend.read('a', ['k'], READ), [{ payload: 'within' }])
  })()
  const entries = createStore({ backend }).namespace('b')
  await Promise.all([entries.set('k', 1), entries.set('k', 2)])
  assert.equal(await entries.get('k'), 2)
  db.close()
})
