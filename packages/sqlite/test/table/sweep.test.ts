import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock } from '@ttl/core/testing'
import { test } from 'vitest'
import type { DeletedRow } from '../../src/index.ts'
import { planOf } from '../../src/table/route.ts'
import { shapeOf } from '../../src/table/shape.ts'
import { sqlFor } from '../../src/table/statements.ts'
import { connect, finallyDo, Hands, T0 } from '../support.ts'
import { adopt, database, insert, OF_SESSIONS, SESSIONS, sids } from './support.ts'

const many = (count: number, expiresAt: number, prefix = 'k') =>
  Array.from({ length: count }, (_, i) => [`${prefix}${i}`, expiresAt] as const)

function filled(count: number, expiresAt: number) {
  const db = database(SESSIONS)
  db.exec('BEGIN')
  insert(db, many(count, expiresAt))
  db.exec('COMMIT')
  return db
}

test('what a preview lists goes, at most the limit, in slices that each take a moment', async () => {
  const clock = new Hands()
  const db = filled(20_000, T0)
  insert(db, [
    ['later', T0 + 1],
    ['never', null],
  ])
  const table = adopt(db, { clock })
  const batches: number[] = []
  await table.on('sweep.batch', ({ deleted }) => batches.push(deleted))
  assert.deepEqual(
    [(await table.preview({ limit: 50 })).more, (await table.preview({ limit: 30_000 })).found],
    [true, 20_000],
  )
  assert.equal((await table.sweep({ limit: 7 })).deleted, 7)
  assert.deepEqual(await table.sweep(), { deleted: 19_993, byNamespace: new Map([['sessions', 19_993]]), more: false })
  assert.ok(batches.length > 5, `${batches.length} batches`)
  assert.deepEqual(sids(db), ['later', 'never'])
})

test('a row that is refreshed between the slices survives', async () => {
  const clock = new Hands()
  const db = filled(5_000, T0)
  const application = connect(db.name)
  const table = adopt(db, { clock })
  let refreshed = 0
  await table.on('sweep.batch', () => {
    if (refreshed > 0) return
    refreshed = application.prepare("UPDATE sessions SET expires_at = ? WHERE sid >= 'k4'").run(T0 + 60_000).changes
  })
  await table.sweep()
  const left = db.prepare('SELECT count(*), min(expires_at) FROM sessions').raw().get()
  assert.deepEqual(left, [refreshed, T0 + 60_000])
  assert.ok(refreshed > 1_000, `${refreshed} refreshed`)
})

test('two sweepers delete each row once', async () => {
  const clock = new Hands()
  const db = filled(8_000, T0)
  db.pragma('journal_mode = WAL')
  const reports = await Promise.all([adopt(db, { clock }).sweep(), adopt(db.name, { clock }).sweep()])
  assert.equal(
    reports.reduce((sum, { deleted }) => sum + deleted, 0),
    8_000,
  )
})

test('a background sweeper follows the deadlines of the table', async () => {
  const clock = manualClock()
  const start = clock.now()
  const db = database()
  insert(db, [
    ['a', start + 5_000],
    ['b', start + 500_000],
    ['c', null],
  ])
  const table = adopt(db, { clock: clock as never })
  const expired: string[] = []
  await table.on('expired', ({ key, namespace, expiresAt }) =>
    expired.push(`${namespace} ${key} ${Number(expiresAt) - start}`),
  )
  const sweeper = table.startSweeper({ timers: clock })
  await clock.run('10s')
  assert.deepEqual(sids(db), ['b', 'c'])
  await clock.run('10m')
  assert.deepEqual(sids(db), ['c'])
  assert.deepEqual(expired, ['sessions a 5000', 'sessions b 500000'])
  assert.equal((await sweeper.status()).lagMs, 0)
  await sweeper.stop()
})

test('rows that `where` leaves out are not waited for', async () => {
  const clock = manualClock()
  const start = clock.now()
  const db = database()
  insert(db, [['kept', start - 60_000, 'x']])
  const table = adopt(db, { clock: clock as never, where: { sql: "tenant <> 'x'" } })
  const sweeper = table.startSweeper({ timers: clock })
  let batches = 0
  await table.on('sweep.batch', () => batches++)
  await clock.run('10s')
  assert.deepEqual([(await sweeper.status()).lagMs, batches], [0, 0])
  insert(db, [['a', start + 15_000, 'y']])
  await clock.run('5m')
  assert.deepEqual(sids(db), ['kept'])
  await sweeper.stop()
})

test('onDelete is told what is gone, after the commit, a batch at a time, and is waited for', async () => {
  const clock = new Hands()
  const db = filled(5_000, T0)
  db.pragma('journal_mode = WAL')
  const application = connect(db.name)
  const there = application.prepare('SELECT count(*) FROM sessions WHERE sid = ?').pluck()
  const told: DeletedRow[] = []
  const sizes: number[] = []
  let [running, most] = [0, 0]
  const table = adopt(db, {
    clock,
    namespace: 'tenant',
    async onDelete(rows) {
      most = Math.max(most, ++running)
      assert.equal(there.get(rows[0]?.columns.sid), 0)
      await new Promise((resolve) => setTimeout(resolve, 1))
      told.push(...rows)
      sizes.push(rows.length)
      running--
    },
  })
  assert.equal((await table.sweep()).deleted, 5_000)
  assert.equal(new Set(told.map(({ key }) => key)).size, 5_000)
  assert.deepEqual(
    { ...told[0], expiresAt: Number(told[0]?.expiresAt) },
    { namespace: '', key: 'k0', columns: { sid: 'k0' }, expiresAt: T0 },
  )
  assert.ok(Math.max(...sizes) <= 1_000 && most === 1, `${sizes}`)
})

test('when onDelete fails the sweep fails, the rows are gone, and the next sweep goes on', async () => {
  const clock = new Hands()
  const db = filled(3_000, T0)
  const cause = new Error('theirs')
  let calls = 0
  const table = adopt(db, { clock, onDelete: () => (calls++ === 0 ? Promise.reject(cause) : undefined) })
  await assert.rejects(table.sweep(), { code: 'TTL_BACKEND', operation: 'sweep', cause, message: /are deleted/ })
  const left = sids(db).length
  assert.ok(left > 0 && left < 3_000)
  assert.equal((await table.sweep()).deleted, left)
})

test('a sweep finds what has come to be due behind the place where one before it was cut short', async () => {
  const db = database()
  const rows = Array.from({ length: 3_000 }, (_, i) => [`k${i}`, T0 - 3_000 + i, i % 2 ? 'x' : 'y'] as const)
  db.exec('BEGIN')
  insert(db, rows)
  db.exec('COMMIT')
  const table = adopt(db, { clock: new Hands(), where: { sql: "tenant = 'x'" } })
  assert.equal((await table.sweep({ limit: 1_000 })).deleted, 1_000)
  db.exec(`UPDATE sessions SET tenant = 'x' WHERE expires_at < ${T0 - 2_900}`)
  assert.deepEqual([(await table.sweep()).deleted, (await table.preview()).found], [550, 0])
})

test("in a transaction of the caller a sweep is part of it, but cannot promise 'after the commit'", async () => {
  const clock = new Hands()
  const db = database()
  insert(db, [['a', T0]])
  const deaf = adopt(db, { clock })
  const told = adopt(db, { clock, onDelete: () => assert.fail('told before the commit') })
  db.exec('BEGIN')
  await assert.rejects(told.sweep(), { code: 'TTL_UNSUPPORTED', message: /your transaction/ })
  assert.equal((await deaf.sweep()).deleted, 1)
  db.exec('ROLLBACK')
  assert.deepEqual(sids(db), ['a'])
})

const KEYS: readonly (readonly [ddl: string, key: string | string[], values: string, expected: string])[] = [
  ['a INTEGER PRIMARY KEY', 'a', '9007199254740993', '9007199254740993'],
  ['a BLOB PRIMARY KEY', 'a', "x'00ff'", '\\x00ff'],
  ['a TEXT, b INTEGER, PRIMARY KEY (a, b)', ['b', 'a'], "'x', -9223372036854775808", '["-9223372036854775808","x"]'],
  ['a', 'a', 'NULL', ''],
  ['rowid TEXT, oid TEXT', 'rowid', "'r', 'o'", 'r'],
  ['_rowid_ TEXT, oid TEXT, rowid INTEGER PRIMARY KEY', 'rowid', "'x', 'o', 7", '7'],
  ['a TEXT PRIMARY KEY) WITHOUT ROWID --', 'a', "'x'", 'x'],
  [
    'a BLOB, b TEXT, c REAL, PRIMARY KEY (c, a, b)) WITHOUT ROWID --',
    ['a', 'b', 'c'],
    "x'01', '', 1.5",
    '["\\\\x01","","1.5"]',
  ],
]

test.each(KEYS)('rows of (%s) are named and deleted', async (ddl, key, values, expected) => {
  const clock = new Hands()
  const [columns = '', rest = ''] = ddl.split(/(?=\) WITHOUT)/)
  const names = columns
    .replace(/, PRIMARY KEY.*/, '')
    .split(',')
    .map((column) => column.trim().split(' ')[0])
  const inner = columns.includes(', PRIMARY KEY')
    ? columns.replace(', PRIMARY KEY', ', e INTEGER, PRIMARY KEY')
    : `${columns}, e INTEGER`
  const db = database(`CREATE TABLE t (${inner}${rest.replace('--', '') || ')'}; CREATE INDEX i ON t (e)`)
  db.exec(`INSERT INTO t (${names.join(', ')}, e) VALUES (${values}, ${T0})`)
  const told: DeletedRow[] = []
  const table = adopt(db, { clock, table: 't', expiresAt: 'e', key, onDelete: (rows) => told.push(...rows) })
  assert.deepEqual(
    (await table.preview({ limit: 1 })).samples.map(({ key }) => key),
    [expected],
  )
  assert.equal((await table.stats())[0]?.entries.expired, 1)
  assert.equal((await table.sweep()).deleted, 1)
  const texts = Object.values(told[0]?.columns ?? {})
  assert.deepEqual([told[0]?.key, texts[0] === null], [expected, values === 'NULL'])
})

test('pages go on behind rows that share a deadline, whatever names a row', async () => {
  const clock = new Hands()
  for (const ddl of [
    'k TEXT PRIMARY KEY, e INTEGER)',
    'k INTEGER PRIMARY KEY, e INTEGER)',
    'k TEXT, e INTEGER, j INTEGER DEFAULT 1, PRIMARY KEY (j, k)) WITHOUT ROWID',
  ]) {
    const db = database(`CREATE TABLE t (${ddl}; CREATE INDEX i ON t (e);
      WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3500)
      INSERT INTO t (k, e) SELECT i, CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN ${T0 + 5} ELSE ${T0} END FROM c`)
    const table = adopt(db, { clock, table: 't', expiresAt: 'e', key: 'k' })
    assert.equal((await table.preview({ limit: 10_000 })).found, 2_500, ddl)
    const [stats] = await table.stats()
    assert.deepEqual([stats?.entries.permanent, stats?.entries.active, stats?.entries.expired], [500, 500, 2_500], ddl)
    const { samples } = await table.preview({ limit: 10_000, asOf: new Date(T0 + 5) })
    assert.equal(new Set(samples.map(({ key }) => key)).size, 3_000)
  }
})

test('every statement goes by the index, and by no more of it than it needs', () => {
  const db = database()
  const described = {
    ...OF_SESSIONS,
    key: ['sid'],
    namespace: { column: 'tenant' },
    where: { sql: "tenant <> 'x'" },
    onDelete: undefined,
  }
  const route = { index: 'by_deadline', ids: ['rowid'], partial: false, undated: true }
  const plans = Object.entries(sqlFor(shapeOf(described), route)).map(([name, sql]) => [
    name,
    planOf(db, sql, 1)?.join(),
  ])
  const by = (bound: string) => `SEARCH sessions USING INDEX by_deadline (${bound})`
  const covering = by('expires_at>?').replace('USING', 'USING COVERING')
  assert.deepEqual(Object.fromEntries(plans), {
    first: covering,
    last: covering,
    next: by('expires_at>?'),
    due: by('expires_at<?'),
    dueAfter: by('expires_at>? AND expires_at<?'),
    dueTied: by('expires_at=? AND rowid>?'),
    reap: 'SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)',
    there: 'SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)',
    dated: by('expires_at>?'),
    datedAfter: by('expires_at>?'),
    datedTied: by('expires_at=? AND rowid>?'),
    undated: by('expires_at=?'),
    undatedAfter: by('expires_at=? AND rowid>?'),
  })
  const plain = sqlFor(shapeOf({ ...described, namespace: undefined, where: undefined }), route)
  assert.deepEqual(
    [planOf(db, plain.first, 1), planOf(db, plain.dated, 1)],
    [[covering], [covering]],
    'not even the rows are read',
  )
})

test('nothing but a delete reads through large values', async () => {
  const clock = new Hands()
  const db = database()
  const statement = db.prepare('INSERT INTO sessions (sid, tenant, expires_at, data) VALUES (?, ?, ?, ?)')
  // The deadline behind the large value: the worst that a table can do.
  for (const sid of ['a', 'b']) statement.run(sid, 't', T0, 'x'.repeat(100_000))
  const overflow = db.prepare("SELECT pageno FROM dbstat WHERE pagetype = 'overflow'").pluck().all() as number[]
  const pageSize = db.pragma('page_size', { simple: true }) as number
  const file = db.name
  db.close()
  const bytes = readFileSync(file)
  for (const page of overflow) bytes.fill(0xff, (page - 1) * pageSize, page * pageSize)
  writeFileSync(file, bytes)
  const broken = connect(file)
  assert.throws(() => broken.prepare('SELECT length(hex(data)) FROM sessions').all(), { code: 'SQLITE_CORRUPT' })
  const table = adopt(broken, { clock, namespace: 'tenant' })
  assert.equal((await table.preview()).found, 2)
  assert.deepEqual(
    (await table.stats()).map(({ namespace, entries }) => [namespace, entries.expired]),
    [['t', 2]],
  )
  assert.equal((await table.forecast()).expired.entries, 2)
  assert.equal((await table.sweeperStatus()).lagMs, 0)
})

test('the line for crontab cleans up, through a shell that quotes and a cron that unescapes', () => {
  const directory = mkdtempSync(join(tmpdir(), "ttl cron' "))
  finallyDo(() => rmSync(directory, { recursive: true, force: true }))
  const db = connect(join(directory, 'app.db'))
  db.exec(`CREATE TABLE "it's" (k TEXT, e TEXT, kind TEXT); CREATE INDEX i ON "it's" (e);
    CREATE TABLE child (k TEXT PRIMARY KEY);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 25000)
    INSERT INTO "it's" SELECT i, strftime('%Y-%m-%dT%H:%M:%fZ', 1000000000 + i, 'unixepoch'), iif(i % 100 = 0, 'keep', '100%') FROM c;
    INSERT INTO "it's" VALUES ('live', strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+1 day'), '100%'), ('never', NULL, '100%')`)
  const table = adopt(db, { table: "it's", key: 'k', expiresAt: 'e', type: 'iso', where: { sql: "kind LIKE '100%'" } })
  const line = table.crontab({ schedule: '*/5 * * * *' })
  assert.match(line, /^\*\/5 \* \* \* \* /)
  assert.ok(!/[^\\]%/.test(line) && !line.includes('\n'), line)
  assert.ok(table.crontab().startsWith('0 3 * * * '))

  // The shell of SQLite, as far as the line uses it.
  const shell = join(directory, 'sqlite3')
  writeFileSync(
    shell,
    `#!${process.execPath}
const Database = require(${JSON.stringify(import.meta.resolve('better-sqlite3').replace('file://', ''))})
const [batch, flag, timeout, file, sql] = process.argv.slice(2)
if (batch !== '-batch' || flag !== '-cmd' || timeout !== '.timeout 5000') throw new Error(process.argv.join())
const db = new Database(file)
for (const each of sql.split(';').map((text) => text.trim()).filter(Boolean)) {
  const statement = db.prepare(each)
  if (statement.reader) for (const row of statement.raw().all()) console.log(row.join('|'))
  else statement.run()
}`,
  )
  chmodSync(shell, 0o755)
  const command = line.replace('*/5 * * * * ', '').replaceAll('\\%', '%')
  execFileSync('/bin/sh', ['-c', command], { env: { PATH: `${directory}:${process.env.PATH}` } })
  assert.deepEqual(db.prepare(`SELECT kind, count(*) FROM "it's" GROUP BY kind ORDER BY kind`).raw().all(), [
    ['100%', 2],
    ['keep', 250],
  ])
  const lines = (sql: string) => adopt(db, { where: { sql } }).crontab()
  assert.match(
    lines("sid <> 'a--b' -- not 'those\n  AND /* nor\n */ tenant = 1"),
    /\(sid <> .*a--b.* +AND +tenant = 1 \)/,
  )
  assert.throws(() => lines("sid <> 'a\nb'"), { code: 'TTL_UNSUPPORTED', message: /line break/ })
  assert.throws(() => adopt(':memory:').crontab(), { code: 'TTL_UNSUPPORTED' })
  assert.throws(() => table.crontab({ schedule: '' }), { code: 'TTL_INVALID' })
})
