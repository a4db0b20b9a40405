import { execFileSync } from 'node:child_process'
import { manualClock } from '@ttl/core/testing'
import { describe, expect, test } from 'vitest'
import {
  type DeletedRow,
  type ExpiringTableOptions,
  expiringTable,
  type PostgresClient,
  postgres,
} from '../src/index.ts'
import { finallyDo, freshTable, poolOf, quoted, sleep, urlOf } from './support.ts'

const DAY = 86_400_000
const whole = { table: 't', key: 'id', expiresAt: 'expires_at' }

describe.each([18, 15] as const)('PostgreSQL %i', (version) => {
  const pool = poolOf(urlOf(version))

  /** A table of an application, with the index that it needs, looked after with everything but its name as given. */
  async function adopted(
    columns = 'id text PRIMARY KEY, expires_at timestamptz',
    options: Partial<ExpiringTableOptions> = {},
  ) {
    const name = freshTable()
    await pool.query(`CREATE TABLE ${name} (${columns})`)
    const table = expiringTable(pool, { ...whole, table: name, ...options })
    await pool.query(table.indexSql())
    return { name, table }
  }
  const ids = async (name: string, where = 'true') =>
    (await pool.query(`SELECT id FROM ${name} WHERE ${where} ORDER BY id`)).rows.map((row) => row.id as string)

  test('hides at the deadline, lists, counts, sweeps, and leaves what lives and what is permanent', async () => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const { name, table } = await adopted(
      'id text PRIMARY KEY, space text NOT NULL, memory text, expires_at timestamptz',
      { namespace: 'space', clock },
    )
    await pool.query(`INSERT INTO ${name} SELECT x.*, '2026-01-01Z'::timestamptz + y.after FROM
      (VALUES ('a', 's1', 'm'), ('b', 's1', 'm'), ('c', 's2', 'm'), ('p', 'pt2', 'm')) x(id, space, memory)
      JOIN (VALUES ('a', interval '168h'), ('b', interval '168h'), ('c', interval '240h'), ('p', NULL)) y(id, after) USING (id)`)
    clock.advance({ days: 6, hours: 23, minutes: 59 })
    expect(await ids(name, table.live())).toEqual(['a', 'b', 'c', 'p'])
    clock.set('2026-01-08T00:00:00Z')
    expect(await ids(name, table.live())).toEqual(['c', 'p'])
    expect(await ids(name, table.live({ now: `${clock.now()} - 1` }))).toEqual(['a', 'b', 'c', 'p'])
    expect(
      (
        await pool.query(
          `SELECT m.id FROM ${name} m JOIN ${name} o USING (id) WHERE ${table.live({ alias: 'm' })} ORDER BY 1`,
        )
      ).rows,
    ).toEqual([{ id: 'c' }, { id: 'p' }])

    const counts = async () =>
      new Map((await table.stats()).map(({ namespace, entries }) => [namespace, { ...entries }] as const))
    const before = await counts()
    expect(before.get('s1')).toMatchObject({ permanent: 0, active: 0, expired: 2 })
    expect(before.get('s2')).toMatchObject({ permanent: 0, active: 1, expired: 0 })
    expect(`${before.get('s2')?.nextExpiresAt}`).toBe('2026-01-11T00:00:00.000Z')
    expect(before.get('pt2')).toMatchObject({ permanent: 1, active: 0, expired: 0 })

    const preview = await table.preview()
    expect(preview.samples.map(({ key, namespace }) => `${namespace} ${key}`)).toEqual(['s1 a', 's1 b'])
    expect(`${preview.oldest} ${preview.newest}`).toBe('2026-01-08T00:00:00.000Z 2026-01-08T00:00:00.000Z')
    expect((await table.preview({ namespace: 's2' })).found).toBe(0)
    expect((await table.preview({ namespace: 's2', asOf: '2026-01-11T00:00:00Z' })).found).toBe(1)
    const forecast = await table.forecast({ within: ['1d', '3d', '30d'] })
    expect(forecast.buckets.map(({ entries }) => entries)).toEqual([0, 1, 0, 0])
    expect([forecast.expired.entries, forecast.never.entries]).toEqual([2, 1])

    expect(await table.sweep({ namespace: 's2' })).toMatchObject({ deleted: 0 })
    expect(await table.sweep({ asOf: preview.asOf })).toEqual({
      deleted: 2,
      byNamespace: new Map([['s1', 2]]),
      more: false,
    })
    expect(await table.sweep()).toMatchObject({ deleted: 0 })
    expect(await ids(name)).toEqual(['c', 'p'])
    expect((await table.preview()).found).toBe(0)
  })

  test('a sweeper sleeps until the next deadline, and tells what it deletes', async () => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const { name, table } = await adopted(undefined, { clock })
    await pool.query(
      `INSERT INTO ${name} SELECT n, '2026-01-01Z'::timestamptz + n * interval '1 day' FROM generate_series(1, 9) n`,
    )
    const seen: string[] = []
    await table.on('expired', ({ key, expiresAt }) => seen.push(`${key} ${expiresAt}`))
    const sweeper = table.startSweeper({ timers: clock, interval: '30d' })
    await clock.run('3d')
    expect(seen).toEqual([1, 2, 3].map((n) => `${n} 2026-01-0${n + 1}T00:00:00.000Z`).slice(0, seen.length))
    await clock.run('1m')
    expect(seen).toHaveLength(3)
    expect(await sweeper.status()).toMatchObject({ state: 'waiting', deleted: 3, lagMs: 0 })
    await sweeper.stop()
  })

  test.each([
    ['epoch-ms', 'bigint', (ms: number) => ms],
    ['epoch-s', 'bigint', (ms: number) => ms / 1_000],
    ['epoch-s', 'integer', (ms: number) => ms / 1_000],
    ['timestamptz', 'timestamptz', (ms: number) => `'${new Date(ms).toISOString()}'`],
  ] as const)('a deadline as %s in %s', async (type, column, written) => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const { name, table } = await adopted(`id text PRIMARY KEY, expires_at ${column}`, { type, clock })
    const now = clock.now()
    await pool.query(`INSERT INTO ${name} VALUES ('past', ${written(now - DAY)}), ('now', ${written(now)}),
      ('next', ${written(now + 1_000)}), ('later', ${written(now + DAY)}), ('never', NULL)`)
    expect(await ids(name, table.live())).toEqual(['later', 'never', 'next'])
    const { samples, oldest, newest } = await table.preview({ asOf: new Date(now + 1_000) })
    expect(samples.map(({ key }) => key)).toEqual(['past', 'now', 'next'])
    expect([Number(oldest), Number(newest)]).toEqual([now - DAY, now + 1_000])
    const [stats] = await table.stats()
    expect(stats?.entries).toMatchObject({ permanent: 1, active: 2, expired: 2 })
    expect([Number(stats?.entries.nextExpiresAt), Number(stats?.entries.lastExpiresAt)]).toEqual([
      now + 1_000,
      now + DAY,
    ])
    expect((await table.sweep()).deleted).toBe(2)
    clock.advance('999ms')
    expect((await table.sweep()).deleted).toBe(0)
    expect(await ids(name, table.live())).toEqual(['later', 'never', 'next'])
    clock.advance('1ms')
    expect(await ids(name, table.live())).toEqual(['later', 'never'])
    expect((await table.sweep()).deleted).toBe(1)
  })

  test("the server's clock judges, in every time zone, also by microseconds and at both infinities", async () => {
    const there = poolOf(urlOf(version), { options: '-c TimeZone=Asia/Tokyo -c DateStyle=SQL,DMY' })
    const { name } = await adopted()
    const table = expiringTable(there, { ...whole, table: name })
    await pool.query(`INSERT INTO ${name} VALUES ('dead', now() - interval '1 microsecond'), ('dead too', '-infinity'),
      ('live', now() + interval '1 hour'), ('never', 'infinity'), ('null', NULL)`)
    await sleep(2)
    const [stats] = await table.stats()
    expect(stats?.entries).toMatchObject({ permanent: 2, active: 1, expired: 2 })
    expect(Math.abs(Number(stats?.entries.nextExpiresAt) - Date.now() - 3_600_000)).toBeLessThan(60_000)
    expect((await table.preview({ limit: 1 })).samples.map(({ key }) => key)).toEqual(['dead too'])
    expect((await table.preview()).samples.map(({ key }) => key)).toEqual(['dead too', 'dead'])
    expect((await there.query(`SELECT id FROM ${name} WHERE ${table.live()} ORDER BY 1`)).rows).toHaveLength(3)
    expect((await table.sweep()).deleted).toBe(2)
    expect(await ids(name)).toEqual(['live', 'never', 'null'])
  })

  test('a deadline between two milliseconds counts as the later one, to all who list, count and sweep', async () => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const { name, table } = await adopted(undefined, { clock })
    await pool.query(`INSERT INTO ${name} VALUES ('a', '2026-01-01 00:00:00.0004Z'), ('b', '2026-01-01 00:00:00.001Z')`)
    expect([(await table.preview()).found, (await table.sweep()).deleted]).toEqual([0, 0])
    expect(`${(await table.stats())[0]?.entries.nextExpiresAt}`).toBe('2026-01-01T00:00:00.001Z')
    expect((await table.forecast({ within: ['1ms'] })).buckets.map(({ entries }) => entries)).toEqual([2, 0])
    clock.advance('1ms')
    expect(await ids(name, table.live())).toEqual([])
    const { samples } = await table.preview()
    expect(samples.map(({ key, expiresAt }) => `${key} ${expiresAt}`)).toEqual([
      'a 2026-01-01T00:00:00.001Z',
      'b 2026-01-01T00:00:00.001Z',
    ])
    expect((await table.sweep()).deleted).toBe(2)
  })

  test('the pages of what is due name each row once, whatever share a deadline, page by page of any size', async () => {
    const clock = manualClock('2026-01-02T00:00:00Z')
    const { name, table } = await adopted(undefined, { clock })
    await pool.query(`INSERT INTO ${name} SELECT n, CASE WHEN n % 7 = 0 THEN '-infinity' ELSE '2026-01-01Z'::timestamptz + n % 5 * interval '1 microsecond' END
      FROM generate_series(1, 2300) n`)
    for (const limit of [700, 2_299, 2_300, 10_000]) {
      const { samples, found, more } = await table.preview({ limit })
      expect(new Set(samples.map(({ key }) => key)).size).toBe(Math.min(limit, 2_300))
      expect([found, more]).toEqual([Math.min(limit, 2_300), limit < 2_300])
    }
  })

  test('names of any kind, a key of several columns, an expression as namespace, and only some rows', async () => {
    const schema = `we ird"${freshTable()}`
    const name = 'tab-le"\'$x$'
    const at = quoted(name, schema)
    await pool.query(
      `CREATE SCHEMA ${quoted(schema)}; CREATE TABLE ${at} ("te%nant" int, "i""d" uuid, "ex'pires" timestamptz, meta jsonb)`,
    )
    finallyDo(() => pool.query(`DROP SCHEMA ${quoted(schema)} CASCADE`))
    const rows: DeletedRow[] = []
    const table = expiringTable(pool, {
      schema,
      table: name,
      key: ['te%nant', 'i"d'],
      expiresAt: "ex'pires",
      namespace: { sql: `meta->>'agent' || '$1'` },
      where: { sql: `meta->>'type' = 'check''point'` },
      onDelete: (deleted) => void rows.push(...deleted),
    })
    await pool.query(table.indexSql())
    const uuid = '00000000-0000-4000-8000-000000000001'
    await pool.query({
      text: `INSERT INTO ${at} VALUES (1, $1, now(), $2), (2, NULL, now(), $2), (3, $1, now(), $3), (4, $1, NULL, $2)`,
      values: [uuid, `{"agent":"a'","type":"check'point"}`, `{"agent":"a'","type":"other"}`],
    })
    await sleep(2)
    const key = JSON.stringify(['1', uuid])
    expect((await table.preview({ namespace: "a'$1" })).samples.map((each) => each.key).sort()).toEqual(
      [key, JSON.stringify(['2', null])].sort(),
    )
    expect(
      (await table.stats()).map(({ namespace, entries }) => [namespace, entries.expired, entries.permanent]),
    ).toEqual([["a'$1", 2, 1]])
    expect((await table.sweep({ namespace: 'somebody else' })).deleted).toBe(0)
    expect(await table.sweep({ namespace: "a'$1" })).toMatchObject({ deleted: 2 })
    expect(rows.map(({ columns }) => columns).sort((a, b) => Number(a['te%nant']) - Number(b['te%nant']))).toEqual([
      { 'te%nant': '1', 'i"d': uuid },
      { 'te%nant': '2', 'i"d': null },
    ])
    expect(rows.find((row) => row.key === key)?.namespace).toBe("a'$1")
    expect((await pool.query(`SELECT "te%nant" AS t FROM ${at} ORDER BY 1`)).rows).toEqual([{ t: 3 }, { t: 4 }])
    await pool.query(`UPDATE ${at} SET "ex'pires" = now() WHERE "te%nant" = 4`)
    await pool.query(table.sweepSql())
    expect((await pool.query(`SELECT "te%nant" AS t FROM ${at} ORDER BY 1`)).rows).toEqual([{ t: 3 }])
  })

  test('what is refreshed meanwhile survives, what somebody holds is left for later, two sweepers share the rest', async () => {
    const { name, table } = await adopted()
    await pool.query(`INSERT INTO ${name} SELECT n, now() - interval '1 second' FROM generate_series(1, 3000) n`)
    const holder = await pool.connect()
    try {
      await holder.query('BEGIN')
      await holder.query(`UPDATE ${name} SET expires_at = now() + interval '1 hour' WHERE id = '7'`)
      await holder.query(`SELECT FROM ${name} WHERE id = '8' FOR UPDATE`)
      const other = expiringTable(pool, { ...whole, table: name })
      const reports = await Promise.all([table.sweep(), other.sweep()])
      expect(reports.reduce((sum, { deleted }) => sum + deleted, 0)).toBe(2_998)
      await holder.query('COMMIT')
    } finally {
      holder.release()
    }
    expect((await table.sweep()).deleted).toBe(1)
    expect(await ids(name)).toEqual(['7'])
  })

  test('ON DELETE: what cascades goes along; what restricts makes the sweep fail, with the constraint named and nothing deleted', async () => {
    const { name, table } = await adopted()
    await pool.query(`
      CREATE TABLE ${name}_child (owner text REFERENCES ${name} ON DELETE CASCADE);
      INSERT INTO ${name} VALUES ('a', now()), ('b', now() + interval '1h');
      INSERT INTO ${name}_child VALUES ('a'), ('b')`)
    await sleep(2)
    expect((await table.sweep()).deleted).toBe(1)
    expect((await pool.query(`SELECT owner FROM ${name}_child`)).rows).toEqual([{ owner: 'b' }])
    await pool.query(`
      CREATE TABLE ${name}_strict (owner text CONSTRAINT held REFERENCES ${name} ON DELETE RESTRICT);
      INSERT INTO ${name} VALUES ('c', now()), ('d', now());
      INSERT INTO ${name}_strict VALUES ('d')`)
    await sleep(2)
    await expect(table.sweep()).rejects.toMatchObject({
      code: 'TTL_BACKEND',
      retryable: false,
      cause: { constraint: 'held' },
    })
    expect(await ids(name)).toEqual(['b', 'c', 'd'])
    const spared = { sql: `NOT EXISTS (SELECT FROM ${name}_strict s WHERE s.owner = id)` }
    const careful = expiringTable(pool, { ...whole, table: name, where: spared })
    expect((await careful.sweep()).deleted).toBe(1)
    expect(await ids(name)).toEqual(['b', 'd'])
  })

  test('onDelete is told of each batch, and what it throws is the cause of a failure', async () => {
    const told: (readonly DeletedRow[])[] = []
    const { name, table } = await adopted(undefined, { onDelete: async (rows) => void told.push(rows) })
    await pool.query(`INSERT INTO ${name} VALUES ('a', '2026-01-01Z'), ('b', '2026-01-01Z')`)
    expect((await table.sweep()).deleted).toBe(2)
    expect((await table.sweep()).deleted).toBe(0)
    expect(told.map((rows) => rows.map(({ key, columns }) => [key, columns]))).toEqual([
      [
        ['a', { id: 'a' }],
        ['b', { id: 'b' }],
      ],
    ])
    expect(`${told[0]?.[0]?.expiresAt}`).toBe('2026-01-01T00:00:00.000Z')
    await pool.query(`INSERT INTO ${name} VALUES ('c', '2026-01-01Z')`)
    const cause = new Error('cannot')
    const failing = expiringTable(pool, {
      table: name,
      key: 'id',
      expiresAt: 'expires_at',
      onDelete: () => {
        throw cause
      },
    })
    await expect(failing.sweep()).rejects.toMatchObject({ code: 'TTL_BACKEND', operation: 'sweep', cause })
    expect(await ids(name)).toEqual([])
  })

  test('a table that is not as it was said to be is refused', async () => {
    const name = freshTable()
    await pool.query(`
      CREATE TABLE ${name} (id text, at timestamptz, naive timestamp, n numeric, ms bigint);
      CREATE VIEW ${name}_view AS SELECT * FROM ${name}`)
    const refusal = async (options: Partial<ExpiringTableOptions>) => {
      const table = expiringTable(pool, { table: name, key: 'id', expiresAt: 'at', ...options })
      const errors = await Promise.all(
        [table.check(), table.sweep(), table.stats()].map((call) => call.then(String, (e) => e)),
      )
      for (const error of errors) expect(error.code, String(error)).toBe(errors[0].code)
      return `${errors[0].code} ${errors[0].message}`
    }
    expect(await refusal({ table: 'not there' })).toContain('TTL_INVALID expiringTable() finds no table not there')
    expect(await refusal({ table: `${name}_view` })).toContain('is a view')
    expect(await refusal({ key: ['id', 'ID'] })).toContain('finds no column "ID"')
    expect(await refusal({ namespace: 'space' })).toContain('finds no column "space"')
    expect(await refusal({ expiresAt: 'naive' })).toContain('AT TIME ZONE')
    expect(await refusal({ expiresAt: 'ms' })).toContain("'epoch-ms' or 'epoch-s'")
    expect(await refusal({ type: 'epoch-ms' })).toContain('which needs bigint, but it is timestamp with time zone')
    expect(await refusal({ expiresAt: 'n', type: 'epoch-ms' })).toContain('it is numeric')

    const ddl = `CREATE INDEX CONCURRENTLY IF NOT EXISTS "${name}_at_ttl" ON "${name}" ("at") WHERE "at" IS NOT NULL`
    expect(await refusal({})).toContain(`TTL_UNSUPPORTED ${name} has no index`)
    expect(await refusal({})).toContain(`create one: ${ddl}. It has no index`)
    for (const wrong of [
      `(id, at)`,
      `USING brin (at)`,
      `(at) WHERE id = 'x'`,
      `(at) WHERE at > '2026-01-01Z'`,
      `(coalesce(at, 'infinity'))`,
      `USING hash (at)`,
    ]) {
      await pool.query(`CREATE INDEX wrong_${name} ON ${name} ${wrong}`)
      expect(await refusal({}), wrong).toContain(`It has CREATE INDEX wrong_${name}`)
      await pool.query(`DROP INDEX wrong_${name}`)
    }
    const right = expiringTable(pool, { ...whole, table: name, expiresAt: 'at' })
    await pool.query(right.indexSql())
    await pool.query(right.indexSql())
    await right.check()
    await pool.query(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = '${name}_at_ttl'::regclass`)
    expect(await refusal({})).toContain('(invalid: drop it)')
    await pool.query(`DROP INDEX ${name}_at_ttl`)
    for (const good of [`(at)`, `(at DESC, id)`, `(at) WHERE at IS NOT NULL`]) {
      await pool.query(`CREATE INDEX good_${name} ON ${name} ${good}`)
      await right.check()
      await pool.query(`DROP INDEX good_${name}`)
    }
    await pool.query(`CREATE INDEX ON ${name} (at) WHERE id LIKE 'x%'`)
    await expiringTable(pool, { ...whole, table: name, expiresAt: 'at', where: { sql: `id LIKE 'x%'` } }).check()
  })

  test('own SQL that closes parentheses it did not open is refused, and deletes nothing', async () => {
    const { name } = await adopted('id text PRIMARY KEY, a int, expires_at timestamptz')
    await pool.query(`INSERT INTO ${name} VALUES ('live', 1, now() + interval '1h'), ('never', 1, NULL)`)
    for (const own of [
      { where: { sql: 'a = 0) OR (a = 1' } },
      { namespace: { sql: `id)::text, '') IS NULL OR coalesce((id` } },
      { where: { sql: 'a = 0; SELECT 1' } },
      { where: { sql: 'a = 0 /*' } },
      { where: { sql: 'nothing = 0' } },
    ]) {
      const table = expiringTable(pool, { ...whole, table: name, ...own })
      for (const call of [table.check(), table.sweep(), table.preview()]) {
        await expect(call).rejects.toMatchObject({
          code: 'TTL_INVALID',
          message: expect.stringMatching(/^(where|namespace) of expiringTable\(\) is no expression on /),
        })
      }
      await expect(pool.query(table.sweepSql())).rejects.toThrow()
    }
    expect(await ids(name)).toEqual(['live', 'never'])
  })

  test('a comment ends with the own SQL that it is in', async () => {
    const { name, table } = await adopted('id text PRIMARY KEY, a int, expires_at timestamptz', {
      where: { sql: 'a = 0 -- ours' },
      namespace: { sql: 'id -- ours' },
    })
    const fill = () =>
      pool.query(`TRUNCATE ${name}; INSERT INTO ${name} VALUES ('dead', 0, '2026-01-01Z'), ('live', 0, NULL)`)
    await fill()
    expect(await table.sweep()).toMatchObject({ byNamespace: new Map([['dead', 1]]) })
    await fill()
    await pool.query(table.sweepSql())
    expect(await ids(name)).toEqual(['live'])
  })

  test('a partitioned table is looked after as a whole', async () => {
    const name = freshTable()
    await pool.query(`
      CREATE TABLE ${name} (id text, expires_at timestamptz) PARTITION BY HASH (id);
      CREATE TABLE ${name}_0 PARTITION OF ${name} FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE ${name}_1 PARTITION OF ${name} FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      INSERT INTO ${name} SELECT n, CASE WHEN n % 2 = 0 THEN now() ELSE now() + interval '1h' END FROM generate_series(1, 2000) n`)
    const table = expiringTable(pool, { ...whole, table: name })
    await expect(table.sweep()).rejects.toMatchObject({ code: 'TTL_UNSUPPORTED' })
    await pool.query(table.indexSql().replace('CONCURRENTLY ', ''))
    await sleep(2)
    const { samples } = await table.preview({ limit: 5_000 })
    expect(new Set(samples.map(({ key }) => key)).size).toBe(1_000)
    // In the other partition, rows that have expired as well lie where these do.
    const some = { sql: `length(id) < 4 OR id = '1001'` }
    expect((await expiringTable(pool, { ...whole, table: name, where: some }).sweep()).deleted).toBe(499)
    expect((await table.sweep()).deleted).toBe(501)
    expect((await table.stats())[0]?.entries).toMatchObject({ active: 1_000, expired: 0 })
  })

  test('in a partitioned table a batch deletes the rows that it holds, and none that lie where these do elsewhere', async () => {
    const name = freshTable()
    await pool.query(`
      CREATE TABLE ${name} (id int, expires_at timestamptz) PARTITION BY LIST (id);
      CREATE TABLE ${name}_1 PARTITION OF ${name} FOR VALUES IN (1);
      CREATE TABLE ${name}_2 PARTITION OF ${name} FOR VALUES IN (2);
      CREATE TABLE ${name}_3 PARTITION OF ${name} FOR VALUES IN (3);
      CREATE INDEX ON ${name} (expires_at);
      INSERT INTO ${name} VALUES (1, '2026-01-01Z'), (2, '2026-01-02Z'), (3, '2026-01-03Z')`)
    const table = expiringTable(pool, { ...whole, table: name })
    const holder = await pool.connect()
    try {
      await holder.query(`BEGIN; SELECT FROM ${name} WHERE id = 1 FOR UPDATE`)
      expect((await table.sweep({ limit: 1 })).deleted).toBe(1)
    } finally {
      await holder.query('ROLLBACK')
      holder.release()
    }
    expect(await ids(name)).toEqual([1, 3])
    await pool.query(table.sweepSql())
    expect(await ids(name)).toEqual([])
  })

  test('a sweep goes on behind rows that a trigger keeps, and fails where it cannot', async () => {
    const { name, table } = await adopted('id int PRIMARY KEY, expires_at timestamptz')
    await pool.query(`
      CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN OLD.id > 5 THEN NULL ELSE OLD END; END $$;
      CREATE TRIGGER keep BEFORE DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION ${name}()`)
    finallyDo(() => pool.query(`DROP FUNCTION ${name} CASCADE`))
    const fill = (deadline: string) =>
      pool.query(`TRUNCATE ${name}; INSERT INTO ${name} SELECT n, ${deadline} FROM generate_series(1, 2500) n`)
    const apart = `'2026-01-02Z'::timestamptz - n * interval '1 second'`
    await fill(apart)
    expect(await table.sweep()).toMatchObject({ deleted: 5, more: false })
    await fill(apart)
    await pool.query(table.sweepSql())
    expect(await ids(name, 'id < 7')).toEqual([6])
    await fill(`'2026-01-01Z'`)
    await expect(table.sweep()).rejects.toMatchObject({
      code: 'TTL_BACKEND',
      message: expect.stringContaining('a trigger'),
    })
    await expect(pool.query(table.sweepSql())).rejects.toThrow('cannot be deleted')
  })

  test('what onDelete is told is durable; what nobody is told need not be', async () => {
    const { name, table } = await adopted()
    await pool.query(`
      CREATE TABLE ${name}_log (how text);
      CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO ${name}_log VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE TRIGGER log AFTER DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION ${name}()`)
    finallyDo(() => pool.query(`DROP FUNCTION ${name} CASCADE`))
    const there = poolOf(urlOf(version), { options: '-c synchronous_commit=local' })
    for (const each of [table, expiringTable(there, { ...whole, table: name, onDelete: () => {} })]) {
      await pool.query(`INSERT INTO ${name} VALUES ('a', '2026-01-01Z')`)
      expect((await each.sweep()).deleted).toBe(1)
    }
    expect((await pool.query(`SELECT how FROM ${name}_log`)).rows).toEqual([{ how: 'off' }, { how: 'local' }])
  })

  test("in a transaction of the caller's, a sweep changes no setting, and does nothing where onDelete would be told", async () => {
    const { name } = await adopted()
    await pool.query(`INSERT INTO ${name} VALUES ('a', '2026-01-01Z')`)
    const client = await pool.connect()
    try {
      const told: unknown[] = []
      const telling = expiringTable(client, { ...whole, table: name, onDelete: (rows) => told.push(rows) })
      await client.query(`BEGIN; SET LOCAL lock_timeout = '7s'`)
      await expect(telling.sweep()).rejects.toMatchObject({ code: 'TTL_UNSUPPORTED' })
      expect((await client.query(`SELECT id FROM ${name}`)).rows).toEqual([{ id: 'a' }])
      expect((await expiringTable(client, { ...whole, table: name }).sweep()).deleted).toBe(1)
      await postgres(client, { table: `${name}_own` }).sweep({ limit: 10 })
      const { rows } = await client.query(
        `SELECT current_setting('lock_timeout') AS patience, current_setting('synchronous_commit') AS commit, current_setting('enable_seqscan') AS scan`,
      )
      expect(rows).toEqual([{ patience: '7s', commit: 'on', scan: 'on' }])
      await client.query('ROLLBACK')
      expect(told).toEqual([])
      expect((await telling.sweep()).deleted).toBe(1)
      expect(told).toHaveLength(1)
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
  })

  test.each([
    ['epoch-ms', 'bigint', '9223372036854775807', '-9223372036854775808'],
    ['epoch-s', 'bigint', '9223372036854775807', '-9223372036854775808'],
    ['epoch-s', 'integer', '2147483647', '-2147483648'],
    ['timestamptz', 'timestamptz', `'294276-12-31 23:59:59.999Z'`, `'-infinity'`],
  ] as const)('the furthest deadlines as %s in %s', async (type, column, last, first) => {
    const { name, table } = await adopted(`id text PRIMARY KEY, expires_at ${column}`, { type })
    await pool.query(`INSERT INTO ${name} VALUES ('last', ${last}), ('first', ${first}), ('never', NULL)`)
    const [stats] = await table.stats()
    expect(stats?.entries).toMatchObject({ permanent: 1, active: 1, expired: 1 })
    expect(stats?.entries.lastExpiresAt?.toDate().getTime()).toBeGreaterThan(Date.now())
    const { samples } = await table.preview()
    expect(samples.map(({ key, expiresAt }) => [key, Number.isNaN(expiresAt.toDate().getTime())])).toEqual([
      ['first', false],
    ])
    expect((await table.sweep()).deleted).toBe(1)
    expect(await ids(name)).toEqual(['last', 'never'])
  })

  test('a sweep looks once more at what came up behind one that was cut short', async () => {
    const clock = manualClock('2026-01-09T00:00:00Z')
    const { name, table } = await adopted(undefined, { clock })
    await pool.query(
      `INSERT INTO ${name} SELECT n, '2026-01-01Z'::timestamptz + n * interval '1 day' FROM generate_series(3, 5) n`,
    )
    expect(await table.sweep({ limit: 1 })).toMatchObject({ deleted: 1, more: true })
    await pool.query(`INSERT INTO ${name} VALUES ('late', '2026-01-01Z')`)
    expect(await table.sweep()).toMatchObject({ deleted: 3, more: false })
  })

  test('a key is the same text whatever the session is set to', async () => {
    const columns = ['b', 'at', 'day', 'naive', 'n']
    const { name } = await adopted(
      'b bytea, at timestamptz, day date, naive timestamp, n numeric, expires_at timestamptz',
    )
    await pool.query(
      `INSERT INTO ${name} VALUES ('\\x00ff61', '2026-02-01 03:04:05.25Z', '2026-02-01', '2026-02-01 03:04:05', 1.50, '2026-01-01Z')`,
    )
    for (const options of [
      '-c TimeZone=UTC',
      '-c TimeZone=Asia/Tokyo -c DateStyle=SQL,DMY -c bytea_output=escape',
      '-c TimeZone=America/New_York -c DateStyle=German',
    ]) {
      const table = expiringTable(poolOf(urlOf(version), { options }), { ...whole, table: name, key: columns })
      const [sample] = (await table.preview()).samples
      expect(JSON.parse(sample?.key as string)).toEqual([
        '\\x00ff61',
        '2026-02-01T03:04:05.25Z',
        '2026-02-01',
        '2026-02-01T03:04:05',
        '1.50',
      ])
    }
  })

  test('a key that is NULL is told as NULL', async () => {
    const told: DeletedRow[] = []
    const { name, table } = await adopted('id text, expires_at timestamptz', { onDelete: (rows) => told.push(...rows) })
    await pool.query(`INSERT INTO ${name} VALUES (NULL, '2026-01-01Z'), ('', '2026-01-02Z')`)
    expect((await table.sweep()).deleted).toBe(2)
    expect(told.map(({ columns }) => columns.id)).toEqual([null, ''])
  })

  test('a crontab takes no own SQL that one line would change', async () => {
    for (const sql of ["id = 'a\nb'", 'true -- ours', 'true\nAND true']) {
      const table = expiringTable(pool, { ...whole, where: { sql } })
      expect(() => table.crontab()).toThrow(expect.objectContaining({ code: 'TTL_INVALID' }))
    }
  })

  test('a role that may read and delete, and update one column, is enough', async () => {
    const { name } = await adopted()
    const role = `r${name}`
    await pool.query(`
      INSERT INTO ${name} VALUES ('a', '2026-01-01Z'), ('b', NULL);
      CREATE ROLE ${role} LOGIN; GRANT SELECT, DELETE, UPDATE (expires_at) ON ${name} TO ${role}`)
    finallyDo(() => pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`))
    const least = poolOf(urlOf(version).replace('postgres@', `${role}@`))
    const table = expiringTable(least, { ...whole, table: name })
    expect((await table.preview()).found).toBe(1)
    expect((await table.sweep()).deleted).toBe(1)
    expect((await table.stats())[0]?.entries.permanent).toBe(1)
  })

  test('cron text is SQL that cleans up: for pg_cron, and as a line of a crontab', async () => {
    const { name, table } = await adopted('id text PRIMARY KEY, expires_at timestamptz, kind text', {
      where: { sql: `kind LIKE 'it''s 5%'` },
    })
    const fill = () =>
      pool.query(`TRUNCATE ${name}; INSERT INTO ${name} SELECT n, now() - interval '1s', CASE WHEN n <= 2500 THEN 'it''s 5' ELSE 'other' END
        FROM generate_series(1, 2600) n; INSERT INTO ${name} VALUES ('live', now() + interval '1h', 'it''s 5'), ('never', NULL, 'it''s 5')`)
    const left = async () => (await pool.query(`SELECT count(*)::int FROM ${name}`)).rows[0].count as number
    await fill()
    await pool.query(table.sweepSql())
    expect(await left()).toBe(102)
    await pool.query(table.sweepSql())
    expect(await left()).toBe(102)

    // What pg_cron would be given.
    const client = await pool.connect()
    try {
      await client.query(
        `BEGIN; CREATE SCHEMA cron; CREATE FUNCTION cron.schedule(text, text, text) RETURNS text LANGUAGE sql AS $$ SELECT $1 || '|' || $2 || '|' || $3 $$`,
      )
      const { rows } = await client.query(table.cronSql({ schedule: '*/5 * * * *' }))
      expect(rows).toEqual([{ schedule: `ttl ${name}|*/5 * * * *|${table.sweepSql()}` }])
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }

    // What cron would give to psql: it takes away the backslash before a percent sign.
    const line = table.crontab()
    expect(line).toMatch(/^0 3 \* \* \* psql "\$DATABASE_URL" .*-c '/)
    expect(line).not.toMatch(/[^\\]%|\n/)
    const command = line.replace('0 3 * * * ', '').replaceAll('\\%', '%')
    const sql = execFileSync('sh', ['-c', `psql() { for last; do :; done; printf %s "$last"; }; ${command}`], {
      encoding: 'utf8',
    })
    await fill()
    await pool.query(sql)
    expect(await left()).toBe(102)
  })

  test('a sweep goes by the index at 50 000 rows, with parameters known or not', async () => {
    const { name, table } = await adopted()
    await pool.query(
      `INSERT INTO ${name} SELECT n, now() + (n % 2 - 0.5) * interval '1h' FROM generate_series(1, 50000) n; ANALYZE ${name}`,
    )
    const texts: string[] = []
    const watched: PostgresClient = {
      query(query) {
        texts.push(query.text)
        return pool.query(query)
      },
    }
    const seen = expiringTable(watched, { ...whole, table: name })
    await seen.sweep({ limit: 100 })
    const script = texts.find((text) => text.includes('DELETE')) as string
    // Its first line has settings, its last one asks for the time.
    const sweep = script.split('\n').slice(1, -1).join('\n')
    const { rows } = await pool.query({ text: `EXPLAIN ${sweep}`, rowMode: 'array' })
    const plan = rows.flat().join('\n')
    expect(plan).toContain(`Index Scan using ${table.indexSql().match(/"(\w+_ttl)"/)?.[1]}`)
    expect(plan).toContain('Tid Scan')
    expect(plan).not.toContain(`Seq Scan on ${name}`)
  })
})

describe('what expiringTable() is given', () => {
  test.each([
    [{ ...whole, tables: 'x' }, /no option "tables"; it has .*schema, type, clock, prepare/],
    [{ ...whole, table: 'x'.repeat(64) }, /table of expiringTable\(\) must be a name of 1 to 63 bytes/],
    [{ ...whole, schema: '' }, /schema of expiringTable/],
    [{ ...whole, key: ['id', '\ud800'] }, /a column of expiringTable/],
    [{ ...whole, namespace: 'x'.repeat(64) }, /namespace of expiringTable/],
    [{ ...whole, type: 'timestamp' }, /one of 'timestamptz', 'epoch-ms', 'epoch-s', got "timestamp"/],
    [{ ...whole, clock: {} }, /now\(\) method/],
    [{ ...whole, prepare: 1 }, /prepare of expiringTable/],
    [undefined, /options object/],
  ])('%j is refused', (options, message) => {
    const refused = () => expiringTable('postgres://127.0.0.1', options as never)
    expect(refused).toThrow(message)
    expect(refused).toThrow(expect.objectContaining({ code: 'TTL_INVALID' }))
  })

  test('a connection string opens a pool that close ends; a pool of the caller stays open', async () => {
    const name = freshTable()
    const pool = poolOf()
    await pool.query(`CREATE TABLE ${name} (id text, expires_at timestamptz); CREATE INDEX ON ${name} (expires_at)`)
    const own = expiringTable(urlOf(18), { ...whole, table: name })
    await using given = expiringTable(pool, { ...whole, table: name })
    expect((await own.sweep()).deleted).toBe(0)
    expect(await given.stats()).toEqual([])
    await own.close()
    await expect(own.sweep()).rejects.toMatchObject({ code: 'TTL_CLOSED' })
    await given.close()
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })
})
