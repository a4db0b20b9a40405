import assert from 'node:assert/strict'
import { test } from 'vitest'
import { expiringTable } from '../../src/index.ts'
import { connect, Hands, T0 } from '../support.ts'
import { adopt, database, insert, OF_SESSIONS, SESSIONS, sids } from './support.ts'

const DDL = 'CREATE INDEX IF NOT EXISTS "sessions_expires_at_ttl" ON "sessions" ("expires_at")'

test.each([
  [{ type: 'ms' }, /type .* must be 'epoch-ms', 'epoch-s', 'iso', 'datetime', got "ms"/],
  [{ type: undefined }, /type .* got undefined/],
  [{ table: '' }, /table .* must be text/],
  [{ clock: {} }, /clock .* now\(\)/],
  [{ busyTimeout: 5 }, /5/],
  [{ batch: 5 }, /has no option "batch"/],
])('%j is refused at once', (wrong, message) => {
  assert.throws(() => expiringTable(':memory:', { ...OF_SESSIONS, ...(wrong as object) }), {
    code: 'TTL_INVALID',
    message,
  })
})

test('a table or column that is not there is named, and so are those that are', async () => {
  const db = database(`${SESSIONS} CREATE VIEW seen AS SELECT * FROM sessions`)
  await assert.rejects(adopt(db, { table: 'session' }).check(), { code: 'TTL_INVALID', message: /no table "session"/ })
  await assert.rejects(adopt(db, { table: 'seen' }).check(), { code: 'TTL_INVALID', message: /"seen" is a view/ })
  for (const wrong of [{ expiresAt: 'expires' }, { key: ['sid', 'expires'] }, { namespace: 'expires' }]) {
    await assert.rejects(adopt(db, wrong).check(), {
      code: 'TTL_INVALID',
      message: /no column "expires" in "sessions"; there are "sid", "tenant", "data", "expires_at"/,
    })
  }
  await assert.rejects(adopt(db, { namespace: { sql: 'lower(tenent)' } }).check(), {
    code: 'TTL_INVALID',
    message: /namespace .* no such column: tenent/,
  })
  await assert.rejects(adopt(db, { where: { sql: 'sid =' } }).check(), {
    code: 'TTL_INVALID',
    message: /where .* syntax error/,
  })
  await adopt(db, { table: 'SESSIONS', expiresAt: 'Expires_At', key: 'SID' }).check()
})

test('without an index that serves every call is refused, with the DDL of one that does', async () => {
  const wrong = {
    none: '',
    'of another column': 'CREATE INDEX wrong ON sessions (tenant)',
    'of another column first': 'CREATE INDEX wrong ON sessions (tenant, expires_at)',
    'with further columns': 'CREATE INDEX wrong ON sessions (expires_at, tenant)',
    descending: 'CREATE INDEX wrong ON sessions (expires_at DESC)',
    'of some rows': "CREATE INDEX wrong ON sessions (expires_at) WHERE tenant = 'a'",
    'of a function': 'CREATE INDEX wrong ON sessions (abs(expires_at))',
  }
  for (const [name, sql] of Object.entries(wrong)) {
    const db = database(
      `CREATE TABLE sessions (sid TEXT PRIMARY KEY, tenant TEXT, data TEXT, expires_at INTEGER); ${sql}`,
    )
    insert(db, [['a', 1]])
    const table = adopt(db)
    for (const call of [() => table.check(), () => table.sweep(), () => table.stats(), () => table.preview()]) {
      await assert.rejects(
        call,
        (error: Error & { code: string }) =>
          error.code === 'TTL_UNSUPPORTED' && error.message.endsWith(`create one: ${DDL}`),
        name,
      )
    }
    assert.equal(table.indexSql(), DDL)
    db.exec(table.indexSql())
    assert.equal((await table.sweep()).deleted, 1, name)
  }
})

test.each([
  'CREATE INDEX i ON sessions (expires_at) WHERE expires_at IS NOT NULL',
  'CREATE UNIQUE INDEX i ON sessions (expires_at, sid)',
  'CREATE INDEX i ON sessions (tenant); CREATE INDEX j ON sessions (expires_at DESC); CREATE INDEX k ON sessions (expires_at)',
])('%s', async (sql) => {
  const serves = !sql.includes('sid')
  const db = database(
    `CREATE TABLE sessions (sid TEXT PRIMARY KEY, tenant TEXT, data TEXT, expires_at INTEGER); ${sql}`,
  )
  if (!serves) return assert.rejects(adopt(db).check(), { code: 'TTL_UNSUPPORTED' })
  const clock = new Hands()
  insert(db, [
    ['a', T0],
    ['b', T0 + 1],
    ['c', null],
    ['d', null],
  ])
  const table = adopt(db, { clock })
  const [stats] = await table.stats()
  assert.deepEqual([stats?.entries.permanent, stats?.entries.active, stats?.entries.expired], [2, 1, 1])
  assert.equal((await table.sweep()).deleted, 1)
})

test('looking at a table writes nothing, and finds again what has changed since', async () => {
  const db = database()
  const observer = connect(db.name)
  insert(db, [['a', 1]])
  const table = adopt(db)
  const before = observer.pragma('data_version', { simple: true })
  await table.check()
  await table.stats()
  await table.preview()
  await table.forecast()
  await table.sweeperStatus()
  assert.equal(observer.pragma('data_version', { simple: true }), before)
  db.exec('DROP INDEX by_deadline')
  await assert.rejects(table.sweep(), { code: 'TTL_UNSUPPORTED' })
  db.exec('CREATE INDEX another ON sessions (expires_at)')
  assert.equal((await table.sweep()).deleted, 1)
})

test('a file has to exist, and stays as it is', async () => {
  const db = database()
  insert(db, [
    ['a', 1],
    ['b', null],
  ])
  const table = adopt(db.name)
  assert.equal((await table.sweep()).deleted, 1)
  assert.equal(db.pragma('journal_mode', { simple: true }), 'delete')
  assert.deepEqual(db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all(), ['sessions'])
  await assert.rejects(adopt(`${db.name}.missing`).check(), { code: 'TTL_BACKEND', message: /SQLITE_CANTOPEN/ })
})

test('names are quoted, whatever they are', async () => {
  const evil = `we"ird; DROP TABLE sessions; --`
  const q = (name: string) => `"${name.replaceAll('"', '""')}"`
  const db = database(
    `CREATE TABLE ${q(evil)} (${q(`k${evil}`)} TEXT, ${q(`e${evil}`)} INTEGER, ${q(`n${evil}`)} TEXT)`,
  )
  const table = adopt(db, {
    table: evil,
    key: `k${evil}`,
    expiresAt: `e${evil}`,
    namespace: `n${evil}`,
    clock: new Hands(),
  })
  db.exec(table.indexSql())
  db.prepare(`INSERT INTO ${q(evil)} VALUES ('a', 1, 'x'), ('b', NULL, 'y')`).run()
  assert.deepEqual(
    (await table.preview()).samples.map(({ key, namespace }) => [key, namespace]),
    [['a', 'x']],
  )
  assert.deepEqual([...(await table.sweep()).byNamespace], [['x', 1]])
  assert.equal(
    db
      .prepare(`SELECT count(*) FROM ${q(evil)} AS s WHERE ${table.live({ alias: 's' })}`)
      .pluck()
      .get(),
    1,
  )
})

test('a sweep of one namespace, or of what meets a condition, finds its rows behind any number of others', async () => {
  const clock = new Hands()
  const db = database(`${SESSIONS}`)
  db.exec('BEGIN')
  insert(
    db,
    Array.from({ length: 9_000 }, (_, i) => [`other${i}`, 1, 'other'] as const),
  )
  insert(
    db,
    Array.from({ length: 10 }, (_, i) => [`mine${i}`, 1, 'mine'] as const),
  )
  db.exec('COMMIT')
  const where = { sql: "tenant = 'mine'" }
  assert.equal((await adopt(db, { clock, where }).stats())[0]?.entries.expired, 10)
  assert.equal((await adopt(db, { clock, where }).preview()).found, 10)
  assert.equal((await adopt(db, { clock, where }).sweep({ limit: 4 })).deleted, 4)
  assert.deepEqual(await adopt(db, { clock, namespace: 'tenant' }).sweep({ namespace: 'mine' }), {
    deleted: 6,
    byNamespace: new Map([['mine', 6]]),
    more: false,
  })
  assert.equal(db.prepare('SELECT count(*) FROM sessions').pluck().get(), 9_000)
})

test('own SQL that closes parentheses it did not open is refused, and deletes nothing', async () => {
  const db = database()
  insert(db, [
    ['live', Date.UTC(2999, 0), '1'],
    ['never', null, '1'],
  ])
  for (const own of [
    { where: { sql: "tenant = '0') OR (tenant = '1'" } },
    { namespace: { sql: "sid) WHEN '' THEN '' ELSE (sid" } },
    { where: { sql: "tenant = '1'; SELECT 1" } },
    { where: { sql: "tenant = '1';" } },
    { where: { sql: '1 /*' } },
    { where: { sql: "1 || ')" } },
    { where: { sql: '1 FROM sessions --' } },
    { where: { sql: 'count(*)' } },
    { where: { sql: 'nothing = 0' } },
  ]) {
    const table = adopt(db, own)
    for (const call of [table.check(), table.sweep(), table.preview()]) {
      await assert.rejects(call, {
        code: 'TTL_INVALID',
        message: /^(?:where|namespace) of expiringTable\(\) is no expression on /,
      })
    }
    // The statement itself, because the shell of SQLite goes on after one that fails.
    const deletion = table.sweepSql().split('\n').slice(1).join('\n')
    if (own.where !== undefined) assert.throws(() => db.exec(deletion), own.where.sql)
  }
  assert.deepEqual(sids(db), ['live', 'never'])
})

test('a comment ends with the own SQL that it is in', async () => {
  const db = database()
  const table = adopt(db, { where: { sql: "tenant = '0' -- ours" }, namespace: { sql: 'sid -- ours' } })
  const fill = () =>
    insert(db, [
      ['dead', T0, '0'],
      ['kept', T0, '1'],
      ['live', null, '0'],
    ])
  fill()
  assert.deepEqual((await table.sweep()).byNamespace, new Map([['dead', 1]]))
  db.exec('DELETE FROM sessions')
  fill()
  db.exec(table.sweepSql())
  assert.deepEqual(sids(db), ['kept', 'live'])
})

test('SQL judges what meets the condition', async () => {
  const db = database()
  insert(
    db,
    ['abc', '5abc', '0', '', '0.5', '1'].map((tenant) => [tenant, T0, tenant] as const),
  )
  const wanted = db.prepare('SELECT sid FROM sessions WHERE tenant ORDER BY sid').pluck().all()
  const table = adopt(db, { where: { sql: 'tenant' } })
  const { samples, found } = await table.preview()
  assert.deepEqual([samples.map(({ key }) => key).sort(), found], [wanted, wanted.length])
  assert.equal((await table.stats())[0]?.entries.expired, wanted.length)
  await table.sweep()
  assert.deepEqual(sids(db), ['', '0', 'abc'])
})

test('an index of just the rows that meet the condition serves too', async () => {
  const db = database(`CREATE TABLE sessions (sid TEXT, tenant TEXT, data TEXT, expires_at INTEGER);
    CREATE INDEX i ON sessions (expires_at) WHERE tenant = 'mine'`)
  insert(db, [
    ['a', 1, 'mine'],
    ['b', 1, 'other'],
    ['c', null, 'mine'],
    ['d', null, 'other'],
  ])
  const table = adopt(db, { where: { sql: "tenant = 'mine'" } })
  const [stats] = await table.stats()
  assert.deepEqual([stats?.entries.permanent, stats?.entries.expired], [1, 1])
  assert.equal((await table.sweep()).deleted, 1)
  await assert.rejects(adopt(db).check(), { code: 'TTL_UNSUPPORTED' })
})
