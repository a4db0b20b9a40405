import { expect, test } from 'vitest'
import { freshPlace, PEEK, poolOf, quoted, rolling, SLIDE, sleep, sweepAll, urlOf, write } from './support.ts'

// As docs/postgres.md advises for very large sets.
test.each([18, 15] as const)(
  'a table that is partitioned by hash works as one that is not (PostgreSQL %i)',
  async (version) => {
    const pool = poolOf(urlOf(version))
    const { backend, table } = freshPlace({}, pool)
    const [made, ...rest] = backend.schemaSql().split(/\) WITH \(fillfactor[^;]*;/)
    const parts = Array.from(
      { length: 4 },
      (_, index) => `CREATE TABLE ${quoted(`${table}_p${index}`)} PARTITION OF ${quoted(table)}
      FOR VALUES WITH (MODULUS 4, REMAINDER ${index}) WITH (fillfactor = 90);`,
    )
    await pool.query(`${made}) PARTITION BY HASH (ns, key);${parts.join('')}${rest.join(');')}`)
    const keys = Array.from({ length: 2_000 }, (_, index) => `k${index}`)
    await backend.write(
      'ns',
      keys.map((key, index) => write(key, 'v', rolling(index % 2 ? 1 : 60_000, { restartOn: 'access' }))),
    )
    await backend.writeGroup('ns', 'g', [['m', 'v']], rolling(1))
    await backend.touch('entry', 'ns', keys)
    await sleep(5)
    const live = keys.filter((_, index) => index % 2 === 0)
    expect((await backend.read('ns', keys, SLIDE)).filter((found) => found !== undefined)).toHaveLength(live.length)
    expect(await sweepAll(backend, await backend.now())).toBe(1_001)
    expect((await backend.read('ns', live, PEEK)).every((found) => found !== undefined)).toBe(true)
    expect((await pool.query(`SELECT count(*)::int FROM ${quoted(`${table}_members`)}`)).rows).toEqual([{ count: 0 }])
  },
)
