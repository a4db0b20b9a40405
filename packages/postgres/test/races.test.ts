import { describe, expect, test } from 'vitest'
import {
  dropWitness,
  freshPlace,
  freshTable,
  Hands,
  PEEK,
  poolOf,
  quoted,
  READ,
  rolling,
  SLIDE,
  sleep,
  sliding,
  sweepAll,
  urlOf,
  witness,
  write,
} from './support.ts'

describe.each([18, 15] as const)('PostgreSQL %i', (version) => {
  const pool = poolOf(urlOf(version))

  /** Runs work while another connection has a transaction open. */
  async function during<T>(sql: string, work: (commit: () => Promise<unknown>) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query(sql)
      return await work(() => client.query('COMMIT'))
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
  }

  test('a read waits for nobody: the value comes at once, the restart when the row is free', async () => {
    const { backend, table } = freshPlace({}, pool)
    await backend.write('ns', [write('k', 'v', sliding(60_000))])
    const [before] = await backend.inspect('entry', 'ns', ['k'])
    await sleep(5)
    await during(`SELECT FROM ${quoted(table)} FOR UPDATE`, async (commit) => {
      expect(await backend.read('ns', ['k'], SLIDE)).toEqual([{ payload: 'v' }])
      expect(await backend.read('ns', ['k', 'none'], SLIDE)).toEqual([{ payload: 'v' }, undefined])
      expect((await backend.inspect('entry', 'ns', ['k']))[0]?.expiresAt).toBe(before?.expiresAt)
      await commit()
    })
    await backend.close()
    expect((await backend.inspect('entry', 'ns', ['k']))[0]?.expiresAt).toBeGreaterThan(before?.expiresAt as number)
  })

  test('a read is not blocked by a sweep, nor a sweep by anybody who holds a row', async () => {
    const { backend, table } = freshPlace({}, pool)
    const names = ['a', 'b', 'c']
    await backend.write(
      'ns',
      names.map((key) => write(key, 'v', rolling(1))),
    )
    await backend.write('ns', [write('live', 'v', sliding(60_000))])
    await sleep(5)
    await during(`DELETE FROM ${quoted(table)} WHERE key <> 'b'`, async () => {
      expect(await backend.read('ns', ['live'], SLIDE)).toEqual([{ payload: 'v' }])
      expect(await sweepAll(backend)).toBe(1)
    })
    expect(await sweepAll(backend)).toBe(2)
  })

  test('a sweep does not wait for a table that is locked, and leaves no setting behind', async () => {
    const alone = poolOf(urlOf(version), { max: 1 })
    const { backend, table } = freshPlace({}, alone)
    await backend.write('ns', [write('k', 'v', rolling(1))])
    await sleep(5)
    await during(`LOCK TABLE ${quoted(table)} IN ACCESS EXCLUSIVE MODE`, async () => {
      const error = await Promise.resolve(backend.sweep({ limit: 10 })).then(undefined, (failure: unknown) => failure)
      expect(error).toMatchObject({ code: '55P03' })
      expect(backend.classify(error)).toEqual({ retryable: true })
    })
    expect(await sweepAll(backend)).toBe(1)
    const settings = `current_setting('lock_timeout') AS wait, current_setting('synchronous_commit') AS commit`
    expect((await alone.query(`SELECT ${settings}`)).rows).toEqual([{ wait: '0', commit: 'on' }])
  })

  test('a sweep names what it deletes by the deadline that it had in the end', async () => {
    const clock = new Hands()
    const { backend } = freshPlace({ clock }, pool)
    await backend.write('ns', [write('k', 'v', sliding(1_000))])
    clock.at += 600
    await backend.read('ns', ['k'], SLIDE)
    clock.at += 1_000
    const { names } = await backend.sweep({ limit: 10, names: true })
    const [due] = names?.deleted ?? []
    expect(due).toEqual({ space: 'entry', namespace: 'ns', key: 'k', expiresAt: clock.at })
    expect(names?.kept).toEqual([])
  })

  test('what was refreshed while a sweep ran survives it', async () => {
    const { backend, table } = freshPlace({}, pool)
    await backend.write('ns', [write('k', 'v', rolling(1_000))])
    const cutoff = (await backend.now()) + 5_000
    // By the deadline index it is due; the refresh is not committed yet, then it is.
    await during(`UPDATE ${quoted(table)} SET expires_at = ${cutoff + 60_000}`, async (commit) => {
      await pool.query(`SELECT pg_sleep(1.1)`)
      expect(await sweepAll(backend)).toBe(0)
      await commit()
    })
    expect(await sweepAll(backend)).toBe(0)
    expect(await backend.read('ns', ['k'], READ)).toEqual([{ payload: 'v' }])
    const { rows } = await pool.query(`SELECT sweep_at = expires_at AS filed FROM ${quoted(table)}`)
    expect(rows).toEqual([{ filed: true }])
  })

  test('the clock is read behind the lock: who waits for a row is judged by when it got it', async () => {
    const { backend, table } = freshPlace({}, pool)
    await backend.write('ns', [write('short', 'v', rolling(300)), write('k'), write('dies', 'v', rolling(300))])
    await backend.write('alone', [write('k')])
    await backend.writeGroup('ns', 'g', [['m', 'v']], rolling(300))
    await during(`SELECT FROM ${quoted(table)} FOR UPDATE`, async (commit) => {
      const waiting = [
        backend.take('ns', 'short'),
        backend.touch('entry', 'ns', ['dies']),
        backend.write('ns', [write('k', 'x', rolling(400))]),
        backend.write('ns', [{ ...write('dies', 'new'), condition: 'absent' }]),
        backend.write('alone', [write('k', 'x', rolling(400))]),
        backend.deleteMembers('ns', 'g', ['m']),
      ]
      await sleep(600)
      await commit()
      expect(await Promise.all(waiting)).toEqual([undefined, [false], [true], [true], [true], [false]])
    })
    expect(await backend.read('ns', ['k'], READ)).toEqual([{ payload: 'x' }])
    expect(await backend.read('alone', ['k'], READ)).toEqual([{ payload: 'x' }])
  })

  test('a batch of plain writes has one deadline, from when it held all that was there', async () => {
    const { backend, table } = freshPlace({}, pool)
    await backend.write('ns', [write('held'), write('there')])
    const keys = ['first', 'held', 'last', 'there']
    await during(`SELECT FROM ${quoted(table)} WHERE key = 'held' FOR UPDATE`, async (commit) => {
      const writing = backend.write(
        'ns',
        keys.map((key) => write(key, 'x', rolling(400))),
      )
      await sleep(600)
      await commit()
      expect(await writing).toEqual([true, true, true, true])
    })
    const found = await backend.inspect('entry', 'ns', keys)
    expect(new Set(found.map((each) => each?.expiresAt)).size).toBe(1)
    expect(found[0]?.expiresAt).toBeGreaterThan(found[0]?.now as number)
  })

  test('a row that appears while a batch of plain writes runs gets its deadline from when it was free', async () => {
    const { backend, table } = freshPlace({}, pool)
    await backend.write('ns', [write('there')])
    const appear = `INSERT INTO ${quoted(table)} (ns, space, key, restart_on, refresh_after) VALUES ('ns', 0, 'k', 0, 0)`
    await during(appear, async (commit) => {
      const writing = backend.write(
        'ns',
        ['k', 'there'].map((key) => write(key, 'x', rolling(400))),
      )
      await sleep(600)
      await commit()
      expect(await writing).toEqual([true, true])
      expect(await backend.read('ns', ['k'], READ)).toEqual([{ payload: 'x' }])
    })
    const { rows } = await pool.query(`SELECT sweep_at <= expires_at AS bound FROM ${quoted(table)} WHERE key = 'k'`)
    expect(rows).toEqual([{ bound: true }])
  })

  test.each(['READ COMMITTED', 'REPEATABLE READ'])(
    'an old transaction (%s) sees no expired entry, and writes no dead one',
    async (level) => {
      const { backend } = freshPlace({}, pool)
      await backend.write('ns', [write('dying', 'v', rolling(200))])
      const client = await pool.connect()
      try {
        await client.query(`BEGIN ISOLATION LEVEL ${level}`)
        const bound = backend.with(client)
        expect((await bound.read('ns', ['dying'], PEEK))[0]).toBeDefined()
        await sleep(400)
        expect(await bound.read('ns', ['dying'], PEEK)).toEqual([undefined])
        await bound.write('ns', [write('k', 'v', rolling(300))])
        const [reading] = await bound.inspect('entry', 'ns', ['k'])
        expect((reading?.expiresAt ?? 0) - (reading?.now ?? 0)).toBeGreaterThan(200)
        await client.query('COMMIT')
      } finally {
        client.release()
      }
    },
  )

  test('batches in opposite orders, over new and old keys, all succeed', async () => {
    const { backend } = freshPlace({}, pool)
    const keys = Array.from({ length: 40 }, (_, index) => `${index}`)
    const work = async (turn: number): Promise<void> => {
      for (let round = 0; round < 25; round++) {
        const some = keys.filter(() => Math.random() < 0.5)
        const order = turn % 2 === 0 ? some : some.toReversed()
        if (order.length < 2) continue
        if (turn % 3 === 0) await backend.touch('entry', 'ns', order)
        else if (turn % 3 === 1)
          await backend.write(
            'ns',
            order.map((key) => write(key, `${turn}`)),
          )
        else await backend.read('ns', order, SLIDE)
        if (round % 5 === 0) await backend.delete('entry', 'ns', order.slice(0, 5))
      }
    }
    await Promise.all(Array.from({ length: 9 }, (_, turn) => work(turn)))
  })

  test('a group is whole or gone, whoever writes, empties, deletes and sweeps it; nothing of the dead is left', async () => {
    const { backend, table } = freshPlace({}, pool)
    const pair = (value: string) =>
      [
        ['a', value],
        ['b', value],
      ] as const
    let [run, torn] = [true, 0]
    const loop = async (work: (turn: number) => unknown): Promise<void> => {
      for (let turn = 0; run; turn++) await work(turn)
    }
    const loops = [
      loop((turn) => backend.writeGroup('ns', 'g', pair(`x${turn}`), rolling(turn % 3 === 0 ? 2 : 60_000))),
      loop((turn) => backend.writeGroup('ns', 'g', pair(`y${turn}`), rolling(60_000))),
      loop((turn) => backend.deleteMembers('ns', 'g', turn % 2 ? ['a', 'b'] : ['b', 'a'])),
      loop(() => backend.delete('group', 'ns', ['g'])),
      loop(() => backend.expire('group', 'ns', ['g'], { ttlMs: 1, maxAgeMs: undefined, expiresAt: undefined })),
      loop(() => backend.sweep({ limit: 10 })),
      loop(async () => {
        const found = await backend.readGroup('ns', 'g', undefined, SLIDE)
        if (found !== undefined && (found.members.length !== 2 || found.members[0]?.[1] !== found.members[1]?.[1]))
          torn++
      }),
    ]
    await sleep(2_000)
    run = false
    await Promise.all(loops)
    expect(torn).toBe(0)
    const { rows } = await pool.query(`
      SELECT (SELECT count(*)::int FROM ${quoted(`${table}_members`)} WHERE owner NOT IN (SELECT id FROM ${quoted(table)} WHERE id IS NOT NULL)) AS orphans,
        (SELECT count(*)::int FROM ${quoted(table)} WHERE id NOT IN (SELECT owner FROM ${quoted(`${table}_members`)})) AS empty`)
    expect(rows).toEqual([{ orphans: 0, empty: 0 }])
  })

  test('sweepers and writers that refresh and rewrite the same entries lose nothing that lives', {
    timeout: 120_000,
  }, async () => {
    // A minute by hand: TTL_POSTGRES_STORM_SECONDS=60.
    const seconds = Number(process.env.TTL_POSTGRES_STORM_SECONDS ?? 8)
    // A database of its own: deadlocks are counted for each.
    const name = freshTable()
    await pool.query(`CREATE DATABASE ${name}`)
    const wide = poolOf(urlOf(version).replace(/[^/]*$/, name), { max: 20 })
    const { backend, table, open } = freshPlace({}, wide)
    const keys = Array.from({ length: 10_000 }, (_, index) => `k${index}`)
    await backend.write(
      'ns',
      keys.map((key) => write(key, 'v', sliding(1_500))),
    )
    await witness(wide, table)
    const deadlocks = async () =>
      (await wide.query('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()')).rows[0]
        .deadlocks
    const before = await deadlocks()
    let run = true
    const count = { writes: 0, reads: 0, hits: 0, swept: 0, dead: 0 }
    const loop = async (work: () => Promise<unknown>): Promise<void> => {
      while (run) await work()
    }
    const any = () => keys[Math.floor(Math.random() * keys.length)] as string
    const some = () => [...new Set(Array.from({ length: 8 }, any))]
    const writers = Array.from({ length: 16 }, (_, writer) => {
      const mine = open()
      return loop(async () => {
        count.writes++
        if (writer % 4 === 0)
          await mine.write(
            'ns',
            some().map((key) => write(key, 'v', sliding(500 + Math.floor(Math.random() * 2_500)))),
          )
        else if (writer % 4 === 1) await mine.touch('entry', 'ns', some())
        else if (writer % 4 === 2)
          await mine.write('ns', [write(any(), 'w', sliding(500 + Math.floor(Math.random() * 2_500)))])
        else {
          for (const found of await mine.read('ns', some(), { ...SLIDE, detail: true })) {
            count.reads++
            if (found === undefined) continue
            count.hits++
            if ((found.reading?.expiresAt ?? 0) <= (found.reading?.now ?? 0)) count.dead++
          }
        }
      })
    })
    const sweepers = [open(), open()].map((mine) =>
      loop(async () => {
        for (const each of (await mine.sweep({ limit: 1_000 })).deleted.values()) count.swept += each
      }),
    )
    await sleep(seconds * 1_000)
    run = false
    await Promise.all([...writers, ...sweepers])
    const { rows } = await wide.query(`SELECT * FROM ${quoted(`${table}_lost`)}`)
    expect(rows).toEqual([])
    expect(count.dead).toBe(0)
    expect(count.swept).toBeGreaterThan(100)
    expect(count.hits).toBeGreaterThan(100)
    expect(await deadlocks()).toBe(before)
    await dropWitness(wide, table)
    console.log(`storm on PostgreSQL ${version}, ${seconds} s: ${JSON.stringify(count)}, nothing lost, no deadlock`)
  })
})
