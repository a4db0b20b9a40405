import { onEachBackend } from '@ttl/backends'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ARCHITECT, SWEPT, stageOn, TABLES } from './support.ts'

onEachBackend((open, name) => {
  it('M4: what has expired is hidden at once, and counted as expired until it is deleted', async () => {
    await using scene = await open()
    await using stage = await stageOn(scene)
    await stage.skills.save(ARCHITECT, 'step 1')
    await scene.advance('7d')
    expect(await stage.skills.resume(ARCHITECT)).toBeUndefined()
    expect((await stage.skills.monitor()).overall).toMatchObject({ total: 1, expired: 1 })
    await stage.skills.cleanup('execute')
    expect((await stage.skills.monitor()).overall.total).toBe(0)
  })

  it('M6: at every instant each memory is either seen or would be deleted, never both and never neither', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<string | undefined>(undefined, '1ms', '2ms', '3ms', '1d'), {
          minLength: 1,
          maxLength: 8,
        }),
        async (ttls) => {
          await using scene = await open()
          await using stage = await stageOn(scene)
          for (const [index, ttl] of ttls.entries()) {
            const memory = { namespace: `ns${index}`, category: 'c', content: 'x' }
            const metadata = { type: 'session_checkpoint', skill: 's' }
            await stage.archive.put({ ...memory, metadata, ttl: ttl as '1ms' | undefined })
          }
          for (let ms = 0; ms < 5; ms++) {
            const deletable = new Set((await stage.skills.cleanup()).namespaces.map(({ namespace }) => namespace))
            for (const index of ttls.keys()) {
              const namespace = `ns${index}`
              const seen = (await stage.archive.newest({ namespace, skill: 's' })) !== undefined
              expect(seen).toBe(!deletable.has(namespace))
            }
            await scene.advance('1ms')
          }
        },
      ),
      { numRuns: 6 },
    )
  })

  it('M7: a clean-up only previews unless it is told otherwise: counts and first and last deadline of each namespace, most first, and at most twenty samples, the last that expired first', async () => {
    await using scene = await open()
    await using stage = await stageOn(scene)
    for (let index = 0; index < 25; index++) {
      await stage.skills.save(ARCHITECT, `${index}: ${'a long checkpoint '.repeat(5)}`)
      await scene.advance('1m')
    }
    for (let index = 0; index < 3; index++) await stage.skills.save('skill:issues', `issue ${index}`)
    await stage.skills.remember('arch_decisions', 'kept')
    await scene.advance('7d')
    const before = await stage.skills.monitor()
    const preview = await stage.skills.cleanup()
    expect(preview).toMatchObject({ mode: 'preview', total: 28, more: true })
    expect(preview.namespaces.map(({ namespace, expired }) => [namespace, expired])).toEqual([
      ['session_lead_architect_2100_01', 25],
      ['session_issues_2100_01', 3],
    ])
    for (const { oldest, newest } of preview.namespaces) expect(Number(oldest)).toBeLessThanOrEqual(Number(newest))
    expect(preview.samples).toHaveLength(20)
    const deadlines = preview.samples.map(({ expiresAt }) => Number(expiresAt))
    expect(deadlines).toEqual(deadlines.toSorted((a, b) => b - a))
    if (name !== 'memory') {
      expect(preview.samples.at(-1)).toMatchObject({ category: 'session', type: 'session_checkpoint' })
      expect(preview.samples.at(-1)?.head).toHaveLength(50)
    }
    expect(await stage.skills.monitor()).toEqual(before)
  })

  it('M8: executed, it tells how many of each namespace and category it deleted; they add up to what the table lost and to what the preview said; a second run deletes nothing', async () => {
    await using scene = await open()
    await using stage = await stageOn(scene)
    for (const category of ['session', 'session', 'plan']) await stage.skills.save(ARCHITECT, 'x', category)
    await stage.skills.save('skill:issues', 'x')
    await scene.advance('7d')
    const preview = await stage.skills.cleanup()
    const executed = await stage.skills.cleanup('execute')
    expect(
      executed.deleted.toSorted((a, b) => `${a.namespace}${a.category}`.localeCompare(`${b.namespace}${b.category}`)),
    ).toEqual([
      { namespace: 'session_issues_2100_01', category: 'session', deleted: 1 },
      { namespace: 'session_lead_architect_2100_01', category: 'plan', deleted: 1 },
      { namespace: 'session_lead_architect_2100_01', category: 'session', deleted: 2 },
    ])
    expect(executed.total).toBe(preview.total)
    expect(executed.before - executed.after).toBe(executed.total)
    expect(await stage.skills.cleanup('execute')).toMatchObject({ total: 0, deleted: [] })
  })
}, SWEPT)

onEachBackend((open, name) => {
  it('M17: the same clean-up as a line for cron and, on PostgreSQL, for pg_cron: run twice it deletes what has expired, once', async () => {
    await using scene = await open()
    await using stage = await stageOn(scene, { ownClock: true })
    const put = (content: string, ttl?: '1ms' | '7d') =>
      stage.archive.put({ namespace: 'n', category: 'c', content, ...(ttl === undefined ? {} : { ttl }) })
    await put('dead', '1ms')
    await put('live', '7d')
    await put('permanent')
    await new Promise((resolve) => setTimeout(resolve, 20))
    const table = stage.table!
    expect(table.crontab()).toMatch(/^0 3 \* \* \* \S/)
    expect(table.crontab({ schedule: '30 4 * * 0' })).toMatch(/^30 4 \* \* 0 /)
    if (name === 'PostgreSQL') expect((table as unknown as { cronSql(): string }).cronSql()).toContain("'0 3 * * *'")
    for (const _ of [1, 2]) {
      await stage.script(table.sweepSql())
      const rows = await stage.query('SELECT content FROM memories ORDER BY content')
      expect(rows.map(({ content }) => content)).toEqual(['live', 'permanent'])
    }
  })
}, TABLES)
