import assert from 'node:assert/strict'
import { test } from 'vitest'
import { connect, freshFile, Hands, open, READ, rolling, sliding, sweepAll, write } from './support.ts'

const many = (count: number, prefix = 'k') =>
  Array.from({ length: count }, (_, i) => write(`${prefix}${i}`, 'v'.repeat(50), rolling(1_000)))

test('deletes what is expired, at most `limit`, and says whether more waits', async () => {
  const clock = new Hands()
  const backend = open(':memory:', { clock })
  await backend.write('a', [...many(10), write('later', 'v', rolling(1_001)), write('never', 'v', rolling(undefined))])
  await backend.writeGroup(
    'b',
    'g',
    [
      ['m', 'v'],
      ['n', 'v'],
    ],
    rolling(1_000),
  )
  clock.at += 999
  assert.deepEqual(await backend.sweep({ limit: 100 }), { deleted: new Map(), more: false })
  clock.at += 1
  assert.deepEqual(await backend.sweep({ limit: 4 }), { deleted: new Map([['a', 4]]), more: true })
  assert.deepEqual(await backend.sweep({ limit: 7 }), {
    deleted: new Map([
      ['a', 6],
      ['b', 1],
    ]),
    more: false,
  })
  assert.deepEqual((await backend.scan('entry', 'a', { limit: 10 })).keys, ['later', 'never'])
})

test('a large backlog goes in slices that each take a moment, not in one', async () => {
  const clock = new Hands()
  const file = freshFile()
  const backend = open(file, { clock })
  for (let i = 0; i < 20; i++) await backend.write('a', many(1_000, `${i}-`))
  clock.at += 1_000
  let [deleted, slices, more] = [0, 0, true]
  while (more) {
    const swept = await backend.sweep({ limit: 1_000_000 })
    slices++
    deleted += swept.deleted.get('a') ?? 0
    more = swept.more
  }
  assert.equal(deleted, 20_000)
  assert.ok(slices >= 5, `${slices} slices`)
  assert.equal(connect(file).prepare('SELECT count(*) FROM ttl').pluck().get(), 0)
})

test('the backlog of another namespace neither is touched nor keeps a sweep from its own', async () => {
  const clock = new Hands()
  const backend = open(':memory:', { clock })
  for (let i = 0; i < 10; i++) await backend.write('theirs', many(1_000, `${i}-`))
  clock.at += 1
  await backend.write('ours', many(7))
  clock.at += 1_000
  assert.equal(await sweepAll(backend, 'ours'), 7)
  assert.deepEqual((await backend.stats?.('theirs'))?.[0]?.entries.expired, 10_000)
  assert.equal(await sweepAll(backend, 'ours'), 0)
  assert.equal(await sweepAll(backend), 10_000)
})

test('a group of many members takes several slices and is absent throughout', async () => {
  const clock = new Hands()
  const file = freshFile()
  const backend = open(file, { clock })
  const members = Array.from({ length: 60_000 }, (_, i) => [`m${i}`, 'v'.repeat(30)] as const)
  await backend.writeGroup('a', 'g', members, rolling(1_000))
  await backend.writeGroup('a', 'live', members.slice(0, 3), rolling(2_000))
  clock.at += 1_000
  const db = connect(file)
  const left = () => db.prepare('SELECT count(*) FROM ttl_member').pluck().get() as number
  const first = await backend.sweep({ limit: 10 })
  assert.deepEqual([first.deleted.size, first.more], [0, true])
  assert.ok(left() < 60_003 && left() > 3)
  assert.equal(await backend.readGroup('a', 'g', undefined, READ), undefined)
  assert.equal(await sweepAll(backend), 1)
  assert.equal(left(), 3)
})

test('members never outlive their group, however it goes', async () => {
  const clock = new Hands()
  const db = connect(freshFile())
  db.pragma('foreign_keys = OFF')
  const backend = open(db, { clock })
  const fill = () =>
    backend.writeGroup(
      'a',
      'g',
      [
        ['m', 'v'],
        ['n', 'v'],
      ],
      rolling(1_000),
    )
  const past = { ttlMs: undefined, maxAgeMs: undefined, expiresAt: clock.at }
  const ways: (() => unknown)[] = [
    () => backend.delete('group', 'a', ['g']),
    () => backend.clear?.('a'),
    () => backend.expire('group', 'a', ['g'], past),
    () => backend.writeGroup('a', 'g', [['o', 'v']], rolling(undefined, { expiresAt: clock.at })),
    () => backend.deleteMembers('a', 'g', ['m', 'n']),
    () => {
      clock.at += 1_000
      return backend.sweep({ limit: 10 })
    },
  ]
  for (const way of ways) {
    await fill()
    await way()
    assert.deepEqual(db.prepare('SELECT * FROM ttl_member').all(), [], way.toString())
    assert.deepEqual(db.prepare('SELECT * FROM ttl').all(), [], way.toString())
  }
  await fill()
  clock.at += 1_000
  await backend.writeGroup('a', 'g', [['new', 'v']], rolling(1_000))
  assert.deepEqual(db.prepare('SELECT member FROM ttl_member').pluck().all(), ['new'])
})

test('what another connection restarts between slices survives, and is filed again', async () => {
  const file = freshFile()
  const clock = new Hands()
  const [sweeper, reader] = [open(file, { clock }), open(file, { clock })]
  const keys = Array.from({ length: 2_000 }, (_, i) => `k${i}`)
  await sweeper.write(
    'a',
    keys.map((key) => write(key, 'v', sliding(1_000))),
  )
  clock.at += 999
  await reader.read('a', keys.slice(1_000), READ)
  clock.at += 1
  assert.equal(await sweepAll(sweeper), 1_000)
  assert.equal(connect(file).prepare('SELECT count(*) FROM ttl WHERE sweep_at <> expires_at').pluck().get(), 0)
  assert.ok(
    (await reader.read('a', keys.slice(1_000), { ...READ, touch: false })).every((found) => found !== undefined),
  )
})

test('asOf bounds what is deleted, and cannot lie ahead of the clock', async () => {
  const clock = new Hands()
  const backend = open(':memory:', { clock })
  await backend.write('a', [write('one', 'v', rolling(100)), write('two', 'v', rolling(200))])
  const start = clock.at
  assert.equal((await backend.sweep({ limit: 9, asOf: start + 1_000 })).deleted.size, 0)
  clock.at += 200
  assert.deepEqual((await backend.sweep({ limit: 9, asOf: start + 150 })).deleted, new Map([['a', 1]]))
  assert.deepEqual((await backend.sweep({ limit: 9 })).deleted, new Map([['a', 1]]))
})

test('half of a group does not come back, even if the clock does', async () => {
  const clock = new Hands()
  const backend = open(':memory:', { clock })
  const members = Array.from({ length: 60_000 }, (_, i) => [`m${i}`, 'v'.repeat(30)] as const)
  await backend.writeGroup('a', 'g', members, rolling(1_000))
  clock.at += 1_000
  assert.ok((await backend.sweep({ limit: 10 })).more, 'in one slice this test sees nothing')
  clock.at -= 500
  assert.deepEqual(await backend.inspect('group', 'a', ['g']), [undefined])
  assert.equal(await backend.readGroup('a', 'g', undefined, READ), undefined)
  assert.equal(await sweepAll(backend), 1)
})
