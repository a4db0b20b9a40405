import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'vitest'
import { connect, freshFile, open, rolling, write } from '../support.ts'
import { type Child, start } from './children.ts'
import { faults, fillOrders } from './orders.ts'
import { LIMIT, note, ROWS } from './scale.ts'

const WORKER = join(import.meta.dirname, 'worker.ts')
const SWEEPERS = 10
const BATCH = 2_000

interface Report {
  readonly deleted: number
  readonly busy: number
}

/** Lets ten processes sweep one file, and answers what they report together. */
async function tenSweepers(job: string, file: string): Promise<Report> {
  const started = performance.now()
  const children: Child[] = await start(
    WORKER,
    Array.from({ length: SWEEPERS }, () => [job, file]),
  )
  const reports = await Promise.all(children.map((child) => child.result<Report>()))
  const total = reports.reduce((sum, each) => ({ deleted: sum.deleted + each.deleted, busy: sum.busy + each.busy }))
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  const shares = reports.map(({ deleted }) => deleted).join(', ')
  note(`sqlite, ten sweepers, ${job}: ${total.deleted} rows in ${seconds} s (${shares}), ${total.busy} times busy`)
  return total
}

test('ten sweepers in ten processes delete each expired entry exactly once, and nothing else', LIMIT, async () => {
  const file = freshFile()
  const backend = open(file)
  for (let from = 0; from < ROWS; from += BATCH) {
    const size = Math.min(BATCH, ROWS - from)
    await backend.write(
      `ns${from % 3}`,
      Array.from({ length: size }, (_, i) => write(`k${from + i}`, 'v'.repeat(50), rolling(1))),
    )
  }
  await backend.write(
    'live',
    Array.from({ length: 1_000 }, (_, i) => write(`k${i}`, 'v', rolling(i % 2 === 0 ? undefined : 3_600_000))),
  )
  const db = connect(file)
  db.exec(`CREATE TABLE gone (id INTEGER PRIMARY KEY);
    CREATE TRIGGER witness AFTER DELETE ON ttl BEGIN INSERT INTO gone VALUES (old.id); END`)
  assert.equal((await tenSweepers('store', file)).deleted, ROWS)
  assert.equal(db.prepare('SELECT count(*) FROM gone').pluck().get(), ROWS)
  assert.deepEqual(db.prepare('SELECT ns, count(*) FROM ttl').raw().all(), [['live', 1_000]])
  assert.deepEqual(faults(db), [])
})

test(
  'ten sweepers in ten processes share the table of an application, and what belongs to a row goes with it',
  LIMIT,
  async () => {
    const file = freshFile()
    const db = connect(file)
    fillOrders(db, ROWS)
    const alive = db
      .prepare("SELECT count(*) FROM orders WHERE expires_at IS NULL OR expires_at > datetime('now')")
      .pluck()
    const before = alive.get() as number
    assert.equal((await tenSweepers('table', file)).deleted, ROWS - before)
    assert.equal(db.prepare('SELECT count(*) FROM orders').pluck().get(), before)
    assert.equal(alive.get(), before)
    assert.equal(db.prepare('SELECT count(*) FROM lines').pluck().get(), Math.floor(ROWS / 25))
    assert.equal(db.prepare('SELECT count(*) FROM visits WHERE shop IS NULL').pluck().get(), ROWS / 10)
    assert.deepEqual(faults(db), [])
  },
)
