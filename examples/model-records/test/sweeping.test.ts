import { inRealTime, onEachBackend } from '@ttl/backends'
import { createStore } from '@ttl/core'
import type { PostgresBackend } from '@ttl/postgres'
import pg from 'pg'
import { expect, inject, it, vi } from 'vitest'
import { ada, COUNTING, DAY, left, stageOn, watched } from './support.ts'

/** Without an index, so that a record is one thing to sweep. */
const BARE = { index: {} } as const
/** Where what is expired is freed by a sweep. */
const SWEPT = ['memory', 'SQLite', 'PostgreSQL'] as const

onEachBackend((open) => {
  it('P25: twelve expired and a batch of five: five, five and two are freed, batch by batch, and as long as more waits it goes on', async () => {
    await using scene = await open()
    const { store, sessions } = stageOn(scene, BARE)
    for (let index = 0; index < 12; index++) await sessions.save(ada(`s${index}`))
    await scene.advance('90d')
    expect(await store.sweep({ limit: 5 })).toMatchObject({ deleted: 5, more: true })
    expect((await store.namespace('session').stats()).entries.expired).toBe(7)
    const batches: number[] = []
    await store.on('sweep.batch', ({ deleted }) => batches.push(deleted))
    await using _sweeper = store.startSweeper({ batch: 5, minDelay: '1s', interval: '1m', timers: scene.timers })
    await scene.advance('1m')
    expect(batches.slice(0, 2)).toEqual([5, 2])
    expect((await store.namespace('session').stats()).entries.expired).toBe(0)
  })

  it('P26: a record that is saved anew while a sweep runs stays: the deadline is looked at again by what deletes', async () => {
    await using scene = await open()
    const { store, sessions } = stageOn(scene, BARE)
    const ids = Array.from({ length: 40 }, (_, index) => `s${index}`)
    for (const id of ids) await sessions.save(ada(id))
    await scene.advance('90d')
    const other = createStore({ backend: scene.open() })
    await Promise.all([
      store.sweep(),
      other.sweep(),
      ...ids.slice(20).map((id) => sessions.save(ada(id, { visits: 1 }))),
    ])
    expect([...(await sessions.getMany(ids)).keys()].sort()).toEqual(ids.slice(20).sort())
  })

  it('P27: a write frees nothing but what it replaces, and so cannot fail by it; a sweeper that fails says so and goes on, and writes do not notice', async () => {
    await using scene = await open()
    const { store, sessions } = stageOn(scene, BARE)
    for (let index = 0; index < 12; index++) await sessions.save(ada(`s${index}`))
    await scene.advance('90d')
    let broken = true
    const { backend } = watched(scene.backend, (method) => {
      if (broken && method === 'sweep') throw new Error('the disk is gone')
    })
    const { store: other, sessions: same } = stageOn({ backend }, BARE)
    const errors: string[] = []
    await other.on('sweep.error', ({ error }) => errors.push(error.code))
    await using _sweeper = other.startSweeper({ timers: scene.timers })
    await scene.advance('10s')
    expect(errors.length).toBeGreaterThan(1)
    expect(await same.save(ada('new'))).toBe('created')
    expect((await store.namespace('session').stats()).entries).toMatchObject({ active: 1, expired: 12 })
    broken = false
    await scene.advance('2m')
    expect((await store.namespace('session').stats()).entries).toMatchObject({ active: 1, expired: 0 })
  })
}, SWEPT)

onEachBackend(
  (open) => {
    it('P26: a sweep waits for nobody: what somebody holds is left for the next one, and the rest is freed at once', async () => {
      await using scene = await open()
      const { store, sessions } = stageOn(scene, BARE)
      for (const id of ['held', 'free']) await sessions.save(ada(id))
      await scene.advance('90d')
      const holder = new pg.Client({ connectionString: inject('postgresUrl') })
      await holder.connect()
      try {
        await holder.query(`BEGIN; SELECT * FROM ${scene.schema}.ttl WHERE key = 'held' FOR UPDATE`)
        expect((await store.sweep()).deleted).toBe(1)
        await holder.query('COMMIT')
        expect((await store.sweep()).deleted).toBe(1)
      } finally {
        await holder.end()
      }
    })

    it('P32: a transaction that is rolled back leaves no record and no ttl behind', async () => {
      await using scene = await open()
      const { store, sessions } = stageOn(scene)
      await sessions.save(ada('old'))
      const pool = new pg.Pool({ connectionString: inject('postgresUrl') })
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        const { sessions: within } = stageOn({ backend: (scene.backend as PostgresBackend).with(client) })
        await within.save(ada('new'))
        await within.save(ada('old'), { ttl: '1h' })
        await client.query('ROLLBACK')
      } finally {
        client.release()
        await pool.end()
      }
      expect(await sessions.has('new')).toBe(false)
      expect(left(await sessions.expiry('old'))).toBe(90 * DAY)
      expect(store.capabilities.batch).toBe('all')
    })
  },
  ['PostgreSQL'],
)

onEachBackend((open) => {
  it('P28: four writers save, save again and delete while records expire and two sweepers run: nobody waits for ever, and after a last sweep nothing expired is left', async () => {
    await using scene = await open(COUNTING)
    const { store } = stageOn(scene)
    const writer = async (who: number) => {
      const { sessions } = stageOn({ backend: scene.open() })
      for (let turn = 0; turn < 60; turn++) {
        const id = `s${(who + turn) % 7}`
        if (turn % 3 === 2) await sessions.delete(id)
        else await sessions.save(ada(id, { visits: turn }), turn % 2 === 0 ? { ttl: '2s' } : undefined)
        if (who === 0) await scene.advance('700ms')
        if (who < 2 && turn % 5 === 0) await store.sweep({ limit: 3 })
      }
    }
    await Promise.all([0, 1, 2, 3].map(writer))
    await scene.advance('90d')
    await store.sweep()
    const tallies = await store.stats()
    expect(tallies.flatMap(({ entries }) => [entries.active, entries.expired]).filter((count) => count > 0)).toEqual([])
  })

  it('P32: of several records with one that cannot be written nothing is written; of a right one all of it, each with its ttl', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    const wrong = [ada('b'), { ttl: 0 as never }] as const
    await expect(sessions.saveMany([[ada('a')], wrong])).rejects.toMatchObject({ code: 'TTL_INVALID' })
    expect(await sessions.has('a')).toBe(false)
    expect(await sessions.saveMany([[ada('a')], [ada('b'), { ttl: '1h' }]])).toEqual(['a', 'b'])
    expect(left(await sessions.expiry('a'))).toBe(90 * DAY)
    expect(left(await sessions.expiry('b'))).toBe(3_600_000)
    expect((await sessions.find('user', 'ada')).length).toBe(2)
  })

  it('P34: what is exported and imported keeps its life: what is left, its own ttl, a pin, a deadline', async () => {
    await using scene = await open(COUNTING)
    const { memory } = await import('@ttl/core/memory')
    const { store, sessions } = stageOn(scene)
    await sessions.save(ada('class'))
    await sessions.save(ada('own'), { ttl: '30d' })
    await sessions.save(ada('pinned'))
    await sessions.pin('pinned')
    await sessions.save(ada('until'), { expiresAt: '2100-02-01T00:00:00Z' })
    await scene.advance('10d')
    const lives = () => Promise.all(['class', 'own', 'pinned', 'until'].map((id) => sessions.expiry(id)))
    const before = await lives()
    await using archive = createStore({ backend: memory({ clock: scene.clock }) })
    await store.transfer(archive)
    for (const { namespace } of await store.stats()) await store.namespace(namespace).clear()
    expect(await sessions.count()).toBe(0)
    await archive.transfer(store)
    expect(await lives()).toEqual(before)
    expect((await sessions.find('user', 'ada')).length).toBe(4)
    await sessions.save(ada('own', { visits: 1 }))
    expect(left(await sessions.expiry('own'))).toBe(30 * DAY)
  })
})

inRealTime((open) => {
  it('P29: the clock of the server judges: a client that is hours ahead or behind changes nothing', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    const now = Date.now()
    try {
      for (const skew of [-10, 10]) {
        vi.spyOn(Date, 'now').mockReturnValue(now + skew * 3_600_000)
        await sessions.save(ada('s'), { ttl: '1h' })
        const remaining = Number(left(await sessions.expiry('s')))
        expect(remaining).toBeGreaterThan(3_540_000)
        expect(remaining).toBeLessThanOrEqual(3_600_000)
        vi.restoreAllMocks()
      }
    } finally {
      vi.restoreAllMocks()
    }
  })

  it('P1, P5, P17: a save lives its ttl, a second one starts it anew, and after that the record is gone from get, find and count', async () => {
    await using scene = await open(COUNTING)
    const { sessions } = stageOn(scene, { ttl: '3s' })
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    await sessions.save(ada('s'))
    await wait(1_500)
    await sessions.save(ada('s', { visits: 1 }))
    const saved = performance.now()
    const remaining = Number(left(await sessions.expiry('s')))
    if (performance.now() - saved < 1_000) expect(remaining).toBeGreaterThan(2_000)
    expect(remaining).toBeLessThanOrEqual(3_000)
    await wait(3_100)
    expect(await sessions.get('s')).toBeUndefined()
    expect(await sessions.find('user', 'ada')).toEqual([])
    expect(await sessions.count()).toBe(0)
  })
})
