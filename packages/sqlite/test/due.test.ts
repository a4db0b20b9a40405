import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Backend, Due } from '@ttl/core/adapter'
import { test } from 'vitest'
import { namesFor } from '../src/schema.ts'
import { sqlFor } from '../src/statements.ts'
import { connect, freshFile, Hands, open, READ, rolling, sliding, sweepAll, T0, write } from './support.ts'

async function allDue(backend: Backend, asOf: number, namespace?: string, limit = 1_000): Promise<Due[]> {
  const all: Due[] = []
  let cursor: string | undefined
  do {
    const page = await backend.due?.({ asOf, namespace, cursor, limit })
    all.push(...(page?.due ?? []))
    cursor = page?.cursor
  } while (cursor !== undefined)
  return all
}

/** How often the event loop gets a turn while something is done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, working] = [0, true]
  const turn = () => {
    turns++
    if (working) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  working = false
  return turns
}

test('what is due is listed by deadline, in pages between which other work gets its turn', async () => {
  const clock = new Hands()
  const backend = open(':memory:', { clock })
  for (let batch = 0; batch < 10; batch++) {
    const writes = Array.from({ length: 1_000 }, (_, i) => write(`${batch}-${i}`, 'v', rolling(1_000 + i)))
    await backend.write('many', writes)
  }
  await backend.write('few', [write('first', 'v', rolling(1)), write('last', 'v', rolling(5_000))])
  const turns = await turnsDuring(async () => {
    const all = await allDue(backend, T0 + 1_499)
    assert.equal(all.length, 5_001)
    assert.deepEqual(all[0], { space: 'entry', namespace: 'few', key: 'first', expiresAt: T0 + 1 })
    assert.ok(all.every(({ expiresAt }, i) => i === 0 || expiresAt >= (all[i - 1] as Due).expiresAt))
  })
  assert.ok(turns >= 5, `${turns} turns of the event loop`)
  const found = await turnsDuring(async () => {
    assert.deepEqual(
      (await allDue(backend, T0 + 9_000, 'few', 1)).map(({ key }) => key),
      ['first', 'last'],
    )
  })
  assert.ok(found >= 10, `${found} turns of the event loop`)
})

test('neither counting nor listing nor sweeping reads through large values', async () => {
  const clock = new Hands()
  const file = freshFile()
  const first = open(file, { clock })
  for (const key of ['a', 'b', 'c']) await first.write('ns', [write(key, 'x'.repeat(100_000), rolling(1_000))])
  await first.writeGroup('ns', 'g', [['m', 'y'.repeat(100_000)]], rolling(2_000))
  const db = connect(file)
  const overflow = db.prepare("SELECT pageno FROM dbstat WHERE pagetype = 'overflow'").pluck().all() as number[]
  const pageSize = db.pragma('page_size', { simple: true }) as number
  assert.ok(overflow.length > 80)
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
  await first.close()
  const bytes = readFileSync(file)
  for (const page of overflow) bytes.fill(0xff, (page - 1) * pageSize, page * pageSize)
  writeFileSync(file, bytes)

  const backend = open(file, { clock })
  assert.throws(() => backend.read('ns', ['a'], READ), { code: 'SQLITE_CORRUPT' }, 'the values cannot be read any more')
  const [tally] = (await backend.stats?.(undefined, [T0 + 1_500, T0 + 9_000])) ?? []
  assert.deepEqual(
    [tally?.entries.buckets, tally?.groups.buckets],
    [
      [3, 0],
      [0, 1],
    ],
  )
  assert.equal(await backend.nextDue?.(), T0 + 1_000)
  assert.deepEqual(
    (await allDue(backend, T0 + 9_000)).map(({ key }) => key),
    ['a', 'b', 'c', 'g'],
  )
  assert.deepEqual(await backend.namespaces?.(), ['ns'])
  assert.deepEqual(await backend.sweep({ limit: 9, names: true }), {
    deleted: new Map(),
    more: false,
    names: { deleted: [], kept: [] },
  })
})

test('a forecast counts what fits no single turn', async () => {
  const clock = new Hands()
  const backend = open(':memory:', { clock })
  for (let batch = 0; batch < 20; batch++) {
    const writes = Array.from({ length: 999 }, (_, i) => write(`${batch}-${i}`, 'v', rolling(i + 1)))
    await backend.write('a', writes)
  }
  clock.at += 99
  const edges = [199, 200, 800, 5_000].map((ms) => T0 + ms)
  const [tally] = (await backend.stats?.('a', edges)) ?? []
  assert.deepEqual(tally?.entries.buckets, [2_000, 20, 12_000, 3_980])
  assert.deepEqual([tally?.entries.expired, tally?.entries.active], [1_980, 18_000])
  assert.equal((await backend.stats?.('a'))?.[0]?.entries.buckets, undefined)
})

test('namespaces are named without reading their entries, in turns', async () => {
  const backend = open(':memory:')
  const names = Array.from({ length: 3_000 }, (_, i) => `n${String(i).padStart(4, '0')}`)
  for (const name of names) await backend.write(name, [write('k')])
  assert.deepEqual(await backend.namespaces?.(), names)
})

test('a sweep names what it deleted and what it came for in vain, by real deadlines', async () => {
  const clock = new Hands()
  const backend = open(':memory:', { clock })
  await backend.write('a', [
    write('dead', 'v', sliding(1_000)),
    write('read', 'v', sliding(1_000)),
    write('pinned', 'v', sliding(1_000)),
  ])
  await backend.write('b', [write('other', 'v', sliding(1_000))])
  clock.at += 500
  await backend.read('a', ['read'], READ)
  await backend.read('b', ['other'], READ)
  await backend.expire('entry', 'a', ['pinned'], { ttlMs: undefined, maxAgeMs: undefined, expiresAt: undefined })
  clock.at += 500
  const due = (key: string, ms: number): Due => ({ space: 'entry', namespace: 'a', key, expiresAt: T0 + ms })
  const { names } = await backend.sweep({ limit: 9, namespace: 'a', names: true })
  assert.deepEqual(names, { deleted: [due('dead', 1_000)], kept: [due('read', 1_500)] })
})

test('a group that is half deleted is still told by its real deadline', async () => {
  const clock = new Hands()
  const backend = open(':memory:', { clock })
  const members = Array.from({ length: 60_000 }, (_, i) => [`m${i}`, 'v'.repeat(30)] as const)
  await backend.writeGroup('a', 'g', members, rolling(1_000))
  clock.at += 1_000
  assert.ok((await backend.sweep({ limit: 10 })).more, 'in one slice this test sees nothing')
  const g: Due = { space: 'group', namespace: 'a', key: 'g', expiresAt: T0 + 1_000 }
  assert.equal(await backend.nextDue?.(), T0 + 1_000)
  assert.deepEqual(await allDue(backend, clock.at), [g])
  const named: Due[] = []
  for (let more = true; more; ) {
    const swept = await backend.sweep({ limit: 10, names: true })
    named.push(...(swept.names?.deleted ?? []))
    more = swept.more
  }
  assert.deepEqual(named, [g])
  assert.equal(await backend.nextDue?.(), undefined)
  assert.equal(await sweepAll(backend), 0)
})

test('a group moved here replaces one that lives, members and all, unless told not to', async () => {
  const clock = new Hands()
  const db = connect(freshFile())
  const backend = open(db, { clock })
  await backend.writeGroup('a', 'g', [['old', 'v']], rolling(1_000))
  const timing = {
    expiresAt: T0 + 5_000,
    bornAt: undefined,
    ttlMs: 5_000,
    capAt: undefined,
    restartOn: 'write',
    refreshAfter: 0,
  } as const
  const exact = { onLive: 'exact', timing } as const
  assert.equal(await backend.writeGroup('a', 'g', [['new', 'v']], exact, 'absent'), false)
  assert.equal(await backend.writeGroup('a', 'g', [['new', 'v']], exact), true)
  assert.deepEqual(db.prepare('SELECT member FROM ttl_member').pluck().all(), ['new'])
})

test('what shares one deadline is listed and swept in pages as well', async () => {
  const clock = new Hands()
  const db = connect(freshFile())
  const backend = open(db, { clock })
  const same = rolling(undefined, { expiresAt: T0 + 1_000 })
  for (let batch = 0; batch < 5; batch++) {
    await backend.write(
      'theirs',
      Array.from({ length: 1_000 }, (_, i) => write(`${batch}-${i}`, 'v', same)),
    )
  }
  await backend.write('ours', [write('last', 'v', same)])
  const all = await allDue(backend, T0 + 1_000, undefined, 300)
  assert.equal(new Set(all.map(({ key }) => key)).size, 5_001)
  clock.at += 1_000
  assert.equal(await sweepAll(backend, 'ours'), 1)

  const plan = db.prepare(`EXPLAIN QUERY PLAN ${sqlFor(namesFor('ttl')).dueTied}`).all(1, 1, 1) as { detail: string }[]
  assert.match(plan.map(({ detail }) => detail).join(), /\(sweep_at=\? AND rowid>\?\)$/, 'what went before is skipped')
})
