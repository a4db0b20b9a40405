import assert from 'node:assert/strict'
import { test } from 'vitest'
import { finallyDo, Hands, T0 } from '../support.ts'
import { adopt, database, insert, SESSIONS, sids } from './support.ts'

const withChild = (action: string, index = 'CREATE INDEX by_session ON carts (session)') =>
  database(`${SESSIONS}
    CREATE TABLE carts (id INTEGER PRIMARY KEY, session TEXT REFERENCES sessions (sid) ${action});
    ${index}`)

function cart(db: ReturnType<typeof database>, session: string | null, times = 1) {
  for (let i = 0; i < times; i++) db.prepare('INSERT INTO carts (session) VALUES (?)').run(session)
}

test('what refers to a deleted row goes with it, or is let go, as its table says', async () => {
  for (const [action, expected] of [
    ['ON DELETE CASCADE', []],
    ['ON DELETE SET NULL', [null, null]],
  ] as const) {
    const db = withChild(action)
    insert(db, [
      ['dead', T0],
      ['live', T0 + 1],
    ])
    cart(db, 'dead', 2)
    cart(db, 'live')
    assert.equal((await adopt(db, { clock: new Hands() }).sweep()).deleted, 1)
    assert.deepEqual(db.prepare('SELECT session FROM carts ORDER BY id').pluck().all(), [...expected, 'live'])
  }
})

test('rows that must stay keep no other from going; then the sweep says how many', async () => {
  const clock = new Hands()
  for (const action of ['', 'ON DELETE RESTRICT']) {
    const db = withChild(action)
    insert(
      db,
      Array.from({ length: 3_000 }, (_, i) => [`k${i}`, T0 - 3_000 + i] as const),
    )
    for (const sid of ['k0', 'k1', 'k1500', 'k2999']) cart(db, sid)
    const told: string[] = []
    const table = adopt(db, { clock, onDelete: (rows) => told.push(...rows.map(({ key }) => key)) })
    let reported = 0
    await table.on('sweep.batch', ({ deleted }) => {
      reported += deleted
    })
    await assert.rejects(table.sweep(), (error: Error & { code: string; cause?: { code: string } }) => {
      assert.match(String(error.cause?.code), /^SQLITE_CONSTRAINT_/)
      return error.code === 'TTL_BACKEND' && /^4 expired rows of "sessions" cannot be deleted/.test(error.message)
    })
    assert.deepEqual(sids(db), ['k0', 'k1', 'k1500', 'k2999'])
    assert.deepEqual([reported, told.length], [2_996, 2_996])
    db.exec('DELETE FROM carts WHERE id > 1')
    await assert.rejects(table.sweep(), /^TtlError: 1 expired rows/)
    db.exec('DELETE FROM carts')
    assert.equal((await table.sweep()).deleted, 1)
    assert.equal((await table.sweep()).deleted, 0)
  }
})

test('a trigger of the application that forbids, or ignores, keeps its row', async () => {
  for (const refusal of ["RAISE(ABORT, 'precious')", 'RAISE(IGNORE)']) {
    const db = database(
      `${SESSIONS} CREATE TRIGGER keep BEFORE DELETE ON sessions WHEN old.tenant = 'precious' BEGIN SELECT ${refusal}; END`,
    )
    insert(db, [
      ['a', T0 - 2, 'precious'],
      ['b', T0 - 1, 'x'],
    ])
    const table = adopt(db, { clock: new Hands() })
    await assert.rejects(table.sweep(), /1 expired rows of "sessions" cannot be deleted/)
    assert.deepEqual(sids(db), ['a'])
  }
})

test('a foreign key that is judged at the commit undoes the step, and the sweep fails', async () => {
  const db = withChild('DEFERRABLE INITIALLY DEFERRED')
  insert(db, [['a', T0]])
  cart(db, 'a')
  await assert.rejects(adopt(db, { clock: new Hands() }).sweep(), { code: 'TTL_BACKEND' })
  assert.deepEqual(sids(db), ['a'])
})

test('a Database that does not enforce foreign keys is refused: it would leave orphans', async () => {
  const db = withChild('ON DELETE CASCADE')
  insert(db, [['a', T0]])
  cart(db, 'a')
  db.pragma('foreign_keys = OFF')
  const table = adopt(db, { clock: new Hands() })
  await assert.rejects(table.sweep(), { code: 'TTL_UNSUPPORTED', message: /PRAGMA foreign_keys = ON/ })
  assert.deepEqual(sids(db), ['a'])
  assert.equal((await adopt(db.name, { clock: new Hands() }).sweep()).deleted, 1, 'a path opens it so that they are')
  assert.equal(db.prepare('SELECT count(*) FROM carts').pluck().get(), 0)
})

test('a table that refers without an index is refused, with the DDL of one', async () => {
  const db = withChild('ON DELETE CASCADE', 'CREATE INDEX wrong ON carts (id, session)')
  let ddl = ''
  await assert.rejects(adopt(db).check(), (error: Error & { code: string }) => {
    ddl = error.message.split('create one: ')[1] ?? ''
    return error.code === 'TTL_UNSUPPORTED'
  })
  assert.equal(ddl, 'CREATE INDEX "carts_session" ON "carts" ("session")')
  db.exec(ddl)
  await adopt(db).check()
})

test('many rows that go with each one do not make a slice long', async () => {
  const clock = new Hands()
  const db = withChild('ON DELETE CASCADE')
  db.exec('BEGIN')
  insert(
    db,
    Array.from({ length: 60 }, (_, i) => [`k${i}`, T0] as const),
  )
  for (let i = 0; i < 60; i++) cart(db, `k${i}`, 500)
  db.exec('COMMIT')
  const table = adopt(db, { clock })
  let batches = 0
  finallyDo(await table.on('sweep.batch', () => batches++))
  assert.equal((await table.sweep()).deleted, 60)
  assert.ok(batches >= 2, `${batches} batches`)
})

test('more rows that must stay than a step looks at keep no other from going either', async () => {
  const db = withChild('ON DELETE RESTRICT')
  db.exec('BEGIN')
  insert(
    db,
    Array.from({ length: 9_000 }, (_, i) => [`k${i}`, T0 - 9_000 + i] as const),
  )
  for (let i = 0; i < 8_500; i++) cart(db, `k${i}`)
  db.exec('COMMIT')
  await assert.rejects(adopt(db, { clock: new Hands() }).sweep(), /8500 expired rows of "sessions" cannot be deleted/)
  assert.equal(sids(db).length, 8_500)
})

test('rows that go with another of the same table are not taken for rows that must stay', async () => {
  const db = database(`CREATE TABLE sessions (sid TEXT PRIMARY KEY, tenant TEXT, data TEXT, expires_at INTEGER,
      parent TEXT REFERENCES sessions (sid) ON DELETE CASCADE);
    CREATE INDEX by_deadline ON sessions (expires_at); CREATE INDEX by_parent ON sessions (parent)`)
  // As many as the first step looks at, so that the last one finds nothing.
  insert(db, [['parent', T0 - 200], ...Array.from({ length: 127 }, (_, i) => [`k${i}`, T0 - 127 + i] as const)])
  db.exec("UPDATE sessions SET parent = 'parent' WHERE sid <> 'parent'")
  assert.equal((await adopt(db, { clock: new Hands() }).sweep()).deleted, 1)
  assert.deepEqual(sids(db), [])
})

test('what kept a row from going, and goes in a later step, keeps it no more', async () => {
  const db = database(`CREATE TABLE sessions (sid TEXT PRIMARY KEY, tenant TEXT, data TEXT, expires_at INTEGER,
      parent TEXT REFERENCES sessions (sid));
    CREATE INDEX by_deadline ON sessions (expires_at); CREATE INDEX by_parent ON sessions (parent);
    CREATE TABLE carts (session TEXT PRIMARY KEY REFERENCES sessions (sid))`)
  db.exec('BEGIN')
  insert(db, [['parent', T0 - 10_000], ...Array.from({ length: 9_000 }, (_, i) => [`k${i}`, T0 - 9_000 + i] as const)])
  // The child in the middle of many, and behind it only rows that must stay.
  db.exec(`UPDATE sessions SET parent = 'parent' WHERE sid = 'k4000';
    INSERT INTO carts SELECT sid FROM sessions WHERE expires_at > ${T0 - 5_000}`)
  db.exec('COMMIT')
  await assert.rejects(adopt(db, { clock: new Hands() }).sweep(), /4999 expired rows of "sessions" cannot be deleted/)
  assert.deepEqual([sids(db).length, sids(db).includes('parent')], [4_999, false])
})

test('what a sweep that was cut short had to leave is not held against the next', async () => {
  for (const [since, outcome] of [
    ['DELETE FROM carts; DELETE FROM sessions', undefined],
    ["DELETE FROM carts WHERE session < 'k128'", /^TtlError: 172 expired rows/],
  ] as const) {
    const db = withChild('')
    const rows = Array.from({ length: 300 }, (_, i) => [`k${String(i).padStart(3, '0')}`, T0 - 300 + i] as const)
    insert(db, rows)
    for (const [sid] of rows) cart(db, sid)
    const table = adopt(db, { clock: new Hands() })
    const cut = new AbortController()
    await table.on('sweep.batch', () => cut.abort())
    await assert.rejects(table.sweep({ signal: cut.signal }), { name: 'AbortError' })
    db.exec(since)
    if (outcome === undefined) assert.equal((await table.sweep()).deleted, 0)
    else await assert.rejects(table.sweep(), outcome)
  }
})

test('a row that must stay keeps nothing from going that expires later', async () => {
  const clock = new Hands()
  const db = withChild('ON DELETE RESTRICT')
  insert(db, [['kept', T0 - 1]])
  cart(db, 'kept')
  const table = adopt(db, { clock })
  for (const round of [1, 2, 3]) {
    insert(db, [
      [`earlier${round}`, T0 - round],
      [`later${round}`, clock.at + 500],
    ])
    clock.at += 1_000
    await assert.rejects(table.sweep(), /1 expired rows of "sessions" cannot be deleted/)
    assert.deepEqual(sids(db), ['kept'])
  }
})

test('a use of a table that others refer to prepares nothing', async () => {
  const db = withChild('ON DELETE CASCADE')
  const table = adopt(db, { clock: new Hands() })
  await table.check()
  const prepare = db.prepare.bind(db)
  const prepared: string[] = []
  db.prepare = (sql: string) => {
    prepared.push(sql)
    return prepare(sql) as never
  }
  await table.sweep()
  await table.preview()
  assert.deepEqual(prepared, [])
})
