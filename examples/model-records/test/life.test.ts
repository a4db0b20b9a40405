import { onEachBackend, START } from '@ttl/backends'
import { createStore, epochMs, epochSeconds, instant, never } from '@ttl/core'
import { describe, expect, it } from 'vitest'
import { Model } from '../src/index.ts'
import { ada, CLASS, DAY, left, type Session, stageOn } from './support.ts'

const T0 = Date.parse(START)
/** What nobody may write, whatever the types are made to believe. */
const untyped = (value: unknown) => value as never

describe('a class', () => {
  it('P2: ninety days are 7 776 000 seconds, and the class says so while the program runs', async () => {
    const { memory } = await import('@ttl/core/memory')
    const { sessions } = stageOn({ backend: memory() })
    expect(sessions.meta.ttl?.ms).toBe(7_776_000 * 1000)
    expect(String(sessions.meta.ttl)).toBe('90d')
    expect((await sessions.explain('s')).ttl.from).toBe('namespace')
  })

  it('P3: a class with a ttl of −1, 0, "10" or any bare number is refused where it is defined', async () => {
    const { memory } = await import('@ttl/core/memory')
    const store = createStore({ backend: memory() })
    for (const ttl of [-1, 0, 10, '10', '0s', '-1d', Number.NaN, null]) {
      expect(() => new Model<Session>(store, { ...CLASS, ttl: untyped(ttl) }), String(ttl)).toThrow(
        expect.objectContaining({ code: 'TTL_INVALID' }),
      )
    }
  })
})

onEachBackend((open) => {
  it('P1: right after a save the whole ttl of the class is left, to the millisecond', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    expect(await sessions.save(ada('s'))).toBe('created')
    expect(left(await sessions.expiry('s'))).toBe(90 * DAY)
  })

  it('P4: without a ttl of the class or of the record it lives until it is deleted', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene, { ttl: undefined })
    await sessions.save(ada('s'))
    expect(left(await sessions.expiry('s'))).toBe('never')
    await scene.advance('36500d')
    expect(await sessions.get('s')).toEqual(ada('s'))
  })

  it('P5: every save starts the clock anew: saved on day 0 and on day 60, it is there on day 149 and gone on day 150', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s'))
    await scene.advance('60d')
    expect(await sessions.save(ada('s', { visits: 2 }))).toBe('updated')
    await scene.advance('89d')
    expect(await sessions.get('s')).toEqual(ada('s', { visits: 2 }))
    await scene.advance('1d')
    expect(await sessions.get('s')).toBeUndefined()
  })

  it('P6: a partial save starts it anew too, or gives the record a ttl of its own', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s'))
    await scene.advance('31s')
    await sessions.update('s', { visits: 1 })
    expect(left(await sessions.expiry('s'))).toBe(90 * DAY)
    await sessions.update('s', { visits: 2 }, { ttl: '5s' })
    await scene.advance('4s999ms')
    expect(await sessions.get('s')).toEqual(ada('s', { visits: 2 }))
    await scene.advance('1ms')
    expect(await sessions.get('s')).toBeUndefined()
  })

  it('P7: so does a save that changes nothing; reads, exists and questions do not', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s'))
    for (const _ of [1, 2, 3]) {
      await scene.advance('80d')
      await sessions.save(ada('s'))
    }
    await scene.advance('80d')
    await sessions.get('s')
    await sessions.getMany(['s'])
    await sessions.has('s')
    await sessions.find('user', 'ada')
    await sessions.all()
    await sessions.expiry('s')
    await sessions.explain('s')
    expect(left(await sessions.expiry('s'))).toBe(10 * DAY)
  })

  it('P8: one record may have a ttl of its own, at birth or later; its siblings keep the ninety days', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('short'), { ttl: '1d' })
    await sessions.save(ada('long'))
    await sessions.save(ada('late'))
    await sessions.save(ada('late'), { ttl: '1h' })
    expect(left(await sessions.expiry('short'))).toBe(DAY)
    expect(left(await sessions.expiry('late'))).toBe(DAY / 24)
    await scene.advance('1d')
    expect([...(await sessions.getMany(['short', 'long', 'late'])).keys()]).toEqual(['long'])
  })

  it('P9: a record saved with never is permanent, whatever its class says', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s'), { ttl: never })
    await scene.advance('3650d')
    expect(left(await sessions.expiry('s'))).toBe('never')
  })

  it('P10: a ttl and a deadline at once are a conflict, and nothing is written', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    const both = untyped({ ttl: '1h', expiresAt: '2100-06-01T00:00:00Z' })
    await expect(sessions.save(ada('s'), both)).rejects.toMatchObject({ code: 'TTL_CONFLICT' })
    expect(await sessions.has('s')).toBe(false)
  })

  it('P11: a deadline given to one record replaces the ttl of its class', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s'), { expiresAt: epochMs(T0 + 5 * DAY) })
    expect(left(await sessions.expiry('s'))).toBe(5 * DAY)
  })

  it('P12: a record ends at exactly the instant that it was given', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('year'), { expiresAt: '2100-12-31T23:59:59Z' })
    await sessions.save(ada('hours'), { expiresAt: epochMs(T0 + 21_600_000) })
    expect(left(await sessions.expiry('hours'))).toBe(21_600_000)
    await scene.advance({ milliseconds: instant('2100-12-31T23:59:59Z').epochMilliseconds - T0 - 1 })
    expect(await sessions.has('year')).toBe(true)
    await scene.advance('1ms')
    expect(await sessions.has('year')).toBe(false)
  })

  it('P13: a deadline is kept to the millisecond; who wants whole seconds rounds', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('exact'), { expiresAt: epochMs(T0 + 100_750) })
    await sessions.save(ada('floored'), { expiresAt: epochSeconds(Math.floor((T0 + 100_750) / 1000)) })
    expect(left(await sessions.expiry('exact'))).toBe(100_750)
    expect(left(await sessions.expiry('floored'))).toBe(100_000)
  })

  it('P14: a save that says nothing of expiry keeps what the record lives by: its ttl starts anew, its deadline stays; with keep nothing moves', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene, { ttl: undefined })
    await sessions.save(ada('ttl'), { ttl: '1h' })
    await sessions.save(ada('kept'), { ttl: '1h' })
    await sessions.save(ada('deadline'), { expiresAt: epochMs(T0 + 3_600_000) })
    await scene.advance('30m')
    await sessions.save(ada('ttl', { visits: 1 }))
    await sessions.save(ada('kept', { visits: 1 }), { expiry: 'keep' })
    await sessions.save(ada('deadline', { visits: 1 }))
    expect(left(await sessions.expiry('ttl'))).toBe(3_600_000)
    expect(left(await sessions.expiry('kept'))).toBe(1_800_000)
    expect(left(await sessions.expiry('deadline'))).toBe(1_800_000)
  })

  it('P15: a deadline that has passed removes the record at once from get, count and exists; a ttl of 0 or less is refused and changes nothing', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s'))
    for (const ttl of ['0s', '-5s', 0, -1]) {
      await expect(sessions.save(ada('s', { visits: 9 }), untyped({ ttl }))).rejects.toMatchObject({
        code: 'TTL_INVALID',
      })
    }
    expect(await sessions.get('s')).toEqual(ada('s'))
    expect(await sessions.save(ada('s'), { expiresAt: epochMs(T0 - 1) })).toBe('ended')
    expect(await sessions.save(ada('new'), { expiresAt: epochMs(T0) })).toBe('ended')
    expect(await sessions.get('s')).toBeUndefined()
    expect(await sessions.has('new')).toBe(false)
    expect(await sessions.count()).toBe(0)
  })

  it('P16: a ttl that is no whole number of anything is refused before anything is written', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    for (const ttl of [1.5, '1.5', 'soon', '']) {
      await expect(sessions.save(ada('s'), untyped({ ttl })), String(ttl)).rejects.toMatchObject({
        code: 'TTL_INVALID',
      })
    }
    expect(await sessions.has('s')).toBe(false)
  })

  it('P19: a record is there one millisecond before its deadline, and gone at it and after it', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s'), { ttl: '10s' })
    await scene.advance('9s999ms')
    expect(await sessions.has('s')).toBe(true)
    await scene.advance('1ms')
    expect(await sessions.has('s')).toBe(false)
    await scene.advance('1ms')
    expect(await sessions.has('s')).toBe(false)
  })

  it('P22: what is left is told as absent, never or the exact time; rounded to seconds a ttl of 60 s has 50 left after 10.4 s and 49 after 10.6', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    const seconds = async () => Math.round(Number(left(await sessions.expiry('s'))) / 1000)
    await sessions.save(ada('s'), { ttl: '60s' })
    await sessions.save(ada('p'), { ttl: never })
    await scene.advance('10s400ms')
    expect(await seconds()).toBe(50)
    await scene.advance('200ms')
    expect(await seconds()).toBe(49)
    expect(left(await sessions.expiry('s'))).toBe(49_400)
    expect(left(await sessions.expiry('p'))).toBe('never')
    expect(left(await sessions.expiry('nobody'))).toBe('absent')
    await scene.advance('50s')
    expect(left(await sessions.expiry('s'))).toBe('absent')
  })

  it('P31: a record of a class without a ttl may have one of its own', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene, { ttl: undefined })
    await sessions.save(ada('s'), { ttl: '1h' })
    await scene.advance('1h')
    expect(await sessions.has('s')).toBe(false)
  })

  it('P33: when a class loses its ttl, records keep the life they were promised, new ones live on, and adopt moves the old ones', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('old'))
    await sessions.save(ada('adopted'))
    const { sessions: without } = stageOn(scene, { ttl: undefined })
    await without.save(ada('new'))
    expect(left(await without.expiry('old'))).toBe(90 * DAY)
    expect(left(await without.expiry('new'))).toBe('never')
    await without.adopt('adopted')
    expect(left(await without.expiry('adopted'))).toBe('never')
  })
})
