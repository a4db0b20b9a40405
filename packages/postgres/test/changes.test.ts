/** Deletions, touches and new deadlines of several callers in one turn of the event loop. */
import type { Space, Span } from '@ttl/core/adapter'
import { describe, expect, test } from 'vitest'
import { postgres } from '../src/index.ts'
import { freshTable, poolOf, quoted, rolling, sleep, urlOf, watching, write } from './support.ts'

const span = (ttlMs: number | undefined, more: Partial<Span> = {}): Span => ({
  ttlMs,
  maxAgeMs: undefined,
  expiresAt: undefined,
  ...more,
})

describe.each([18, 15] as const)('PostgreSQL %i', (version) => {
  const pool = poolOf(urlOf(version))

  async function open() {
    const table = freshTable()
    const { client, seen } = watching(pool)
    const backend = postgres(client, { table })
    await backend.migrate()
    const fill = async (space: Space, keys: readonly string[], ttlMs = 60_000) => {
      if (space === 'entry')
        await backend.write(
          'ns',
          keys.map((key) => write(key, 'v', rolling(ttlMs))),
        )
      else for (const key of keys) await backend.writeGroup('ns', key, [['m', 'v']], rolling(ttlMs))
    }
    const verbs = {
      delete: (space: Space, key: string) => backend.delete(space, 'ns', [key]),
      touch: (space: Space, key: string) => backend.touch(space, 'ns', [key]),
      expire: (space: Space, key: string) => backend.expire(space, 'ns', [key], span(30_000)),
    }
    /** Asks in one turn; says what came and how many queries it took. */
    const turn = async (asked: readonly (() => unknown)[]) => {
      seen.length = 0
      const answers = await Promise.all(asked.map((ask) => ask()))
      return { answers, queries: seen.length }
    }
    return { backend, table, seen, fill, verbs, turn }
  }
  const cases = (['entry', 'group'] as const).flatMap((space) =>
    (['delete', 'touch', 'expire'] as const).map((verb) => [verb, space] as const),
  )

  test.each(cases)('%s of a turn is one query, and answers each for itself: %s', async (verb, space) => {
    const { fill, verbs, turn, seen } = await open()
    await fill(space, ['a', 'b', 'c'])
    await fill(space, ['dead'], 1)
    await sleep(5)
    const { answers, queries } = await turn(['a', 'none', 'dead', 'c'].map((key) => () => verbs[verb](space, key)))
    expect(answers).toEqual([[true], [false], [false], [true]])
    expect(queries).toBe(1)
    await turn([() => verbs[verb](space, 'b')])
    expect(seen[0]?.text).not.toContain('SKIP LOCKED')
  })

  test.each(cases)('%s waits only for its own row: %s', async (verb, space) => {
    const { fill, verbs, table } = await open()
    await fill(space, ['a', 'b', 'held'])
    await fill(space, ['dies'], 300)
    const holder = await pool.connect()
    try {
      await holder.query('BEGIN')
      await holder.query(`SELECT FROM ${quoted(table)} WHERE key IN ('held', 'dies') FOR UPDATE`)
      let waiting = 2
      const [a, held, dies, b] = ['a', 'held', 'dies', 'b'].map(async (key) => {
        const answer = await verbs[verb](space, key)
        if (key === 'held' || key === 'dies') waiting--
        return answer
      })
      expect(await Promise.race([Promise.all([a, b]), sleep(2_000)])).toEqual([[true], [true]])
      expect(waiting).toBe(2)
      await sleep(400)
      await holder.query('COMMIT')
      // Judged by the clock behind the lock: one has expired meanwhile.
      expect(await Promise.all([held, dies])).toEqual([[true], [false]])
    } finally {
      holder.release(true)
    }
  })

  test.each(cases)('%s that fails takes no other with it: %s', async (verb, space) => {
    const { fill, verbs, table } = await open()
    await fill(space, ['a', 'bad', 'b'])
    await pool.query(`
      CREATE FUNCTION ${quoted(`${table}_refuse`)}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'not this one'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON ${quoted(table)} FOR EACH ROW WHEN (OLD.key = 'bad')
        EXECUTE FUNCTION ${quoted(`${table}_refuse`)}()`)
    await sleep(2)
    const settled = await Promise.allSettled(['a', 'bad', 'b'].map(async (key) => verbs[verb](space, key)))
    expect(settled).toMatchObject([{ value: [true] }, { reason: { message: 'not this one' } }, { value: [true] }])
  })

  test.each(['entry', 'group'] as const)('of two deletions of one key, one has deleted it: %s', async (space) => {
    const { fill, verbs, turn } = await open()
    await fill(space, ['k', 'other'])
    const { answers, queries } = await turn(['k', 'other', 'k'].map((key) => () => verbs.delete(space, key)))
    expect(answers).toEqual([[true], [true], [false]])
    expect(queries).toBe(2)
  })

  test('touches of one key share the query', async () => {
    const { fill, verbs, turn } = await open()
    await fill('entry', ['k', 'other'])
    const { answers, queries } = await turn(['k', 'other', 'k'].map((key) => () => verbs.touch('entry', key)))
    expect(answers).toEqual([[true], [true], [true]])
    expect(queries).toBe(1)
  })

  test('what waits for a row by itself is still under way: what comes later for it stands', async () => {
    const { backend, fill, seen, table } = await open()
    await fill('entry', ['k', 'j', 'w', 'v'])
    const holder = await pool.connect()
    try {
      await holder.query('BEGIN')
      await holder.query(`SELECT FROM ${quoted(table)} WHERE key IN ('k', 'w') FOR UPDATE`)
      seen.length = 0
      const expired = Promise.all(
        (['k', 1, 'j', 2, 'k', 3] as const).flatMap((key, index, all) =>
          typeof key === 'string' ? [backend.expire('entry', 'ns', [key], span(100_000 * Number(all[index + 1])))] : [],
        ),
      )
      const written = Promise.all(
        [write('w', '1'), write('v', '2'), write('w', '3')].map((each) => backend.write('ns', [each])),
      )
      const touched = Promise.all(Array.from({ length: 20 }, () => backend.touch('entry', 'ns', ['k'])))
      await sleep(300)
      // Of each kind one for all, and one that waits.
      expect(seen).toHaveLength(6)
      await holder.query('COMMIT')
      expect(await expired).toEqual([[true], [true], [true]])
      expect(await written).toEqual([[true], [true], [true]])
      expect(new Set((await touched).flat())).toEqual(new Set([true]))
      const now = await backend.now()
      const [k] = await backend.inspect('entry', 'ns', ['k'])
      expect((k?.expiresAt as number) - now).toBeGreaterThan(200_000)
      expect(await backend.read('ns', ['w'], { touch: false, detail: false, sliding: false })).toEqual([
        { payload: '3' },
      ])
    } finally {
      holder.release(true)
    }
  })

  test('each key gets its own deadline; of two for one key the last stands', async () => {
    const { backend, fill, turn } = await open()
    await fill('entry', ['a', 'b', 'c', 'd'])
    const now = await backend.now()
    const asked = [
      ['a', span(1_000)],
      ['b', span(undefined, { expiresAt: now + 500_000 })],
      ['c', span(undefined, { expiresAt: now - 1 })],
      ['d', span(undefined)],
      ['a', span(700_000)],
    ] as const
    const expire = (key: string, to: Span) => () => backend.expire('entry', 'ns', [key], to)
    const { answers, queries } = await turn(asked.map(([key, to]) => expire(key, to)))
    expect(answers).toEqual([[true], [true], [false], [true], [true]])
    expect(queries).toBe(2)
    const [a, b, c, d] = await backend.inspect('entry', 'ns', ['a', 'b', 'c', 'd'])
    expect(a?.expiresAt).toBeGreaterThan(now + 699_999)
    expect(b?.expiresAt).toBe(now + 500_000)
    expect(c).toBeUndefined()
    expect(d).toMatchObject({ expiresAt: undefined })
  })

  test('touches of groups move each its own deadline; deleted groups take their members along', async () => {
    const { backend, fill, verbs, turn, table } = await open()
    await fill('group', ['a', 'b', 'c'])
    await fill('entry', ['a', 'b', 'c'])
    const before = await backend.inspect('group', 'ns', ['a', 'b'])
    await sleep(20)
    await turn(['a', 'b'].map((id) => () => verbs.touch('group', id)))
    for (const [index, after] of (await backend.inspect('group', 'ns', ['a', 'b'])).entries())
      expect(after?.expiresAt).toBeGreaterThan(before[index]?.expiresAt as number)
    await turn(['a', 'b'].map((id) => () => verbs.delete('group', id)))
    const { rows } = await pool.query(`
      SELECT i.key FROM ${quoted(`${table}_members`)} m LEFT JOIN ${quoted(table)} i ON i.id = m.owner`)
    expect(rows).toEqual([{ key: 'c' }])
    expect(await backend.inspect('entry', 'ns', ['a', 'b'])).not.toContain(undefined)
  })

  test.each(cases)('in a transaction of the caller each %s is a statement of its own: %s', async (verb, space) => {
    const { fill, backend } = await open()
    await fill(space, ['a', 'b'])
    const client = await pool.connect()
    const seen: string[] = []
    try {
      await client.query('BEGIN')
      const bound = backend.with({
        query(query) {
          seen.push(query.text)
          return client.query(query)
        },
      })
      const ask = (key: string) =>
        verb === 'expire' ? bound.expire(space, 'ns', [key], span(9)) : bound[verb](space, 'ns', [key])
      seen.length = 0
      expect(await Promise.all(['a', 'b'].map(ask))).toEqual([[true], [true]])
      expect(seen).toHaveLength(2)
      await client.query('ROLLBACK')
    } finally {
      client.release()
    }
  })
})
