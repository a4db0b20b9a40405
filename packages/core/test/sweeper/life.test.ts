import { execFile } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import type { StoreEvents } from '../../src/events.ts'
import { entries, sleeper } from './fixture.ts'

/** A backend that fails as often as it is told, and tells how large its batches were. */
function flaky() {
  const limits: number[] = []
  const outage = { left: 0 }
  const made = sleeper((healthy) => ({
    sweep: (request) => {
      limits.push(request.limit)
      if (outage.left-- > 0) throw new Error('no connection')
      return healthy.sweep(request)
    },
    classify: () => ({ retryable: true }),
  }))
  return { ...made, limits, outage }
}

describe('a sweeper whose backend fails', () => {
  it('says so, waits longer each time, tries smaller batches, and goes on when it can', async () => {
    const { clock, store, ns, start, slept, stored, limits, outage } = flaky()
    await ns.setMany(entries(3_000).map(([key, value]) => [key, value, { ttl: '1s' }]))
    const errors: StoreEvents['sweep.error'][] = []
    await store.on('sweep.error', (event) => errors.push(event))
    outage.left = 8
    const sweeper = start({ interval: '1m', dutyCycle: 1 })
    await clock.run('20s')
    const failing = await sweeper.status()
    expect(failing).toMatchObject({ state: 'failing', deleted: 0, lastError: { code: 'TTL_BACKEND', retryable: true } })
    expect(failing.failures).toBeGreaterThanOrEqual(4)
    await clock.run('10m')
    expect(await stored()).toBe(0)
    expect(errors.map(({ failures }) => failures)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    for (const [index, { retryInMs, error }] of errors.entries()) {
      const longest = Math.min(60_000, 1_000 * 2 ** (index + 1))
      expect(retryInMs).toBeGreaterThanOrEqual(longest / 2)
      expect(retryInMs).toBeLessThanOrEqual(longest)
      expect(error.operation).toBe('sweeper')
    }
    expect(slept()).toEqual(expect.arrayContaining(errors.map(({ retryInMs }) => retryInMs)))
    expect(limits.slice(0, 9)).toEqual([1_000, 500, 250, 125, 62, 31, 15, 7, 3])
    expect(limits.slice(9, 20)).toEqual([6, 12, 24, 48, 96, 192, 384, 768, 1_000, 1_000])
    const { state, failures, lastError, deleted } = await sweeper.status()
    expect([state, failures, lastError?.code, deleted]).toEqual(['waiting', 0, 'TTL_BACKEND', 3_000])
  })

  it('sweeps what expires later, although something can never be removed', async () => {
    const { clock, ns, start, stored } = sleeper((healthy) => ({
      // Removes what it can, and then fails on what a table holds fast.
      sweep: async (request) => {
        const swept = await healthy.sweep(request)
        if (!swept.more) throw new Error('a row is held by another')
        return swept
      },
      classify: () => ({ retryable: false }),
    }))
    await ns.set('first', 1, { ttl: '1s' })
    await ns.set('later', 1, { ttl: '2m' })
    const sweeper = start({ interval: '10s' })
    await clock.run('1m')
    expect(await stored()).toBe(1)
    await clock.run('2m')
    expect(await stored()).toBe(0)
    expect((await sweeper.status()).lastError?.code).toBe('TTL_BACKEND')
  })

  it('rests no longer than the interval after a batch that took long', async () => {
    const spy = vi.spyOn(performance, 'now')
    let now = 0
    spy.mockImplementation(() => now)
    const { clock, ns, start, slept } = sleeper((healthy) => ({
      sweep: (request) => {
        now += 10_000
        return healthy.sweep(request)
      },
    }))
    await ns.setMany(entries(30).map(([key, value]) => [key, value, { ttl: '1s' }]))
    start({ interval: '1m', batch: 10, jitter: 0 })
    await clock.run('10m')
    expect(Math.max(...slept())).toBe(60_000)
    spy.mockRestore()
  })

  it('never waits shorter than minDelay, nor longer than the interval', async () => {
    const { clock, ns, start, slept, outage } = flaky()
    await ns.set('k', 1, { ttl: '1s' })
    outage.left = 100
    start({ minDelay: '8s', interval: '10s' })
    await clock.run('10m')
    const waits = slept().slice(2)
    expect(waits.length).toBeGreaterThan(40)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(8_000)
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000)
  })

  it('has a status all the same', async () => {
    const { clock, start } = sleeper(() => ({
      nextDue: () => {
        throw new Error('no connection')
      },
    }))
    const sweeper = start()
    await expect(sweeper.status()).rejects.toMatchObject({ code: 'TTL_BACKEND', operation: 'sweeperStatus' })
    await clock.run('5s')
    expect(await sweeper.status()).toMatchObject({ state: 'failing', lagMs: undefined })
  })

  it('takes up the same run where a batch failed', async () => {
    const { clock, store, ns, start, outage } = flaky()
    await ns.setMany(entries(250).map(([key, value]) => [key, value, { ttl: '1s' }]))
    const [starts, ends]: [StoreEvents['sweep.start'][], StoreEvents['sweep.end'][]] = [[], []]
    await store.on('sweep.start', (event) => starts.push(event))
    await store.on('sweep.end', (event) => ends.push(event))
    await store.on('sweep.batch', () => {
      outage.left = starts.length === 1 && ends.length === 0 ? 1 : 0
    })
    start({ batch: 100, dutyCycle: 1 })
    await clock.run('30s')
    expect(starts).toHaveLength(1)
    expect(ends).toMatchObject([{ deleted: 250, more: false }])
  })
})

describe('a sweeper ends', () => {
  /** A backend whose next batch ends when it is told to. */
  function held() {
    const gate = Promise.withResolvers<void>()
    let entered = false
    const made = sleeper((healthy) => ({
      sweep: async (request) => {
        entered = true
        await gate.promise
        return healthy.sweep(request)
      },
    }))
    const running = async () => {
      await made.ns.setMany(entries(10).map(([key, value]) => [key, value, { ttl: '1ms' }]))
      made.clock.advance('10ms')
      const sweeper = made.start({ batch: 4 })
      const ran = made.clock.run('1s')
      while (!entered) await Promise.resolve()
      return { sweeper, ran }
    }
    return { ...made, running, release: gate.resolve }
  }

  const settled = async (promise: Promise<unknown>): Promise<boolean> => {
    let done = false
    void promise.then(() => {
      done = true
    })
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    return done
  }

  it('with stop(), which waits for the batch that runs and tells the end of its run', async () => {
    const { running, release, store, stored, clock, pending, calls } = held()
    const ends: StoreEvents['sweep.end'][] = []
    await store.on('sweep.end', (event) => ends.push(event))
    const { sweeper, ran } = await running()
    const stopped = sweeper.stop()
    const again = sweeper.stop()
    expect(await settled(stopped)).toBe(false)
    release()
    await Promise.all([stopped, again, ran])
    expect(await stored()).toBe(6)
    expect(ends).toMatchObject([{ deleted: 4, more: true, batches: 1 }])
    expect(await sweeper.status()).toMatchObject({ state: 'stopped', deleted: 4, lastRun: { deleted: 4 } })
    expect(pending()).toBe(0)
    await clock.run('1d')
    expect(calls.sweep).toBe(1)
    store.startSweeper({ timers: clock })
    await clock.run('10s')
    expect(await stored()).toBe(0)
  })

  it('with close(), which waits for the batch that runs', async () => {
    const { running, release, store, pending, calls } = held()
    const { sweeper, ran } = await running()
    const closed = store.close()
    expect(await settled(closed)).toBe(false)
    expect(calls.close).toBeUndefined()
    release()
    await Promise.all([closed, ran])
    expect(calls).toMatchObject({ sweep: 1, close: 1 })
    expect(pending()).toBe(0)
    await sweeper.stop()
    expect(() => store.startSweeper()).toThrow(/closed/)
  })

  it('with close() at once while it sleeps', async () => {
    const { clock, start, store, pending } = sleeper()
    start()
    await clock.run('5m')
    expect(pending()).toBe(1)
    await store.close()
    expect(pending()).toBe(0)
  })

  it('with its signal, and leaves no listener on it', async () => {
    const abort = new AbortController()
    const { clock, start, pending, calls } = sleeper()
    const sweeper = start({ signal: abort.signal })
    await clock.run('5m')
    const asked = calls.nextDue
    abort.abort()
    expect((await sweeper.status()).state).toBe('stopped')
    expect(pending()).toBe(0)
    await clock.run('1h')
    expect(calls.nextDue).toBe((asked ?? 0) + 1)
    const other = new AbortController()
    await start({ signal: other.signal }).stop()
    expect(getEventListeners(other.signal, 'abort')).toEqual([])
    const late = start({ signal: abort.signal })
    expect((await late.status()).state).toBe('stopped')
    expect(pending()).toBe(0)
  })

  it('with the block that uses it', async () => {
    const { clock, start, store, pending } = sleeper()
    {
      await using sweeper = start()
      await clock.run('5m')
      expect((await sweeper.status()).state).toBe('waiting')
    }
    expect((await store.sweeperStatus()).state).toBe('stopped')
    expect(pending()).toBe(0)
  })

  it('with its process, which it does not keep running', async () => {
    const strip = process.features.typescript ? [] : ['--experimental-strip-types']
    const child = join(import.meta.dirname, 'child.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [...strip, child], { timeout: 20_000 })
    expect(stdout).toBe('swept 3\n')
  })
})

describe('the status of a sweeper', () => {
  it('tells the last run, and for how long the oldest of what is expired has waited', async () => {
    const { clock, store, ns, start } = sleeper()
    await ns.setMany(entries(5).map(([key, value]) => [key, value, { ttl: '10s' }]))
    await ns.set('late', 1, { ttl: '1h' })
    clock.advance('25s')
    expect(await store.sweeperStatus()).toMatchObject({ state: 'stopped', lagMs: 15_000, lastRun: undefined })
    const sweeper = start()
    const asOf = clock.now()
    await clock.run('1s')
    const { state, lastRun, lagMs, deleted } = await store.sweeperStatus()
    expect([state, lagMs, deleted]).toEqual(['waiting', 0, 5])
    expect(lastRun).toMatchObject({ deleted: 5, batches: 1 })
    expect(lastRun?.asOf.epochMilliseconds).toBeGreaterThanOrEqual(asOf)
    expect(await sweeper.status()).toEqual(await store.sweeperStatus())
  })

  it('is native where there is nothing to do, and the sweeper sleeps for ever', async () => {
    const { start, pending, slept } = sleeper((healthy) => ({
      capabilities: { ...healthy.capabilities, reclaims: 'native', due: false },
      due: undefined,
      nextDue: undefined,
    }))
    const sweeper = start()
    expect(await sweeper.status()).toMatchObject({ state: 'native', lagMs: 0 })
    expect([pending(), slept()]).toEqual([0, []])
    await sweeper.stop()
    expect((await sweeper.status()).state).toBe('stopped')
  })

  it('is sweeping between the batches of a backlog', async () => {
    const { clock, ns, start, store } = sleeper()
    await ns.setMany(entries(30).map(([key, value]) => [key, value, { ttl: '1ms' }]))
    clock.advance('10ms')
    const states: string[] = []
    const sweeper = start({ batch: 10 })
    await store.on('sweep.batch', () => {
      void sweeper.status().then(({ state }) => states.push(state))
    })
    await clock.run('10s')
    expect(states).toEqual(['sweeping', 'sweeping', 'sweeping'])
  })
})
