import { afterEach, describe, expect, it, vi } from 'vitest'
import { pause, systemTimers } from '../../src/clock.ts'
import { never } from '../../src/lifetime.ts'
import { entries, sleeper } from './fixture.ts'

const MINUTE = 60_000

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('a sweeper sleeps', () => {
  it('until the next deadline, and removes then what has one', async () => {
    const { clock, ns, start, slept, stored, mostTimers } = sleeper()
    await ns.setMany([
      ['soon', 1, { ttl: '10m' }],
      ['late', 1, { ttl: '40m' }],
      ['never', 1, { ttl: never }],
    ])
    const sweeper = start({ interval: '1h' })
    const [first = 0] = slept()
    expect(first).toBeLessThanOrEqual(1_000)
    await clock.run('599999ms')
    expect(slept()).toEqual([10 * MINUTE - first])
    expect(await stored()).toBe(3)
    await clock.run('1ms')
    expect(await stored()).toBe(2)
    expect(slept()).toEqual([30 * MINUTE])
    await clock.run('30m')
    expect(await stored()).toBe(1)
    expect(slept()).toEqual([60 * MINUTE])
    expect((await sweeper.status()).deleted).toBe(2)
    expect(mostTimers()).toBe(1)
  })

  it('no longer than the interval: others may have written something meanwhile', async () => {
    const { clock, ns, start, slept, stored } = sleeper()
    start({ interval: '1m' })
    await clock.run('1s')
    await ns.set('short', 1, { ttl: '5s' })
    await clock.run('1m')
    expect(slept().slice(1)).toEqual([MINUTE, MINUTE])
    expect(await stored()).toBe(0)
  })

  it('no shorter than minDelay, however closely deadlines follow each other', async () => {
    const { clock, ns, start, slept, calls, stored } = sleeper()
    for (let ms = 1; ms <= 20_000; ms += 100) await ns.set(`k${ms}`, 1, { ttl: { milliseconds: ms } })
    start({ minDelay: '2s', interval: '1m' })
    await clock.run('25s')
    expect(await stored()).toBe(0)
    expect(
      slept()
        .slice(1)
        .every((ms) => ms >= 2_000),
    ).toBe(true)
    expect(calls.sweep).toBeLessThanOrEqual(12)
  })

  it('no shorter than minDelay, also where it wakes just before a deadline', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const { clock, ns, start, slept } = sleeper()
    await ns.set('k', 1, { ttl: '1100ms' })
    start()
    await clock.run('600ms')
    expect(slept()).toEqual([500, 1_000])
  })

  it('shorter by up to the jitter, never longer', async () => {
    const { clock, start, slept } = sleeper()
    start({ interval: '1m', jitter: 0.5 })
    await clock.run('3h')
    const sleeps = slept().slice(1)
    expect(sleeps.length).toBeGreaterThan(200)
    expect(Math.min(...sleeps)).toBeGreaterThanOrEqual(MINUTE / 2)
    expect(Math.min(...sleeps)).toBeLessThan(MINUTE * 0.55)
    expect(Math.max(...sleeps)).toBeGreaterThan(MINUTE * 0.95)
    expect(Math.max(...sleeps)).toBeLessThanOrEqual(MINUTE)
  })

  it('up to minDelay before its first look, so that processes that start together do not look together', () => {
    const firsts = Array.from({ length: 50 }, () => {
      const { start, slept } = sleeper()
      start({ minDelay: '10s', interval: '1m' })
      return slept()[0] ?? 0
    })
    expect(Math.max(...firsts)).toBeLessThanOrEqual(10_000)
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(2_000)
  })

  it('at most an interval, also when the clock of the backend is set back', async () => {
    let back = 0
    const { clock, ns, start, slept } = sleeper(() => ({ now: () => clock.now() - back }))
    await ns.set('k', 1, { ttl: '10m' })
    start({ interval: '1m' })
    await clock.run('11m')
    back = 86_400_000
    slept()
    await ns.set('k', 1, { ttl: '10m' })
    await clock.run('20m')
    expect(slept().every((ms) => ms <= MINUTE)).toBe(true)
  })

  it('through months, also where timers wake early', async () => {
    const { clock, ns, stored, slept, store } = sleeper()
    await ns.set('k', 1, { ttl: '60d' })
    const day = 24 * 60 * MINUTE
    const early = { after: (ms: number, callback: () => unknown) => clock.after(Math.min(ms, 24 * day), callback) }
    store.startSweeper({ interval: '90d', timers: early })
    await clock.run('59d')
    expect(await stored()).toBe(1)
    await clock.run('1d')
    expect(await stored()).toBe(0)
    expect(slept()).toEqual([])
  })

  it('longer than a timer of the platform can, without overflow', async () => {
    const { store, calls } = sleeper()
    const warned = vi.fn()
    process.on('warning', warned)
    const sweeper = store.startSweeper({ minDelay: '1ms', interval: '100d' })
    await pause(60)
    await sweeper.stop()
    process.off('warning', warned)
    expect(calls.nextDue).toBe(1)
    expect(warned).not.toHaveBeenCalled()
    const fired = vi.fn()
    const cancel = systemTimers.after(2 ** 31, fired)
    await pause(20)
    cancel()
    expect(fired).not.toHaveBeenCalled()
  })
})

describe('a backlog', () => {
  /** A backend whose batches take time: `batchMs` each, on a stopwatch that is in the hands of the test as well. */
  function backlog(rows: number, batchMs: number, busyMs?: number) {
    let rest = rows
    const made = sleeper(() => ({
      nextDue: () => (rest > 0 ? 0 : undefined),
      sweep: ({ limit }) => {
        made.clock.advance({ milliseconds: batchMs })
        const count = Math.min(limit, rest)
        rest -= count
        return { deleted: new Map([['n', count]]), more: rest > 0, busyMs }
      },
    }))
    vi.stubGlobal('performance', { now: () => made.clock.now() })
    return { ...made, rest: () => rest }
  }

  it('is worked off at once, in batches, with pauses that leave the backend most of its time', async () => {
    const { clock, start, slept, rest, calls } = backlog(5_000, 20)
    start()
    await clock.run('10s')
    expect(rest()).toBe(0)
    expect(calls.sweep).toBe(5)
    // 20 ms of work and 380 ms of pause are 5 %.
    expect(slept().slice(1, 5)).toEqual([380, 380, 380, 380])
  })

  it('is paced by what the store was busy with, where it tells: waiting for an answer is no work of it', async () => {
    const { clock, start, slept, rest } = backlog(5_000, 200, 10)
    start()
    await clock.run('10s')
    expect(rest()).toBe(0)
    expect(slept().slice(1, 5)).toEqual([190, 190, 190, 190])
  })

  it.each([-1, Number.NaN])('is paced by the wait where the store tells no length of time, but %s', async (busyMs) => {
    const { clock, start, slept } = backlog(5_000, 20, busyMs)
    start()
    await clock.run('10s')
    expect(slept().slice(1, 5)).toEqual([380, 380, 380, 380])
  })

  it('is worked off without a pause where all of the time may be taken', async () => {
    const { clock, start, slept, rest } = backlog(5_000, 20)
    start({ dutyCycle: 1 })
    await clock.run('2s')
    expect(rest()).toBe(0)
    expect(slept().slice(1, 5)).toEqual([0, 0, 0, 0])
  })

  it('of ten million takes a little more than an hour by default where a batch takes 20 ms, and no more than 5 % of it', async () => {
    const { clock, start, rest, calls } = backlog(10_000_000, 20)
    const begin = clock.now()
    const sweeper = start()
    while (rest() > 0) await clock.run('1m')
    const took = clock.now() - begin
    expect(took).toBeLessThan(70 * MINUTE)
    const { lastRun } = await sweeper.status()
    expect(lastRun).toMatchObject({ deleted: 10_000_000, batches: 10_000, tookMs: 200_000 })
    expect(200_000 / took).toBeLessThanOrEqual(0.05)
    expect(calls.sweep).toBe(10_000)
  })

  it('of ten is gone at its time by default, and a day of waiting costs a question a minute', async () => {
    const { clock, ns, start, stored, calls } = sleeper()
    await ns.setMany(entries(10).map(([key, value]) => [key, value, { ttl: { hours: value + 1 } }]))
    start({ jitter: 0.1 })
    for (let hour = 1; hour <= 10; hour++) {
      await clock.run('1h')
      await clock.run('1s')
      expect(await stored()).toBe(10 - hour)
    }
    await clock.run('14h')
    expect(calls.sweep).toBe(10)
    expect(calls.nextDue).toBeLessThan(1_650)
  })

  it('that is held by somebody else is asked for again after minDelay, not at once', async () => {
    const { clock, start, calls } = sleeper(() => ({
      nextDue: () => 0,
      sweep: () => ({ deleted: new Map(), more: false }),
    }))
    start({ minDelay: '5s' })
    await clock.run('1m')
    expect(calls.sweep).toBeGreaterThan(9)
    expect(calls.sweep).toBeLessThanOrEqual(13)
  })

  it('that grows as fast as it shrinks does not keep one run going: each ends at its own cut-off', async () => {
    const { clock, store, ns, start } = sleeper((healthy) => ({
      sweep: (request) => {
        void ns.set(`new${clock.now()}`, 1, { ttl: '1ms' })
        clock.advance('2ms')
        return healthy.sweep(request)
      },
    }))
    await ns.setMany(entries(50).map(([key, value]) => [key, value, { ttl: '1s' }]))
    let ends = 0
    await store.on('sweep.end', ({ more }) => {
      expect(more).toBe(false)
      ends++
    })
    start({ batch: 10 })
    await clock.run('10s')
    expect(ends).toBeGreaterThan(3)
  })
})

describe('a sweeper of one namespace', () => {
  it('removes nothing of another, and looks once an interval', async () => {
    const { clock, store, ns, start, slept, stored, calls } = sleeper()
    const other = store.namespace('other')
    await ns.setMany(entries(30).map(([key, value]) => [key, value, { ttl: '90s' }]))
    await other.setMany(entries(30).map(([key, value]) => [key, value, { ttl: '1s' }]))
    start({ namespace: 'n', batch: 7 })
    await clock.run('90s')
    expect(await stored()).toBe(60)
    await clock.run('1m')
    expect(await stored()).toBe(30)
    expect((await store.stats()).map(({ namespace }) => namespace)).toEqual(['other'])
    expect(calls.nextDue).toBeUndefined()
    await clock.run('10m')
    expect(slept().filter((ms) => ms > 1_000)).toEqual(Array.from({ length: 13 }, () => MINUTE))
  })
})

describe('a sweeper of a backend that cannot tell what is due', () => {
  it('looks once an interval', async () => {
    const { clock, ns, start, slept, stored } = sleeper((healthy) => ({
      capabilities: { ...healthy.capabilities, due: false },
      due: undefined,
      nextDue: undefined,
    }))
    await ns.setMany(entries(3).map(([key, value]) => [key, value, { ttl: '10s' }]))
    const sweeper = start()
    await clock.run('2m')
    expect(await stored()).toBe(0)
    expect(slept().slice(1)).toEqual([MINUTE, MINUTE])
    expect((await sweeper.status()).lagMs).toBeUndefined()
  })
})
