import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStore } from '@ttl/core'
import type Database from 'better-sqlite3'
import { test } from 'vitest'
import { expiringTable, sqlite } from '../../src/index.ts'
import { connect, freshFile, open, READ, rolling, write } from '../support.ts'
import { start } from './children.ts'
import { faults, fillOrders, ORDERS } from './orders.ts'
import { dice, KILLS, LIMIT, note } from './scale.ts'

const WORKER = join(import.meta.dirname, 'worker.ts')
const seed = Number(process.env.TTL_SQLITE_SEED ?? Math.floor(Math.random() * 2 ** 32))
const roll = dice(seed)
note(`sqlite, killed processes: seed ${seed} (TTL_SQLITE_SEED)`)

/** Starts a job, and kills it in the middle: some steps on, and then within one. Answers what it had reported. */
async function killed(job: string, file: string): Promise<number> {
  const [child] = await start(WORKER, [[job, file]])
  assert.ok(child)
  const steps = 1 + Math.floor(roll() * 4)
  const numbers = () => child.messages.filter((message) => typeof message === 'number')
  await child.hears(() => numbers().length >= steps)
  await sleep(roll() * 12)
  child.kill()
  await child.exited
  assert.ok(!child.messages.some((message) => typeof message === 'object'), 'it had finished: give it more to do')
  return numbers().at(-1) as number
}

/** Kills sweep after sweep of one file, and looks after each what is there. Then one sweep does the rest. */
async function killSweeps(
  job: string,
  file: string,
  left: () => number,
  finish: () => Promise<unknown>,
  look: () => void,
) {
  let before = left()
  for (let kill = 0; kill < KILLS; kill++) {
    const reported = await killed(job, file)
    const now = left()
    assert.ok(before - now >= reported, `${reported} were reported, ${before - now} are gone`)
    look()
    before = now
  }
  assert.ok(before > 0, 'there was nothing left to go on with: give it more to do')
  await finish()
  assert.equal(left(), 0)
  look()
}

const count = (db: Database.Database, sql: string) => db.prepare(`SELECT count(*) FROM ${sql}`).pluck().get() as number

test(
  'a sweep that is killed leaves the store whole, the next one goes on, and nothing live is lost',
  LIMIT,
  async () => {
    const file = freshFile()
    const backend = open(file)
    for (let batch = 0; batch < 5 * KILLS; batch++) {
      await backend.write(
        'dead',
        Array.from({ length: 2_000 }, (_, i) => write(`${batch}-${i}`, 'v'.repeat(100), rolling(1))),
      )
      const members = Array.from({ length: 3_000 }, (_, i) => [`m${i}`, 'v'.repeat(20)] as const)
      await backend.writeGroup('dead', `g${batch}`, members, rolling(1))
    }
    const keys = Array.from({ length: 500 }, (_, i) => `k${i}`)
    await backend.write(
      'live',
      keys.map((key, i) => write(key, key, rolling(i % 2 === 0 ? undefined : 3_600_000))),
    )
    await backend.writeGroup(
      'live',
      'g',
      keys.map((key) => [key, key]),
      rolling(3_600_000),
    )
    const db = connect(file)
    const look = () => {
      assert.deepEqual(faults(db), [])
      assert.equal(count(db, 'ttl_member WHERE owner NOT IN (SELECT id FROM ttl)'), 0)
      assert.deepEqual(
        backend.read('live', keys, READ),
        keys.map((payload) => ({ payload })),
      )
      assert.equal(count(db, "ttl_member JOIN ttl ON ttl.id = owner WHERE ns = 'live'"), 500)
      assert.equal(backend.readGroup('dead', 'g0', undefined, READ) ?? undefined, undefined)
    }
    const store = createStore({ backend: sqlite(file) })
    await killSweeps(
      'store',
      file,
      () => count(db, "ttl WHERE ns = 'dead'"),
      () => store.sweep(),
      look,
    )
    await store.close()
  },
)

test(
  "a sweep of an application's table that is killed leaves nothing half deleted, and the next one goes on",
  LIMIT,
  async () => {
    const file = freshFile()
    const db = connect(file)
    fillOrders(db, 12_000 * KILLS)
    const live = "(expires_at IS NULL OR expires_at > datetime('now'))"
    const alive = count(db, `orders WHERE ${live}`)
    const look = () => {
      assert.deepEqual(faults(db), [])
      assert.equal(count(db, `orders WHERE ${live}`), alive)
      assert.equal(count(db, `lines`), count(db, 'orders WHERE number % 25 < 5'))
    }
    const table = expiringTable(file, ORDERS)
    await killSweeps(
      'table',
      file,
      () => count(db, `orders WHERE NOT ${live}`),
      () => table.sweep(),
      look,
    )
    await table.close()
  },
)

test('a batch write that is killed is there whole or not at all, and what was answered is there', LIMIT, async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    const file = freshFile()
    const reported = await killed('batches', file)
    const backend = open(file)
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}`)
    const found = await backend.read('batch', keys, READ)
    const numbers = new Set(found.map((each) => Number(String(each?.payload).split(':')[0])))
    assert.equal(numbers.size, 1)
    const [stored] = [...numbers] as [number]
    assert.ok(stored >= reported, `batch ${reported} was reported, ${stored} is stored`)
    const group = await backend.readGroup('batch', 'g', undefined, READ)
    const written = new Set(group?.members.map(([, payload]) => payload))
    assert.deepEqual([group?.members.length, written.size], [50, 1])
    assert.deepEqual(await backend.write('batch', [write('k0', 'again')]), [true])
    assert.deepEqual(faults(connect(file)), [])
  }
})
