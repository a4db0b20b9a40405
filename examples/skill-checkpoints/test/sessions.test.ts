import { inRealTime, onEachBackend, START } from '@ttl/backends'
import { instant } from '@ttl/core'
import { describe, expect, it } from 'vitest'
import { LEGACY, namespaceOf, PERMANENT, SESSION_TTL_DAYS } from '../src/index.ts'
import { ARCHITECT, COUNTING, DAY, stageOn } from './support.ts'

const T0 = Date.parse(START)

describe('namespaces', () => {
  it('M12: each skill with sessions has namespaces of its own, one a month', () => {
    const january = instant('2026-01-15T12:00:00Z')
    const skills = ['lead-architect', 'backend-service-builder', 'api-builder', 'issues']
    expect(skills.map((skill) => namespaceOf(`skill:${skill}`, january))).toEqual([
      'session_lead_architect_2026_01',
      'session_backend_2026_01',
      'session_api_2026_01',
      'session_issues_2026_01',
    ])
  })
})

onEachBackend((open) => {
  it('M1: a checkpoint lives for 604 800 seconds, which one constant says, and remembers its seven days', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    await stage.skills.save(ARCHITECT, 'step 1')
    const saved = await stage.skills.resume(ARCHITECT)
    expect(SESSION_TTL_DAYS).toBe(7)
    expect(Number(saved?.expiresAt) - Number(saved?.createdAt)).toBe(604_800_000)
    expect(saved?.metadata).toMatchObject({ type: 'session_checkpoint', ttl_days: 7 })
    await using other = await stageOn(scene, { ttlDays: 30 })
    await other.skills.save('skill:issues', 'step 1')
    const longer = await other.skills.resume('skill:issues')
    expect(Number(longer?.expiresAt) - T0).toBe(30 * DAY)
  })

  it('M2: what is remembered without a deadline is permanent', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    await stage.skills.remember('arch_decisions', 'we use a queue')
    await scene.advance('3650d')
    await stage.skills.cleanup('execute')
    expect((await stage.skills.monitor()).overall).toMatchObject({ total: 1, permanent: 1 })
  })

  it('M3: it can be resumed after six days, 23 hours and 59 minutes, to the last millisecond, and at seven days it cannot', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    await stage.skills.save(ARCHITECT, 'step 1')
    await scene.advance({ days: 6, hours: 23, minutes: 59 })
    expect((await stage.skills.resume(ARCHITECT))?.content).toBe('step 1')
    await scene.advance({ seconds: 59, milliseconds: 999 })
    expect((await stage.skills.resume(ARCHITECT))?.content).toBe('step 1')
    await scene.advance('1ms')
    expect(await stage.skills.resume(ARCHITECT)).toBeUndefined()
  })

  it('M5: a clean-up deletes what has expired and nothing else: no future deadline, nothing permanent, none of the three tiers', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    for (const tier of PERMANENT) await stage.skills.remember(tier, `kept in ${tier}`)
    await stage.skills.save(ARCHITECT, 'old')
    await scene.advance('4d')
    await stage.skills.save(ARCHITECT, 'new')
    await scene.advance('3d')
    await stage.skills.cleanup('execute')
    const { overall, namespaces } = await stage.skills.monitor()
    expect(overall).toMatchObject({ permanent: 3, active: 1 })
    for (const tier of PERMANENT)
      expect(namespaces).toContainEqual(expect.objectContaining({ namespace: tier, permanent: 1 }))
    expect((await stage.skills.resume(ARCHITECT))?.content).toBe('new')
  })

  it('M9: afterwards a clean-up tells what is left that will expire, the next and the last deadline of each namespace, and the totals before and after', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    await stage.skills.save(ARCHITECT, 'old')
    await scene.advance('6d')
    await stage.skills.save(ARCHITECT, 'a')
    await scene.advance('1d')
    await stage.skills.save(ARCHITECT, 'b')
    const { before, after, total, remaining } = await stage.skills.cleanup('execute')
    expect(before - after).toBe(total)
    expect(remaining).toEqual([
      {
        namespace: 'session_lead_architect_2100_01',
        entries: 2,
        next: instant(new Date(T0 + 13 * DAY)),
        last: instant(new Date(T0 + 14 * DAY)),
      },
    ])
  })

  it('M10: permanent, active and expired add up to the total, of each namespace and of all; with percentages and the last activity', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    await stage.skills.save(ARCHITECT, 'old')
    await scene.advance('7d')
    await stage.skills.remember('arch_decisions', 'kept')
    await stage.skills.save('skill:issues', 'new')
    const { namespaces, overall, percent, size, lastActivity } = await stage.skills.monitor()
    for (const share of [...namespaces, overall])
      expect(share.permanent + share.active + share.expired).toBe(share.total)
    expect(namespaces.reduce((sum, { total }) => sum + total, 0)).toBe(overall.total)
    const gone = scene.name === 'Redis' ? 0 : 1
    expect(overall).toMatchObject({ permanent: 1, active: 1, expired: gone })
    expect(percent.permanent).toBe(gone === 0 ? 50 : 33.3)
    expect(Number(lastActivity)).toBe(T0 + 7 * DAY)
    if (stage.table !== undefined) expect(size).toBeGreaterThan(0)
  })

  it('M11: the next and the last deadline are those of what lives, namespace by namespace', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    await stage.skills.save(ARCHITECT, 'dead')
    await scene.advance('7d')
    await stage.skills.save(ARCHITECT, 'live')
    await stage.skills.save('skill:issues', 'live')
    await stage.skills.remember('arch_decisions', 'permanent')
    const { remaining } = await stage.skills.monitor()
    const at = instant(new Date(T0 + 14 * DAY))
    expect(remaining).toEqual([
      { namespace: 'session_issues_2100_01', entries: 1, next: at, last: at },
      { namespace: 'session_lead_architect_2100_01', entries: 1, next: at, last: at },
    ])
  })

  it('M13: saved on the last of January it is resumed on the first of February, and so over New Year; the month is that of UTC', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    await scene.advance({ days: 30, hours: 23, minutes: 59 })
    await stage.skills.save(ARCHITECT, 'January')
    await scene.advance('1m')
    expect((await stage.skills.resume(ARCHITECT))?.namespace).toBe('session_lead_architect_2100_01')
    await stage.skills.save(ARCHITECT, 'February')
    expect((await stage.skills.resume(ARCHITECT))?.namespace).toBe('session_lead_architect_2100_02')
    await scene.advance({ milliseconds: Date.UTC(2100, 11, 31, 23, 59) - scene.clock.now() })
    await stage.skills.save(ARCHITECT, 'December')
    await scene.advance('1m')
    expect((await stage.skills.resume(ARCHITECT))?.namespace).toBe('session_lead_architect_2100_12')
  })

  it('M14: a skill without sessions of its own keeps its checkpoints in the project, for good', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    for (const skill of ['skill:frontend-design', 'skill:skill-creator', 'constructor']) {
      await stage.skills.save(skill, `of ${skill}`)
      const saved = await stage.skills.resume(skill)
      expect(saved).toMatchObject({ namespace: LEGACY, content: `of ${skill}`, expiresAt: undefined })
    }
  })

  it('M15: the newest that lives is resumed: one that is newer and has expired is passed over, and after all months that from before there were any is found', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    const metadata = { type: 'session_checkpoint', skill: ARCHITECT }
    await stage.archive.put({ namespace: LEGACY, category: 'session', content: 'legacy', metadata })
    await scene.advance('1d')
    await stage.skills.save(ARCHITECT, 'older, lives')
    await scene.advance('1h')
    const namespace = 'session_lead_architect_2100_01'
    await stage.archive.put({ namespace, category: 'session', content: 'newer, dies', metadata, ttl: '1h' })
    expect((await stage.skills.resume(ARCHITECT))?.content).toBe('newer, dies')
    await scene.advance('1h')
    expect((await stage.skills.resume(ARCHITECT))?.content).toBe('older, lives')
    await scene.advance('7d')
    expect((await stage.skills.resume(ARCHITECT))?.content).toBe('legacy')
  })

  it('of two that were saved at the same instant the second is resumed', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    for (const content of ['first', 'second']) await stage.skills.save(ARCHITECT, content)
    expect((await stage.skills.resume(ARCHITECT))?.content).toBe('second')
  })

  it('M16: only checkpoints are resumed: a note in the same namespace is not one', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn(scene)
    await stage.skills.save(ARCHITECT, 'checkpoint')
    await scene.advance('1m')
    const namespace = namespaceOf(ARCHITECT, await stage.archive.now())
    await stage.archive.put({ namespace, category: 'note', content: 'note', metadata: { type: 'note' }, ttl: '7d' })
    expect((await stage.skills.resume(ARCHITECT))?.content).toBe('checkpoint')
  })
})

onEachBackend(
  (open) => {
    it('what another process saved later is newer, however much this one has saved', async () => {
      await using scene = await open(COUNTING)
      await using stage = await stageOn(scene)
      for (const content of ['one', 'two', 'three']) await stage.skills.save(ARCHITECT, content)
      await scene.advance('1s')
      await using other = await stageOn({ ...scene, backend: scene.open() })
      await other.skills.save(ARCHITECT, 'of the other')
      expect((await stage.skills.resume(ARCHITECT))?.content).toBe('of the other')
    })
  },
  ['memory', 'Redis'],
)

inRealTime((open) => {
  it('M3: in real time, by the clock of the server: it is resumed, and once its time is over it is not', async () => {
    await using scene = await open(COUNTING)
    await using stage = await stageOn({ ...scene, clock: { now: () => 0 } }, { ownClock: true })
    const metadata = { type: 'session_checkpoint', skill: 's' }
    await stage.archive.put({ namespace: LEGACY, category: 'session', content: 'x', metadata, ttl: '1s' })
    const put = performance.now()
    const found = await stage.skills.resume('s')
    // On a machine that stood still meanwhile nothing is known.
    if (performance.now() - put < 900) expect(found?.content).toBe('x')
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect(await stage.skills.resume('s')).toBeUndefined()
  })
})
