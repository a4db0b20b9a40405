import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createStore, TtlError, TtlTypeError } from '@ttl/core'
import Database from 'better-sqlite3'
import { test } from 'vitest'
import { checkNode } from '../src/connection.ts'
import { type SqliteDatabase, sqlite } from '../src/index.ts'
import { SCHEMA_VERSION } from '../src/schema.ts'
import { connect, finallyDo, freshFile, open, READ, write } from './support.ts'

const codeOf = (error: unknown) => (error as { code?: unknown }).code

/** What an operation throws, at once or later. */
async function failure(run: () => unknown): Promise<Error> {
  try {
    await run()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

test('a Database of better-sqlite3 is a target, as the types say', () => {
  const database: Database.Database = new Database(':memory:')
  const target: SqliteDatabase = database
  assert.equal(sqlite(target).name, 'sqlite')
  database.close()
})

test('arguments are refused at once, with what was expected', () => {
  const refused = (call: () => unknown, message: RegExp) =>
    assert.throws(
      call,
      (error) => error instanceof TtlTypeError && error.code === 'TTL_INVALID' && message.test(error.message),
    )
  const loose = sqlite as (...args: unknown[]) => unknown
  for (const target of ['', '  ', undefined, null, 7, {}, [], { prepare: () => {} }])
    refused(() => loose(target), /a path/)
  for (const table of ['', 'a\0b', 'sqlite_x', 7, null]) refused(() => loose(':memory:', { table }), /table/)
  for (const clock of [7, null, {}, { now: 7 }]) refused(() => loose(':memory:', { clock }), /clock/)
  refused(() => loose(':memory:', null), /options/)
  refused(() => loose(':memory:', { busyTimout: '1s' }), /no option "busyTimout"; it has .*busyTimeout/)
  refused(() => loose(':memory:', { busyTimeout: 5000 }), /no unit/)
})

test('nothing is opened before the first operation, and only once', async () => {
  const file = freshFile()
  const backend = open(file)
  assert.equal(statSync(file, { throwIfNoEntry: false }), undefined)
  backend.now()
  assert.equal(statSync(file, { throwIfNoEntry: false }), undefined)
  await backend.write('a', [write('k')])
  assert.ok(statSync(file).size > 0)
})

test('our file is in WAL mode', async () => {
  const file = freshFile()
  await open(file).write('a', [write('k')])
  assert.equal(connect(file).pragma('journal_mode', { simple: true }), 'wal')
})

test('closing twice is fine, and so is closing what was never used', async () => {
  const backend = sqlite(freshFile())
  await backend.close()
  const used = sqlite(freshFile())
  await used.write('a', [write('k')])
  await used.close()
  await used.close()
})

test("the caller's Database is neither closed nor reconfigured", async () => {
  const db = connect(freshFile())
  const pragmas = () =>
    ['journal_mode', 'synchronous', 'busy_timeout', 'wal_autocheckpoint'].map((name) =>
      db.pragma(name, { simple: true }),
    )
  const before = pragmas()
  const backend = sqlite(db)
  await backend.write('a', [write('k')])
  await backend.sweep({ limit: 10 })
  await backend.close()
  assert.ok(db.open)
  assert.deepEqual(pragmas(), before)
  assert.equal((await sqlite(db).read('a', ['k'], READ)).length, 1)
})

test('capabilities tell files from memory', () => {
  const facts = (target: string | SqliteDatabase) => {
    const { persistent, shared } = sqlite(target).capabilities
    return [persistent, shared]
  }
  assert.deepEqual(facts('app.db'), [true, true])
  assert.deepEqual(facts('file:app.db?mode=rwc'), [true, true])
  for (const memory of [':memory:', 'file::memory:', 'file:x?mode=memory&cache=private'])
    assert.deepEqual(facts(memory), [false, false])
  const [file, none] = [connect(freshFile()), new Database(':memory:')]
  assert.deepEqual(
    [facts(file), facts(none)],
    [
      [true, true],
      [false, false],
    ],
  )
  none.close()
})

test('a path that cannot be opened fails each operation, until it can', async () => {
  const file = join(dirname(freshFile()), 'later', 'ttl.db')
  const backend = open(file)
  assert.match((await failure(() => backend.read('a', ['k'], READ))).message, /directory does not exist/)
  const store = createStore({ backend })
  const wrapped = await failure(() => store.namespace('a').get('k'))
  assert.ok(wrapped instanceof TtlError)
  assert.deepEqual([wrapped.code, wrapped.retryable, wrapped.operation], ['TTL_BACKEND', false, 'get'])
  assert.ok(wrapped.cause instanceof TypeError)
  mkdirSync(dirname(file))
  assert.deepEqual(await backend.write('a', [write('k')]), [true])
})

test('a file that is not a database is refused and left as it is', async () => {
  const file = freshFile()
  writeFileSync(file, 'a shopping list, longer than the header of a database file would be'.repeat(30))
  const before = readFileSync(file)
  const backend = open(file)
  for (let i = 0; i < 2; i++) {
    const error = await failure(() => backend.write('a', [write('k')]))
    assert.equal(codeOf(error), 'SQLITE_NOTADB')
    assert.deepEqual(backend.classify(error), { retryable: false })
  }
  assert.deepEqual(readFileSync(file), before)
})

test('a corrupt page is an error, not a miss', async () => {
  const file = freshFile()
  const writer = sqlite(file)
  await writer.write(
    'a',
    Array.from({ length: 2_000 }, (_, i) => write(`k${i}`, 'v'.repeat(100))),
  )
  await writer.close()
  const bytes = readFileSync(file)
  bytes.fill(0xa5, 4096 * 3)
  writeFileSync(file, bytes)
  const error = await failure(() =>
    open(file).read(
      'a',
      Array.from({ length: 2_000 }, (_, i) => `k${i}`),
      READ,
    ),
  )
  assert.equal(codeOf(error), 'SQLITE_CORRUPT')
})

test('a truncated file is an error', async () => {
  const file = freshFile()
  const writer = sqlite(file)
  await writer.write(
    'a',
    Array.from({ length: 500 }, (_, i) => write(`k${i}`)),
  )
  await writer.close()
  truncateSync(file, 4096 * 2)
  await failure(() => open(file).write('a', [write('k')]))
})

test('a database that may only be read is read, and refuses to be written', async () => {
  const file = freshFile()
  const writer = sqlite(file)
  await writer.write('a', [write('k', 'value')])
  await writer.close()
  const backend = sqlite(connect(file, { readonly: true }))
  assert.deepEqual(await backend.read('a', ['k'], READ), [{ payload: 'value' }])
  const error = await failure(() => backend.write('a', [write('other')]))
  assert.equal(codeOf(error), 'SQLITE_READONLY')
  assert.deepEqual(backend.classify(error), { retryable: false })
  if (process.getuid?.() !== 0) {
    chmodSync(file, 0o444)
    assert.match(
      String(codeOf(await failure(() => open(file).write('a', [write('k')])))),
      /^SQLITE_(READONLY|CANTOPEN)/,
    )
  }
})

test('tables of a newer version are refused, each time and without a change', async () => {
  const file = freshFile()
  const first = sqlite(file)
  await first.write('a', [write('k')])
  await first.close()
  const db = connect(file)
  db.prepare(`UPDATE ttl_meta SET value = ${SCHEMA_VERSION + 1}`).run()
  const version = db.pragma('data_version', { simple: true })
  const backend = open(file)
  for (let i = 0; i < 2; i++) {
    const error = await failure(() => backend.read('a', ['k'], READ))
    assert.ok(error instanceof TtlError)
    assert.equal(error.code, 'TTL_UNSUPPORTED')
    assert.match(error.message, /upgrade @ttl\/sqlite/)
  }
  assert.equal(db.pragma('data_version', { simple: true }), version)
  db.prepare(`UPDATE ttl_meta SET value = ${SCHEMA_VERSION}`).run()
  assert.equal((await backend.read('a', ['k'], READ))[0]?.payload, 'v')
})

test('a table of somebody else with our name is not touched', async () => {
  const file = freshFile()
  const db = connect(file)
  db.exec("CREATE TABLE ttl (mine TEXT); INSERT INTO ttl VALUES ('precious')")
  const error = await failure(() => open(file).write('a', [write('k')]))
  assert.ok(error instanceof TtlError && error.code === 'TTL_UNSUPPORTED')
  assert.match(error.message, /choose another name/)
  assert.deepEqual(db.prepare('SELECT name FROM sqlite_master').pluck().all(), ['ttl'])
  assert.deepEqual(db.prepare('SELECT * FROM ttl').pluck().all(), ['precious'])
})

test('tables of two names live side by side', async () => {
  const file = freshFile()
  const [one, two] = [open(file), open(file, { table: 'we"ird tàble' })]
  await one.write('a', [write('k', 'one')])
  await two.write('a', [write('k', 'two')])
  assert.deepEqual(await one.read('a', ['k'], READ), [{ payload: 'one' }])
  assert.deepEqual(await two.read('a', ['k'], READ), [{ payload: 'two' }])
})

test('when the tables are there, opening and reading need no write lock', async () => {
  const file = freshFile()
  const first = sqlite(file)
  await first.write('a', [write('k')])
  const holder = connect(file)
  holder.exec('BEGIN IMMEDIATE')
  finallyDo(() => first.close())
  const found = open(file).read('a', ['k'], READ)
  assert.deepEqual(found, [{ payload: 'v' }])
  holder.exec('ROLLBACK')
})

test('says so where Node is too old for the driver, which would end the process without a word', () => {
  assert.throws(() => checkNode('20.20.2'), {
    code: 'TTL_UNSUPPORTED',
    message: /needs Node 22 or newer, this is Node 20.20.2/,
  })
  checkNode(process.versions.node)
})
