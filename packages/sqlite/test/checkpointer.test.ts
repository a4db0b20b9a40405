import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'vitest'
import { Checkpointer } from '../src/checkpointer.ts'
import { connect, freshFile, open, write } from './support.ts'

test('moves the WAL into the file once enough rows were written', async () => {
  const file = freshFile()
  const db = connect(file)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)')
  db.exec(
    'WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 2000) INSERT INTO t SELECT randomblob(400) FROM n',
  )
  const told: boolean[] = []
  const checkpointer = new Checkpointer(file, (working) => told.push(working))
  checkpointer.wrote(499)
  assert.equal(checkpointer.settled(), undefined)
  const before = statSync(file).size
  checkpointer.wrote(1)
  await checkpointer.settled()
  assert.ok(statSync(file).size > before + 400_000)
  assert.deepEqual(told, [true])
  assert.equal(checkpointer.settled(), undefined)
  await checkpointer.close()
  assert.deepEqual(told, [true])
})

test('where the thread cannot work nothing waits for it, and SQLite is left to its own ways', async () => {
  const told: boolean[] = []
  const checkpointer = new Checkpointer(`${freshFile()}/nowhere/ttl.db`, (working) => told.push(working))
  checkpointer.wrote(500)
  await checkpointer.settled()
  assert.deepEqual(told, [false])
  checkpointer.wrote(500)
  assert.equal(checkpointer.settled(), undefined)
  await checkpointer.close()
})

test('the WAL of a busy file stays short', async () => {
  const file = freshFile()
  const backend = open(file)
  let longest = 0
  for (let i = 0; i < 200; i++) {
    await backend.write(
      'a',
      Array.from({ length: 100 }, (_, j) => write(`k${(i * 7919 + j * 104_729) % 20_000}`, 'v'.repeat(200))),
    )
    longest = Math.max(longest, statSync(`${file}-wal`).size)
    await new Promise(setImmediate)
  }
  assert.ok(longest < 70 << 20, `${longest} bytes`)
  await backend.close()
  assert.equal(statSync(`${file}-wal`, { throwIfNoEntry: false }), undefined)
})
