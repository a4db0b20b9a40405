import { describe, expect, test } from 'vitest'
import { Statement } from '../src/client.ts'
import { namesFor } from '../src/schema.ts'
import { deleteSql, expireSql, takeSql, touchSql } from '../src/statements/changes.ts'
import { readGroupsSql } from '../src/statements/groups.ts'
import { inspectSql, readSql, scanSql, slideSql, slidingSql } from '../src/statements/reads.ts'
import { SERVER_CLOCK } from '../src/statements/rules.ts'
import { sweepSql } from '../src/statements/sweep.ts'
import { dueSql, namespacesSql, nextDueSql, statsSql } from '../src/statements/upkeep.ts'
import { putManySql, writeSql } from '../src/statements/writes.ts'
import { BEGINNING } from '../src/upkeep.ts'
import { freshPlace, poolOf, quoted, urlOf } from './support.ts'

const ROWS = 1_000_000

describe.each([18, 15] as const)('at 1 000 000 rows, half of them expired, PostgreSQL %i', (version) => {
  const pool = poolOf(urlOf(version), { max: 1 })

  test('reads go by the key, sweeps by the deadline, and a thousand refreshes touch no index', {
    timeout: 240_000,
  }, async () => {
    const { backend, table } = freshPlace({}, pool)
    await backend.migrate()
    const items = quoted(table)
    await pool.query(`
      INSERT INTO ${items} (ns, space, key, expires_at, sweep_at, ttl_ms, restart_on, refresh_after, body)
      SELECT 'ns', 0, 'key-' || n, at, at, 3600000, 2, 0, 'value-' || n
      FROM (SELECT n, (${SERVER_CLOCK} + CASE WHEN n % 2 = 0 THEN -1 ELSE 1 END * (60000 + n)) AS at FROM generate_series(1, ${ROWS}) n) s`)
    await pool.query(`VACUUM ANALYZE ${items}`)
    await pool.query(`
      INSERT INTO ${quoted(`${table}_members`)} (owner, member, body) SELECT n / 10, 'member-' || n % 10, 'v' FROM generate_series(1, 100000) n`)
    await pool.query(`VACUUM ANALYZE ${quoted(`${table}_members`)}`)
    const names = namesFor(table, undefined)
    const clock = SERVER_CLOCK
    const args = {
      ns: 'ns',
      space: 0,
      key: 'key-5',
      keys: '{"key-5","key-77","none"}',
      owners: '{"key-5"}',
      members: '{"member-5"}',
      after: 'key-5',
      limit: 500,
      from: BEGINNING,
      mode: 2,
      gate: 0,
      onLive: 0,
      cond: 1,
      body: 'x',
      isText: '{t}',
      at: '{1}',
      size: '{1}',
      ttlMs: 1000,
      asOf: Date.now(),
      look: 500,
      fromNs: '',
      fromSpace: 0,
      fromKey: '',
    }
    const arrays = { onLive: '{0}', mode: '{2}', gate: '{0}', cond: '{0}', ttlMs: '{1000}' }
    /** The plan as a prepared statement has it from its sixth run on, with no parameter known. */
    const planOf = async (sql: string, values: Record<string, unknown> = args): Promise<string> => {
      const statement = new Statement(sql)
      const given = statement
        .values(values)
        .map((value) => (value === null ? 'NULL' : typeof value === 'number' ? `${value}` : `'${value}'`))
      await pool.query('SET plan_cache_mode = force_generic_plan')
      await pool.query(`PREPARE probe AS ${statement.text}`)
      const call = given.length === 0 ? 'probe' : `probe(${given.join()})`
      const { rows } = await pool.query({ text: `EXPLAIN EXECUTE ${call}`, rowMode: 'array' })
      await pool.query('DEALLOCATE probe; RESET plan_cache_mode')
      return rows.flat().join('\n')
    }
    const byKey = {
      get: readSql(names, clock, { many: false, detail: false }),
      'sliding get': slidingSql(names, clock, { many: false, detail: false }),
      getMany: readSql(names, clock, { many: true, detail: false }),
      'sliding getMany': slidingSql(names, clock, { many: true, detail: false }),
      slide: slideSql(names, clock),
      has: inspectSql(names, clock, false),
      touch: touchSql(names, clock, { many: true, shared: true }),
      expire: expireSql(names, clock, { many: false, shared: false }),
      delete: deleteSql(names, clock, { many: true, shared: false }),
      take: takeSql(names, clock),
      keys: scanSql(names, clock),
      namespaces: namespacesSql(names),
      groups: readGroupsSql(names, clock, true),
      set: writeSql(names, clock, { many: false, compare: true, skip: false }),
      'plain setMany': putManySql(names, clock, true),
      setMany: writeSql(names, clock, { many: true, compare: false, skip: true }),
    }
    for (const [name, sql] of Object.entries(byKey)) {
      const plan = await planOf(sql, name.endsWith('setMany') ? { ...args, ...arrays } : args)
      expect(plan, `${name}\n${plan}`).toContain(`using ${table}_pkey`)
      expect(plan, `${name}\n${plan}`).not.toContain('Seq Scan')
    }
    for (const [name, sql] of Object.entries({ due: dueSql(names, false), 'next due': nextDueSql(names) })) {
      const plan = await planOf(sql)
      expect(plan, `${name}\n${plan}`).toContain(`using ${table}_sweep`)
      expect(plan, `${name}\n${plan}`).not.toContain('Seq Scan')
    }
    const sweep = sweepSql(names, clock, false, false)
    for (const plan of [
      await planOf(sweep),
      (await pool.query({ text: `EXPLAIN ${new Statement(sweep).inline(args)}`, rowMode: 'array' })).rows
        .flat()
        .join('\n'),
    ]) {
      expect(plan).toContain(`using ${table}_sweep`)
      expect(plan).toContain('Tid Scan')
      expect(plan).not.toContain('Seq Scan')
    }

    const counted = async () => {
      await pool.query('SELECT pg_stat_force_next_flush()').catch(() => undefined)
      const { rows } = await pool.query(
        `SELECT n_tup_upd::int AS all, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = $1`,
        [table],
      )
      return rows[0] as { all: number; hot: number }
    }
    const before = await counted()
    const live = Array.from({ length: 500 }, (_, index) => `key-${index * 200 + 1}`)
    for (let round = 0; round < 4; round++)
      await backend.read('ns', live, { touch: true, detail: false, sliding: true })
    // Statistics of the session are sent when it ends, at the latest.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const after = await counted()
    const [all, hot] = [after.all - before.all, after.hot - before.hot]
    console.log(`PostgreSQL ${version}: ${all} refreshes, ${hot} of them HOT (${((100 * hot) / all).toFixed(1)} %)`)
    expect(all).toBe(2_000)
    expect(hot / all).toBeGreaterThan(0.95)
    await pool.query(`DROP TABLE ${items} CASCADE`)
  })
})

test.each([18, 15] as const)('what tells what expires when reads no value (PostgreSQL %i)', async (version) => {
  const pool = poolOf(urlOf(version), { max: 1 })
  const { backend, table } = freshPlace({}, pool)
  await backend.migrate()
  const [items, names] = [quoted(table), namesFor(table, undefined)]
  await pool.query(`
    INSERT INTO ${items} (ns, space, key, expires_at, sweep_at, restart_on, refresh_after, body)
    SELECT 'ns' || n % 2, 0, 'key-' || n, at, at, 2, 0, repeat('value ', 2000)
    FROM (SELECT n, ${SERVER_CLOCK} + (n % 3 - 1) * 60000 AS at FROM generate_series(1, 2000) n) s`)
  await pool.query(`VACUUM ANALYZE ${items}`)
  const args = { ns: 'ns1', edges: '{1,2}', asOf: Date.now() + 30_000, look: 1_000, limit: 1_000 }
  const place = { from: BEGINNING, fromNs: '', fromSpace: 0, fromKey: '' }
  /** Blocks that are read: one or two for each row, and several more for each value. */
  const blocksOf = async (sql: string): Promise<number> => {
    const text = new Statement(sql).inline({ ...args, ...place })
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`)
    const plan = rows[0]['QUERY PLAN'][0].Plan as Record<string, number>
    return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
  }
  const blind = {
    stats: statsSql(names, SERVER_CLOCK, false),
    'stats of one': statsSql(names, SERVER_CLOCK, true),
    due: dueSql(names, false),
    'due in one': dueSql(names, true),
    'next due': nextDueSql(names),
    namespaces: namespacesSql(names),
  }
  for (const [name, sql] of Object.entries(blind)) expect(await blocksOf(sql), name).toBeLessThan(3_000)
  expect(await blocksOf(`SELECT sum(length(t.body)) FROM ${items} t`)).toBeGreaterThan(6_000)
})

test.each([18, 15] as const)('a batch reads no more of what is due than it takes (PostgreSQL %i)', async (version) => {
  const pool = poolOf(urlOf(version), { max: 1 })
  const { backend, table } = freshPlace({}, pool)
  await backend.migrate()
  const items = quoted(table)
  await pool.query(`ALTER TABLE ${items} SET (autovacuum_enabled = false)`)
  await pool.query(`
    INSERT INTO ${items} (ns, space, key, expires_at, sweep_at, restart_on, refresh_after, body)
    SELECT CASE WHEN n % 20 = 0 THEN 'live' ELSE 'dead' END, 0, 'key-' || n, at, at, 0, 0, repeat('v', 100)
    FROM (SELECT n, ${SERVER_CLOCK} + CASE WHEN n % 20 = 0 THEN 1 ELSE -1 END * 3600000 AS at FROM generate_series(1, 100000) n) s`)
  let count = 0
  for (const namespace of [undefined, 'dead']) {
    const { deleted } = await backend.sweep({ limit: 1_000, namespace })
    expect([...deleted.keys()]).toEqual(['dead'])
    count += deleted.get('dead') ?? 0
  }
  expect(count).toBeGreaterThanOrEqual(1_000)
  await pool.query('SELECT pg_stat_force_next_flush()')
  const { rows } = await pool.query(
    `SELECT sum(idx_tup_read)::int AS read FROM pg_stat_user_indexes WHERE relname = $1`,
    [table],
  )
  expect(rows[0].read).toBeLessThan(3 * count)
  const { rows: settings } = await pool.query(
    `SELECT current_setting('enable_bitmapscan') AS one, current_setting('enable_sort') AS two`,
  )
  expect(settings).toEqual([{ one: 'on', two: 'on' }])
})
