/** Members of groups that several callers read in one turn of the event loop. */
import type { ReadOptions } from '@ttl/core/adapter'
import { describe, expect, test } from 'vitest'
import { postgres } from '../src/index.ts'
import { freshTable, poolOf, quoted, READ, rolling, SLIDE, sleep, sliding, urlOf, watching } from './support.ts'

describe.each([18, 15] as const)('PostgreSQL %i', (version) => {
  const pool = poolOf(urlOf(version))

  async function open() {
    const table = freshTable()
    const { client, seen } = watching(pool)
    const backend = postgres(client, { table })
    await backend.migrate()
    /** Reads in one turn; says what was found and how many queries it took. */
    const turn = async (
      asked: readonly (readonly [id: string, members?: readonly string[]])[],
      options: ReadOptions = READ,
    ) => {
      seen.length = 0
      const found = await Promise.all(asked.map(([id, members]) => backend.readGroup('ns', id, members, options)))
      return { found: found.map((group) => group?.members), queries: seen.length }
    }
    const deadlines = async (ids: readonly string[]) =>
      (await backend.inspect('group', 'ns', ids)).map((reading) => reading?.expiresAt as number)
    return { backend, table, seen, turn, deadlines }
  }

  test('each gets the members that it named, of its group, in one query', async () => {
    const { backend, turn, seen } = await open()
    const bytes = new Uint8Array([1, 2])
    const of = (name: string) =>
      [
        ['a', `${name}a`],
        ['b', bytes],
        ['c\0', `${name}c`],
      ] as const
    await backend.writeGroup('ns', 'g', of('g'), rolling(60_000))
    await backend.writeGroup('ns', 'h\0', of('h'), rolling(60_000))
    await backend.writeGroup('ns', 'dead', of('dead'), rolling(1))
    await backend.write('ns', [{ key: 'entry', payload: 'v', placement: rolling(60_000) }])
    await sleep(5)
    const { found, queries } = await turn([
      ['g', ['a', 'c\0']],
      ['h\0', ['b', 'a', 'none']],
      ['none', ['a']],
      ['dead', ['a']],
      ['entry', ['a']],
      ['g', ['b']],
      ['g', ['none']],
      ['g', ['b', 'a']],
    ])
    expect(queries).toBe(1)
    const [b, again] = [found[5]?.[0], found[7]?.[1]]
    expect(found).toEqual([
      [
        ['a', 'ga'],
        ['c\0', 'gc'],
      ],
      [
        ['a', 'ha'],
        ['b', bytes],
      ],
      undefined,
      undefined,
      undefined,
      [['b', bytes]],
      undefined,
      [
        ['a', 'ga'],
        ['b', bytes],
      ],
    ])
    expect(b?.[1]).not.toBe(again?.[1])
    expect((await turn([['g', ['a']]])).found).toEqual([[['a', 'ga']]])
    expect(seen[0]?.text).not.toContain('unnest')
    expect((await turn([['g'], ['h\0']])).queries).toBe(2)
  })

  test.each([SLIDE, READ])('each group of which a member is there restarts, expected or not: %o', async (options) => {
    const { backend, turn, deadlines } = await open()
    const ids = ['a', 'b', 'in vain', 'untouched']
    for (const id of ids) await backend.writeGroup('ns', id, [['m', id]], sliding(60_000))
    const before = await deadlines(ids)
    await sleep(20)
    const { found, queries } = await turn(
      [
        ['a', ['m']],
        ['b', ['m', 'none']],
        ['in vain', ['none']],
      ],
      options,
    )
    expect(found).toEqual([[['m', 'a']], [['m', 'b']], undefined])
    expect(queries).toBe(options.sliding ? 1 : 3)
    const moved = (await deadlines(ids)).map((at, index) => at - (before[index] as number) >= 19)
    expect(moved).toEqual([true, true, false, false])
    const peeked = await deadlines(ids)
    await sleep(5)
    const ask = [
      ['a', ['m']],
      ['b', ['m']],
    ] as const
    expect((await turn(ask, { ...options, touch: false })).queries).toBe(1)
    expect(await deadlines(ids)).toEqual(peeked)
  })

  test('a held group is read at once, and restarts when it is free', async () => {
    const { backend, turn, deadlines, table } = await open()
    for (const id of ['held', 'free']) await backend.writeGroup('ns', id, [['m', id]], sliding(60_000))
    const [before] = await deadlines(['held'])
    await sleep(5)
    const holder = await pool.connect()
    try {
      await holder.query('BEGIN')
      await holder.query(`SELECT FROM ${quoted(table)} WHERE key = 'held' FOR UPDATE`)
      const reading = turn(
        [
          ['held', ['m']],
          ['free', ['m']],
        ],
        SLIDE,
      )
      expect(await Promise.race([reading, sleep(2_000)])).toMatchObject({ found: [[['m', 'held']], [['m', 'free']]] })
      expect(await deadlines(['held'])).toEqual([before])
      await holder.query('COMMIT')
    } finally {
      holder.release(true)
    }
    await backend.close()
    expect((await deadlines(['held']))[0]).toBeGreaterThan(before as number)
  })

  test('in a transaction of the caller each read is a statement of its own', async () => {
    const { backend } = await open()
    for (const id of ['a', 'b']) await backend.writeGroup('ns', id, [['m', id]], rolling(60_000))
    const client = await pool.connect()
    const seen: string[] = []
    try {
      const bound = backend.with({
        query(query) {
          seen.push(query.text)
          return client.query(query)
        },
      })
      await Promise.all(['a', 'b'].map((id) => bound.readGroup('ns', id, ['m'], READ)))
      expect(seen).toHaveLength(2)
    } finally {
      client.release()
    }
  })
})
