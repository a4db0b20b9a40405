import assert from 'node:assert/strict'
import { type Arbitrary, assert as check, constantFrom, integer, property, tuple } from 'fast-check'
import { test } from 'vitest'
import { type DeadlineType, FORMATS } from '../../src/table/formats.ts'
import { connect, freshFile, Hands, T0 } from '../support.ts'
import { adopt, database, insert, sids } from './support.ts'

const DECLARED: Record<DeadlineType, readonly string[]> = {
  'epoch-ms': ['INTEGER', 'REAL', 'NUMERIC', ''],
  'epoch-s': ['INTEGER', 'REAL', 'TIMESTAMP', ''],
  iso: ['TEXT', 'DATETIME', 'VARCHAR(30)', ''],
  datetime: ['TEXT', 'DATETIME', 'TIMESTAMP', ''],
}

const written: Record<DeadlineType, (ms: number) => unknown> = {
  'epoch-ms': (ms) => ms,
  'epoch-s': (ms) => ms / 1_000,
  iso: (ms) => new Date(ms).toISOString(),
  datetime: (ms) => new Date(ms).toISOString().slice(0, -1).replace('T', ' '),
}

const schema = (declared: string) =>
  `CREATE TABLE sessions (sid TEXT PRIMARY KEY, tenant TEXT, data TEXT, expires_at ${declared}); CREATE INDEX i ON sessions (expires_at)`

const EVERY = Object.entries(DECLARED).flatMap(([type, all]) =>
  all.map((declared) => [type as DeadlineType, declared] as const),
)

test.each(EVERY)(
  '%s in a column declared %j: the boundary, the condition, the preview and the sweep agree',
  async (type, declared) => {
    const clock = new Hands()
    const db = database(schema(declared))
    insert(db, [
      ['before', written[type](T0 - 1)],
      ['at', written[type](T0)],
      ['after', written[type](T0 + 1)],
      ['never', null],
    ])
    const table = adopt(db, { type, clock })
    const live = (condition: string, ...bound: unknown[]) =>
      db
        .prepare(`SELECT sid FROM sessions AS s WHERE ${condition} ORDER BY sid`)
        .pluck()
        .all(...bound)
    for (const [now, expected] of [
      [T0 - 2, ['after', 'at', 'before', 'never']],
      [T0 - 1, ['after', 'at', 'never']],
      [T0, ['after', 'never']],
      [T0 + 1, ['never']],
    ] as const) {
      assert.deepEqual(live(table.live({ now: '@now', alias: 's' }), { now }), expected)
      assert.deepEqual(live(table.live({ now: '?' }), now), expected)
      clock.at = now
      assert.deepEqual(live(table.live()), expected)
      const dead = (await table.preview({ asOf: new Date(now) })).samples.map(({ key }) => key)
      assert.deepEqual([...dead, ...expected].sort(), ['after', 'at', 'before', 'never'])
    }
    clock.at = T0
    assert.deepEqual(
      (await table.preview()).samples.map(({ key, expiresAt }) => [key, expiresAt.epochMilliseconds]),
      [
        ['before', T0 - 1],
        ['at', T0],
      ],
    )
    const [stats] = await table.stats()
    assert.deepEqual([stats?.entries.permanent, stats?.entries.active, stats?.entries.expired], [1, 1, 2])
    assert.equal(stats?.entries.nextExpiresAt?.epochMilliseconds, T0 + 1)
    assert.equal((await table.sweep()).deleted, 2)
    assert.deepEqual(sids(db), ['after', 'never'])
    assert.equal((await table.sweep()).deleted, 0)
  },
)

test.each(Object.keys(DECLARED) as DeadlineType[])(
  "%s: the database's own clock agrees with this machine's",
  (type) => {
    const db = database(schema(DECLARED[type][0] as string))
    const table = adopt(db, { type })
    const now = Date.now()
    insert(db, [
      ['dead', written[type](now - 20)],
      ['live', written[type](now + 60_000)],
    ])
    // An older SQLite, which runs the same SQL elsewhere, does not know milliseconds there, or nothing of it at all.
    db.function('unixepoch', { varargs: true }, () => null)
    assert.deepEqual(db.prepare(`SELECT sid FROM sessions WHERE ${table.live()}`).pluck().all(), ['live'])
    db.exec(table.sweepSql().replace(/SELECT changes\(\);/, ''))
    assert.deepEqual(sids(db), ['live'])
  },
)

const instants: Arbitrary<number> = integer({ min: Date.UTC(1974), max: Date.UTC(2300) })
const nearby = tuple(instants, integer({ min: -2, max: 2 }))

test.each(Object.keys(DECLARED) as DeadlineType[])('%s: what is stored compares in SQL as its instant does', (type) => {
  const db = connect(freshFile())
  const format = FORMATS[type]
  const inSql = db.prepare(
    `SELECT @stored <= ${format.writeSql('@ms')} AS sql, @stored <= @bound AS bound, ${format.readSql('@stored')} AS fits`,
  )
  void check(
    property(nearby, constantFrom('', '0', '000', '500', '000001'), ([ms, off], finer) => {
      // Decimals beyond the millisecond, where there may be some.
      const stored = type === 'datetime' ? `${written.datetime(ms)}${finer}` : written[type](ms)
      const read = format.read(stored) as number
      assert.equal(read, Number(finer) > 0 && type === 'datetime' ? ms + 1 : ms)
      const now = ms + off
      const expired = read <= now ? 1 : 0
      assert.deepEqual(inSql.get({ stored, ms: now, bound: format.write(now) }), {
        sql: expired,
        bound: expired,
        fits: 1,
      })
    }),
  )
})

test('decimals are optional where they do not change the order', () => {
  const { read } = FORMATS.datetime
  assert.equal(read('2026-01-01 00:00:00'), T0)
  assert.equal(read('2026-01-01 00:00:00.5'), T0 + 500)
  assert.equal(read('2026-01-01 00:00:00.123456'), T0 + 124)
})

const FOREIGN: readonly (readonly [DeadlineType, string, unknown])[] = [
  ['epoch-ms', 'seconds', 978_307_200],
  ['epoch-ms', 'text', '2001-01-01T00:00:00.000Z'],
  ['epoch-ms', 'bytes', Buffer.from('2001')],
  ['epoch-s', 'milliseconds', 978_307_200_000],
  ['epoch-s', 'text', 'never'],
  ['iso', 'no milliseconds', '2001-01-01T00:00:00Z'],
  ['iso', 'an offset', '2001-01-01T02:00:00.000+02:00'],
  ['iso', 'a space', '2001-01-01 00:00:00.000'],
  ['iso', 'a month too many', '2001-13-01T00:00:00.000Z'],
  ['iso', 'a number', 978_307_200_000],
  ['iso', 'nothing', ''],
  ['datetime', 'a T', '2001-01-01T00:00:00'],
  ['datetime', 'a Z', '2001-01-01 00:00:00Z'],
  ['datetime', 'an hour too many', '2001-01-01 25:00:00'],
  ['datetime', 'a day alone', '2001-01-01'],
  ['datetime', 'a number', 978_307_200],
]

test.each(FOREIGN)('%s: %s in the column is refused, and no row like it is ever deleted', async (type, _, foreign) => {
  const clock = new Hands()
  const db = database(schema(DECLARED[type].at(-1) as string))
  insert(db, [['foreign', foreign]])
  for (const call of ['check', 'sweep', 'preview', 'stats', 'forecast'] as const) {
    await assert.rejects(adopt(db, { type, clock })[call](), (error: Error & { code: string }) => {
      assert.equal(error.code, 'TTL_INVALID')
      assert.match(error.message, /"expires_at" of "sessions" holds .* of another form is there/)
      return foreign === '' || !error.message.includes(String(foreign))
    })
  }
  assert.deepEqual(sids(db), ['foreign'])
})

test.each(FOREIGN)('%s: %s in the middle stops a sweep and a count that come to it', async (type, _, foreign) => {
  const clock = new Hands()
  const db = database(schema(DECLARED[type].at(-1) as string))
  insert(db, [
    ['first', written[type](Date.UTC(1975))],
    ['last', written[type](Date.UTC(2005))],
  ])
  const table = adopt(db, { type, clock })
  await table.check()
  insert(db, [['foreign', foreign]])
  await assert.rejects(table.stats(), { code: 'TTL_INVALID' })
  await table.sweep().catch((error: { code: string }) => assert.equal(error.code, 'TTL_INVALID'))
  assert.ok(sids(db).includes('foreign'))
  db.exec(table.sweepSql().replace(/SELECT changes\(\);/, ''))
  assert.deepEqual(sids(db), ['foreign'])
})

test.each([
  ['epoch-ms', 'TEXT'],
  ['epoch-s', 'VARCHAR(20)'],
  ['iso', 'BIGINT'],
  ['datetime', 'DOUBLE'],
] as const)(
  '%s in a column declared %s is refused: there it would compare as something else',
  async (type, declared) => {
    await assert.rejects(adopt(database(schema(declared)), { type }).check(), {
      code: 'TTL_INVALID',
      message: /is declared/,
    })
  },
)

test('what is beyond all instants is never, not an error', async () => {
  const clock = new Hands()
  const db = database(schema('INTEGER'))
  db.exec(
    "INSERT INTO sessions (sid, expires_at) VALUES ('max', 9223372036854775807), ('inf', 9e999), ('old', -9223372036854775808)",
  )
  const table = adopt(db, { clock })
  const [stats] = await table.stats()
  assert.deepEqual([stats?.entries.active, stats?.entries.expired], [2, 1])
  assert.equal((await table.sweep()).deleted, 1)
  assert.deepEqual(sids(db), ['inf', 'max'])
})
