import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { type Child, start as startChildren } from './processes/children.ts'
import { LIMIT } from './processes/scale.ts'
import { connect, freshFile, open, READ, rolling, sweepAll, write } from './support.ts'

const CHILD = join(import.meta.dirname, 'child.ts')

const start = (jobs: readonly (readonly [job: string, name: string])[], file: string): Promise<Child[]> =>
  startChildren(
    CHILD,
    jobs.map(([job, name]) => [job, file, name]),
  )

test('eight processes open a new file at once, and all of them write', LIMIT, async () => {
  for (let round = 0; round < 3; round++) {
    const file = freshFile()
    const children = await start(
      Array.from({ length: 8 }, (_, i) => ['boot', `${i}`] as const),
      file,
    )
    assert.deepEqual(await Promise.all(children.map((child) => child.result())), Array(8).fill(2))
    const db = connect(file)
    assert.equal(db.prepare('SELECT count(*) FROM ttl').pluck().get(), 160)
    assert.deepEqual(db.prepare('SELECT * FROM ttl_meta').all(), [{ name: 'schema', value: 1 }])
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
  }
})

test(
  'three sweepers and two writers in five processes: each expired row goes once, and nothing that was written is lost',
  LIMIT,
  async () => {
    const file = freshFile()
    const backend = open(file)
    const names = ['a', 'b']
    const seeds = names.flatMap((name) =>
      Array.from({ length: 1_500 }, (_, i) => write(`${name}-${i}`, 'old', rolling(1))),
    )
    await backend.write('seed', seeds)
    const witness = connect(file)
    witness.exec(`CREATE TABLE gone (at INTEGER PRIMARY KEY, ns TEXT, key TEXT, dead INTEGER);
    CREATE TRIGGER witness AFTER DELETE ON ttl BEGIN
      INSERT INTO gone (ns, key, dead) VALUES (old.ns, old.key, old.expires_at <= unixepoch('subsec') * 1000);
    END`)
    await sleep(5)

    const children = await start(
      [['sweep', '1'], ['sweep', '2'], ['sweep', '3'], ...names.map((name) => ['write', name] as const)],
      file,
    )
    const [sweepers, writers] = [children.slice(0, 3), children.slice(3)]
    const written = await Promise.all(writers.map((child) => child.result<{ overwritten: string[]; short: number }>()))
    await sleep(5)
    for (const child of sweepers) child.tell('stop')
    let deleted = await sweepAll(backend)
    for (const child of sweepers) deleted += await child.result<number>()
    deleted += await sweepAll(backend)

    assert.equal(witness.prepare('SELECT count(*) FROM gone').pluck().get(), deleted)
    assert.equal(witness.prepare('SELECT count(*) FROM gone WHERE NOT dead').pluck().get(), 0)
    assert.deepEqual(witness.prepare('SELECT ns, key FROM gone GROUP BY ns, key HAVING count(*) > 1').all(), [])
    assert.equal(
      witness.prepare("SELECT count(*) FROM gone WHERE ns = 'short'").pluck().get(),
      written.reduce((sum, { short }) => sum + short, 0),
    )
    for (const [i, { overwritten }] of written.entries()) {
      const found = await backend.read('seed', overwritten, READ)
      assert.deepEqual(new Set(found.map((each) => each?.payload)), new Set([`fresh ${names[i]}`]))
    }
    const live = await backend.scan('entry', 'seed', { limit: 10_000 })
    assert.equal(
      live.keys.length,
      written.reduce((sum, { overwritten }) => sum + overwritten.length, 0),
    )
  },
)

test('a lock held by another process is waited for, and past the limit is an error that may be retried', async () => {
  const file = freshFile()
  const [patient, hasty] = [open(file), open(file, { busyTimeout: '100ms' })]
  await patient.write('a', [write('k')])
  const [child] = (await start([['hold', '']], file)) as [Child]
  await child.hears((message) => message === 'held')
  const waiting = patient.write('a', [write('k', 'after')])
  assert.ok(waiting instanceof Promise)
  const error = await Promise.resolve(hasty.write('a', [write('k', 'never')])).catch((thrown: unknown) => thrown)
  assert.deepEqual([(error as { code?: unknown }).code, hasty.classify(error).retryable], ['SQLITE_BUSY', true])
  child.tell('let go')
  assert.deepEqual(await waiting, [true])
  assert.deepEqual(await hasty.read('a', ['k'], READ), [{ payload: 'after' }])
})

test('a process that forgets to close gets its answers and ends by itself', async () => {
  const [child] = (await start([['forget', '']], freshFile())) as [Child]
  assert.equal(await child.result(), 3_000)
  assert.deepEqual(await child.exited, [0, null])
})
