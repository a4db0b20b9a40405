import { inRealTime, onEachBackend } from '@ttl/backends'
import { expiringTable } from '@ttl/postgres'
import pg from 'pg'
import { expect, inject, it, vi } from 'vitest'
import { ADOPTED } from '../src/index.ts'
import { ARCHITECT, COUNTING, DAY, SWEPT, stageOn, TABLES } from './support.ts'

const checkpoint = (skill: string, content: string) => ({
  category: 'session',
  content,
  metadata: { type: 'session_checkpoint', skill },
})
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Runs something as a process that was started in another zone. */
async function inZone<T>(zone: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.TZ
  process.env.TZ = zone
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
}

onEachBackend((open) => {
  it('trap M6: a skill finds its own checkpoints and no others: names are compared, not matched, and the month is seven characters', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    const strangers = [
      'session_api_gateway_2100_01',
      'sessionXapiX2100_01',
      'session_api_2100_01_old',
      'session_apis_2100_01',
    ]
    for (const namespace of strangers) await stage.archive.put({ namespace, ...checkpoint('other', namespace) })
    await stage.archive.put({ namespace: 'pt2_project', ...checkpoint(ARCHITECT, 'of the architect') })
    expect(await stage.skills.resume('skill:api-builder')).toBeUndefined()
    await stage.skills.save('skill:api-builder', 'mine')
    expect((await stage.skills.resume('skill:api-builder'))?.content).toBe('mine')
  })

  it('trap M8: what lives can be pinned and given more time, what has expired cannot; and a sweeper of the process frees it without cron', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    const pinned = await stage.skills.save(ARCHITECT, 'pinned')
    const extended = await stage.skills.save('skill:issues', 'extended')
    const dead = await stage.skills.save('skill:api-builder', 'dead')
    expect(await stage.skills.pin(pinned)).toBe(true)
    expect(await stage.skills.extend(extended, '30d')).toBe(true)
    await scene.advance('7d')
    expect(await stage.skills.pin(dead)).toBe(false)
    expect(await stage.skills.extend(dead, '30d')).toBe(false)
    expect((await stage.skills.resume('skill:issues'))?.content).toBe('extended')
    await using _sweeper = stage.archive.startSweeper({ timers: scene.timers, interval: '1d' })
    await scene.advance('24d')
    expect(await stage.skills.resume('skill:issues')).toBeUndefined()
    expect((await stage.skills.resume(ARCHITECT))?.content).toBe('pinned')
    expect((await stage.skills.monitor()).overall).toMatchObject({ total: 1, permanent: 1 })
  })
})

onEachBackend((open) => {
  it('trap M7: a clean-up goes in batches; its preview says that there is more; and what expires between preview and clean-up is left for the next one', async () => {
    await using scene = await open()
    await using stage = await stageOn(scene)
    for (let index = 0; index < 30; index++) await stage.skills.save(ARCHITECT, `old ${index}`)
    await scene.advance('1s')
    await stage.skills.save(ARCHITECT, 'a second later')
    await scene.advance({ milliseconds: 7 * DAY - 1000 })
    const preview = await stage.skills.cleanup()
    expect(preview).toMatchObject({ total: 30, more: true })
    await scene.advance('1s')
    const executed = await stage.skills.cleanup('execute', preview.asOf)
    expect(executed.total).toBe(preview.total)
    expect(executed.after).toBe(1)
    expect((await stage.skills.cleanup('execute')).total).toBe(1)
    if (stage.table !== undefined) {
      for (let index = 0; index < 30; index++) await stage.skills.save(ARCHITECT, `old ${index}`)
      await scene.advance('7d')
      expect(await stage.table.sweep({ limit: 20 })).toMatchObject({ deleted: 20, more: true })
      expect(await stage.table.sweep({ limit: 20 })).toMatchObject({ deleted: 10, more: false })
    }
  })
}, SWEPT)

onEachBackend((open, name) => {
  it('trap M1: an index by what is due now is none that a database takes; the one that is proposed serves, and without one a sweep says so instead of reading everything', async () => {
    await using scene = await open()
    await using stage = await stageOn(scene)
    const now = name === 'PostgreSQL' ? 'now()' : `unixepoch('now')`
    const theirs = async () => {
      await stage.script(`CREATE INDEX theirs ON memories (id) WHERE expires_at <= ${now}`)
      // SQLite notices with the first row.
      await stage.skills.save(ARCHITECT, 'x')
    }
    await expect(theirs()).rejects.toThrow(/immutable|non-deterministic/i)
    await stage.script('DROP INDEX IF EXISTS theirs')
    await stage.table!.check()
    const [, index] = /INDEX (?:CONCURRENTLY )?(?:IF NOT EXISTS )?("[^"]+"|\S+)/.exec(stage.table!.indexSql()) ?? []
    await stage.script(`DROP INDEX ${index}`)
    await using bare = await stageOn(scene)
    await bare.script(`DROP INDEX ${index}`)
    await expect(bare.table!.check()).rejects.toMatchObject({ code: 'TTL_UNSUPPORTED' })
    await expect(bare.table!.sweep()).rejects.toThrow(/CREATE INDEX/)
  })

  it('trap M2, trap M5: an hour is an hour and seven days are 604 800 seconds, whatever the zones of process and session, also over a change of the clocks', async () => {
    for (const zone of ['America/New_York', 'Asia/Tokyo', 'UTC']) {
      await inZone(zone, async () => {
        await using scene = await open()
        await using stage = await stageOn(scene, { settings: `-c TimeZone=${zone}` })
        await scene.advance({ milliseconds: Date.UTC(2100, 2, 12) - scene.clock.now() }) // clocks change on the 14th
        await stage.skills.save(ARCHITECT, 'a week')
        const namespace = 'session_issues_2100_03'
        await stage.archive.put({ namespace, ...checkpoint('i', 'an hour'), ttl: '1h' })
        const week = await stage.skills.resume(ARCHITECT)
        expect(Number(week?.expiresAt) - scene.clock.now()).toBe(604_800_000)
        await scene.advance('59m59s999ms')
        expect((await stage.archive.newest({ prefix: 'session_issues_' }))?.content).toBe('an hour')
        await scene.advance('1ms')
        expect(await stage.archive.newest({ prefix: 'session_issues_' })).toBeUndefined()
      })
    }
  })

  it('trap M4: in a transaction that is open for long, what expires meanwhile is hidden all the same', async () => {
    await using scene = await open()
    await using stage = await stageOn(scene, { ownClock: true })
    await stage.archive.put({ namespace: 'n', ...checkpoint('s', 'x'), ttl: '400ms' })
    const live = `SELECT content FROM memories WHERE ${stage.table!.live()}`
    const client = await stage.connect()
    try {
      await client.query('BEGIN')
      const early = await client.query(live)
      await wait(500)
      expect(await client.query(live)).toEqual([])
      await client.query('COMMIT')
      expect(early.length).toBeLessThanOrEqual(1)
    } finally {
      await client.end()
    }
  })

  it('trap M8: a view makes the condition the only way to read: no query of the application can forget it', async () => {
    await using scene = await open()
    await using stage = await stageOn(scene, { ownClock: true })
    await stage.script(`CREATE VIEW live_memories AS SELECT * FROM memories WHERE ${stage.table!.live()}`)
    await stage.archive.put({ namespace: 'n', ...checkpoint('s', 'short'), ttl: '100ms' })
    await stage.archive.put({ namespace: 'n', ...checkpoint('s', 'long'), ttl: '7d' })
    await wait(150)
    expect(await stage.query('SELECT content FROM live_memories')).toEqual([{ content: 'long' }])
    expect(await stage.query('SELECT content FROM memories')).toHaveLength(2)
  })
}, TABLES)

inRealTime(
  (open) => {
    it('trap M3: the clock of the database writes the deadline and judges it: an application that is hours off changes nothing', async () => {
      await using scene = await open()
      await using stage = await stageOn({ ...scene, clock: { now: () => 0 } }, { ownClock: true })
      const real = Date.now()
      try {
        vi.spyOn(Date, 'now').mockReturnValue(real + 5 * 3_600_000)
        await stage.archive.put({ namespace: 'pt2_project', ...checkpoint('s', 'x'), ttl: '1h' })
        const saved = await stage.skills.resume('s')
        expect(saved?.content).toBe('x')
        expect(Number(saved?.expiresAt) - Number(saved?.createdAt)).toBe(3_600_000)
        expect(Math.abs(Number(saved?.createdAt) - real)).toBeLessThan(60_000)
      } finally {
        vi.restoreAllMocks()
      }
    })

    it('trap M2: a column of times without a zone is refused before anything is written or deleted by it', async () => {
      await using _scene = await open()
      const pool = new pg.Pool({ connectionString: inject('postgresUrl') })
      const schema = `naive_${process.pid}_${Date.now()}`
      try {
        await pool.query(
          `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.memories (id int, category text, namespace text, expires_at timestamp)`,
        )
        const table = expiringTable(pool, { ...ADOPTED, schema })
        await expect(table.check()).rejects.toMatchObject({
          code: 'TTL_INVALID',
          message: expect.stringContaining('zone'),
        })
      } finally {
        await pool.query(`DROP SCHEMA ${schema} CASCADE`)
        await pool.end()
      }
    })
  },
  ['PostgreSQL'],
)
