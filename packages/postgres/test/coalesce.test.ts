import { createStore, sliding } from '@ttl/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { type PostgresClient, postgres } from '../src/index.ts'
import { freshTable, PEEK, poolOf, quoted, READ, rolling, SLIDE, sleep, watching, write } from './support.ts'

const pool = poolOf()
const { client: watched, seen } = watching(pool)

const open = async () => {
  const table = freshTable()
  const backend = postgres(watched, { table })
  await backend.migrate()
  seen.length = 0
  return { backend, table }
}
const single = async (work: () => unknown): Promise<string> => {
  seen.length = 0
  await work()
  expect(seen).toHaveLength(1)
  return seen[0]?.name as string
}
const NONE = { key: 'k', ns: 'ns' } as const

beforeEach(() => {
  seen.length = 0
})

describe('every operation is one statement and one round trip', () => {
  test('from the second on; the first finds out about the tables', async () => {
    const { backend } = await open()
    const members = [['m', 'v']] as const
    const { placement } = write('')
    const span = { ttlMs: 5_000, maxAgeMs: undefined, expiresAt: undefined }
    const operations: [string, () => unknown][] = [
      ['set', () => backend.write('ns', [write('k')])],
      ['conditional set', () => backend.write('ns', [{ ...write('k'), condition: 'present' }])],
      ['setMany', () => backend.write('ns', [write('a'), write('b')])],
      ['get', () => backend.read('ns', ['k'], READ)],
      ['sliding get', () => backend.read('ns', ['k'], SLIDE)],
      ['getEntry', () => backend.read('ns', ['k'], PEEK)],
      ['getMany', () => backend.read('ns', ['k', 'a'], SLIDE)],
      ['has', () => backend.inspect('entry', 'ns', ['k'])],
      ['touch', () => backend.touch('entry', 'ns', ['k', 'a'])],
      ['expire', () => backend.expire('entry', 'ns', ['k'], span)],
      ['take', () => backend.take('ns', 'a')],
      ['delete', () => backend.delete('entry', 'ns', ['b'])],
      ['deleteMany', () => backend.delete('entry', 'ns', ['b', 'c'])],
      ['group.set', () => backend.writeGroup('ns', 'g', members, placement)],
      ['group.get', () => backend.readGroup('ns', 'g', ['m'], SLIDE)],
      ['group.delete(member)', () => backend.deleteMembers('ns', 'g', ['m'])],
      ['keys', () => backend.scan('entry', 'ns', { limit: 10 })],
      ['stats', () => backend.stats?.()],
      ['sweep', () => backend.sweep({ limit: 10 })],
      ['clear', () => backend.clear?.('ns')],
      ['now', () => backend.now()],
    ]
    for (const [, work] of operations) await single(work)
  })

  test('statements are named, unless names are switched off', async () => {
    const { backend, table } = await open()
    expect(await single(() => backend.read('ns', ['k'], READ))).toMatch(/^ttl_[0-9a-f]{16}$/)
    const unnamed = postgres(watched, { table, prepare: false })
    await unnamed.migrate()
    expect(await single(() => unnamed.read('ns', ['k'], READ))).toBeUndefined()
  })
})

describe('what is asked in one turn is one query', () => {
  test('reads, those of one key twice, and of what is not there', async () => {
    const { backend } = await open()
    const bytes = new Uint8Array([1, 2])
    await backend.write('ns', [write('a', 'A'), write('b', bytes)])
    seen.length = 0
    const keys = ['a', 'b', 'none', 'a', 'b']
    const answers = await Promise.all(keys.map((key) => backend.read('ns', [key], READ)))
    expect(seen).toHaveLength(1)
    expect(answers.map(([found]) => found?.payload)).toEqual(['A', bytes, undefined, 'A', bytes])
    expect(answers[1]?.[0]?.payload).not.toBe(answers[4]?.[0]?.payload)
  })

  test('one read is the plain statement', async () => {
    const { backend } = await open()
    await single(() => backend.read('ns', ['a'], READ))
    expect(seen[0]?.text).not.toContain('ANY')
  })

  test('sliding reads restart each its own window', async () => {
    const { backend } = await open()
    const windows = [10_000, 20_000, 30_000]
    await backend.write(
      'ns',
      windows.map((ms) => write(`${ms}`, 'v', rolling(ms, { restartOn: 'access' }))),
    )
    const before = await backend.inspect('entry', 'ns', windows.map(String))
    await sleep(20)
    seen.length = 0
    await Promise.all(windows.map((ms) => backend.read('ns', [`${ms}`], SLIDE)))
    expect(seen).toHaveLength(1)
    const after = await backend.inspect('entry', 'ns', windows.map(String))
    for (const [index, ms] of windows.entries()) {
      const moved = (after[index]?.expiresAt ?? 0) - (before[index]?.expiresAt ?? 0)
      expect(moved, `${ms}`).toBeGreaterThanOrEqual(19)
    }
  })

  test('writes answer each for itself', async () => {
    const { backend } = await open()
    await backend.write('ns', [write('there')])
    seen.length = 0
    const answers = await Promise.all([
      backend.write('ns', [{ ...write('there', 'x'), condition: 'absent' }]),
      backend.write('ns', [{ ...write('new', 'x'), condition: 'absent' }]),
      backend.write('ns', [{ ...write('missing', 'x'), condition: 'present' }]),
      backend.write('ns', [
        { ...write('there', 'y'), placement: rolling(undefined, { expiresAt: 1 }), condition: undefined },
      ]),
    ])
    expect(answers).toEqual([[false], [true], [false], [false]])
    // The fourth is of a key that was under way.
    expect(seen).toHaveLength(2)
    const found = await backend.read('ns', ['there', 'new', 'missing'], PEEK)
    expect(found.map((each) => each?.payload)).toEqual([undefined, 'x', undefined])
  })

  test('of writes of one key the last one asked for stands', async () => {
    const { backend } = await open()
    await Promise.all(Array.from({ length: 20 }, (_, index) => backend.write('ns', [write('k', `${index}`)])))
    expect(await backend.read('ns', ['k'], READ)).toEqual([{ payload: '19' }])
  })

  test('a write that fails takes no other with it', async () => {
    const { backend, table } = await open()
    await pool.query(`
      CREATE FUNCTION ${quoted(`${table}_refuse`)}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'not this one'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON ${quoted(table)} FOR EACH ROW WHEN (NEW.key = 'bad')
        EXECUTE FUNCTION ${quoted(`${table}_refuse`)}()`)
    const keys = ['a', 'b', 'bad', 'c']
    const settled = await Promise.allSettled(keys.map((key) => backend.write('ns', [write(key)])))
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    const found = await backend.read('ns', keys, PEEK)
    expect(found.map((each) => each !== undefined)).toEqual([true, true, false, true])
    await expect(
      backend.write(
        'ns',
        ['x', 'bad'].map((key) => write(key)),
      ),
    ).rejects.toThrow('not this one')
    expect(await backend.read('ns', ['x'], PEEK)).toEqual([undefined])
  })

  test('a write that has to wait keeps no other waiting', async () => {
    const { backend, table } = await open()
    await backend.write('ns', [write('held'), write('free')])
    const holder = await pool.connect()
    try {
      await holder.query('BEGIN')
      await holder.query(`SELECT FROM ${quoted(table)} WHERE key = 'held' FOR UPDATE`)
      let waited = true
      const slow = Promise.resolve(backend.write('ns', [write('held', 'after')])).then((answer) => {
        waited = false
        return answer
      })
      const others = ['free', 'new'].map((key) => backend.write('ns', [write(key, 'x')]))
      const fast = await Promise.race([Promise.all(others), sleep(2_000)])
      expect(fast).toEqual([[true], [true]])
      expect(waited).toBe(true)
      await holder.query('COMMIT')
      expect(await slow).toEqual([true])
    } finally {
      holder.release(true)
    }
  })
})

test('within a transaction nothing is coalesced, and it is rolled back with it', async () => {
  const { table } = await open()
  const store = createStore({ backend: postgres(pool, { table }), policy: sliding('1h', { max: 'unbounded' }) })
  await store.namespace(NONE.ns).set('before', 1)
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const backend = postgres(pool, { table }).with(client)
    const inside = store.using(backend).namespace(NONE.ns)
    await Promise.all([inside.set('a', 1), inside.set('b', 2), inside.get('before')])
    expect(await inside.get('a')).toBe(1)
    expect(await store.namespace(NONE.ns).get('a')).toBeUndefined()
    await expect(client.query('SELECT 1/0')).rejects.toThrow()
    await expect(inside.set('c', 3)).rejects.toMatchObject({ code: 'TTL_BACKEND', retryable: false })
    await client.query('ROLLBACK')
    expect(await store.namespace(NONE.ns).has('a')).toBe(false)
  } finally {
    client.release()
  }
})

test.each(['get', 'set', 'delete', 'touch'] as const)(
  'a client that throws at once fails the call, and only that: %s',
  async (verb) => {
    let fails = false
    const client: PostgresClient = {
      query(query) {
        if (fails) throw new Error('not now')
        return pool.query(query)
      },
    }
    const entries = createStore({ backend: postgres(client, { table: freshTable() }) }).namespace<string>('ns', {
      policy: { ttl: '1m' },
    })
    await entries.set('k', 'v')
    const call = {
      get: () => entries.get('k'),
      set: () => entries.set('k', 'v'),
      delete: () => entries.delete('k'),
      touch: () => entries.touch('k'),
    }[verb]
    fails = true
    for (const count of [1, 1, 1, 3]) {
      const settled = await Promise.allSettled(Array.from({ length: count }, () => call() as Promise<unknown>))
      for (const each of settled)
        expect(each).toMatchObject({ status: 'rejected', reason: { cause: { message: 'not now' } } })
    }
    fails = false
    await expect(entries.get('k')).resolves.toBe('v')
  },
)
