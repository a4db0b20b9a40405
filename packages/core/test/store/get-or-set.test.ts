import { describe, expect, it } from 'vitest'
import { failOpen } from '../../src/fail-open.ts'
import { sliding } from '../../src/policy.ts'
import { createStore } from '../../src/store.ts'
import { asynchronous, Failing, fixture, rejection } from './fixture.ts'

/** A loader that waits for the test. */
function gate<T>(value: T) {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  let calls = 0
  return {
    open: () => open(),
    calls: () => calls,
    load: async () => {
      calls++
      await opened
      return value
    },
  }
}

describe('getOrSet', () => {
  it('loads once for all who ask meanwhile', async () => {
    const { backend } = fixture()
    const ns = createStore({ backend: asynchronous(backend) }).namespace('n')
    const loader = gate({ a: 1 })
    const asked = Array.from({ length: 20 }, () => ns.getOrSet('k', loader.load))
    loader.open()
    const answers = await Promise.all(asked)
    expect(loader.calls()).toBe(1)
    expect(answers).toEqual(Array.from({ length: 20 }, () => ({ a: 1 })))
    expect(answers[0]).not.toBe(answers[1])
    expect(await ns.getOrSet('k', () => ({ a: 2 }))).toEqual({ a: 1 })
  })

  it('does not put what it loaded over what was written meanwhile', async () => {
    const { ns } = fixture()
    const loader = gate('stale')
    const asked = ns.getOrSet('k', loader.load)
    await ns.set('k', 'fresh')
    loader.open()
    await asked
    expect(await ns.get('k')).toBe('fresh')
  })

  it('gives a value that another process wrote meanwhile', async () => {
    const { backend, ns } = fixture()
    const elsewhere = createStore({ backend }).namespace('n')
    const loader = gate('mine')
    const asked = ns.getOrSet('k', loader.load)
    await elsewhere.set('k', 'theirs')
    loader.open()
    expect(await asked).toBe('theirs')
  })

  for (const [verb, invalidate] of [
    ['delete', (ns: ReturnType<typeof fixture>['ns']) => ns.delete('k')],
    ['deleteMany', (ns: ReturnType<typeof fixture>['ns']) => ns.deleteMany(['k'])],
    ['clear', (ns: ReturnType<typeof fixture>['ns']) => ns.clear()],
  ] as const) {
    it(`does not store what was loaded before ${verb}`, async () => {
      const { ns } = fixture()
      const loader = gate('stale')
      const asked = ns.getOrSet('k', loader.load)
      await invalidate(ns)
      const next = ns.getOrSet('k', () => 'fresh')
      loader.open()
      expect(await asked).toBe('stale')
      expect(await next).toBe('fresh')
      expect(await ns.get('k')).toBe('fresh')
    })
  }

  it('slides for each who asks, however the flight that it joins was read', async () => {
    const { backend, clock } = fixture()
    const ns = createStore({ backend: asynchronous(backend), policy: sliding('30m', { max: 'unbounded' }) }).namespace(
      'n',
    )
    await ns.set('k', 1)
    clock.advance('10m')
    await Promise.all([ns.getOrSet('k', () => 2, { touch: false }), ns.getOrSet('k', () => 2)])
    expect(await ns.expiry('k')).toMatchObject({ remaining: { ms: 1_800_000 } })
  })

  it('gives each its own copy of bytes', async () => {
    const { backend } = fixture()
    const ns = createStore({ backend: asynchronous(backend) }).namespace('n')
    const [a, b] = await Promise.all([0, 1].map(() => ns.getOrSet('k', () => new Uint8Array([1]))))
    expect(a).toEqual(b)
    expect(a).not.toBe(b)
  })

  it('passes on what the loader throws, stores nothing, and loads again', async () => {
    const { ns } = fixture()
    const mistake = new RangeError('mine')
    expect(await rejection(ns.getOrSet('k', () => Promise.reject(mistake)))).toBe(mistake)
    expect(await ns.has('k')).toBe(false)
    expect(await ns.getOrSet('k', () => 2)).toBe(2)
  })

  it('refuses undefined from a loader', async () => {
    const { ns } = fixture()
    const error = await rejection(ns.getOrSet('k', (() => undefined) as never))
    expect(error).toMatchObject({ code: 'TTL_INVALID', operation: 'getOrSet' })
  })

  it('checks its options before it reads or loads', async () => {
    const { ns } = fixture()
    let loads = 0
    const error = await rejection(ns.getOrSet('k', () => ++loads, { ttl: 60 } as never))
    expect(error.code).toBe('TTL_INVALID')
    expect(loads).toBe(0)
  })

  it('answers as a later get would', async () => {
    const { ns } = fixture()
    expect(await ns.getOrSet('k', () => ({ at: new Date(0) }))).toEqual({ at: '1970-01-01T00:00:00.000Z' })
  })

  it('returns a loaded value even if its deadline has passed', async () => {
    const { ns } = fixture()
    expect(await ns.getOrSet('k', () => 1, { expiresAt: '2020-01-01T00:00:00Z' })).toBe(1)
    expect(await ns.has('k')).toBe(false)
  })
})

describe('failOpen', () => {
  const outage = new Error('down')

  it('answers an outage with a miss, and tells', async () => {
    const backend = new Failing()
    const ns = createStore({ backend }).namespace('n')
    await ns.set('k', 1)
    const told: string[] = []
    const cached = failOpen(ns, { onError: (error) => told.push(String(error.operation)) })
    expect(await cached.get('k')).toBe(1)
    backend.outage = outage
    expect(await cached.get('k')).toBeUndefined()
    expect(await cached.getMany(['k'])).toEqual(new Map())
    expect(await cached.has('k')).toBe(false)
    expect(await cached.getOrSet('k', () => 7)).toBe(7)
    expect(told).toEqual(['get', 'getMany', 'has', 'getOrSet'])
  })

  it('loads once for all who ask during an outage', async () => {
    const backend = new Failing()
    const cached = failOpen(createStore({ backend }).namespace('n'))
    backend.outage = outage
    const loader = gate(1)
    const asked = Array.from({ length: 50 }, () => cached.getOrSet('k', loader.load))
    setTimeout(loader.open, 5)
    expect(new Set(await Promise.all(asked))).toEqual(new Set([1]))
    expect(loader.calls()).toBe(1)
  })

  it('loads once when only the write fails', async () => {
    const backend = new Failing()
    const cached = failOpen(createStore({ backend }).namespace('n'))
    let loads = 0
    const value = await cached.getOrSet('k', () => {
      backend.outage = outage
      return ++loads
    })
    expect([value, loads]).toEqual([1, 1])
  })

  it('lets everything else through', async () => {
    const { ns } = fixture()
    const cached = failOpen(ns)
    expect(await rejection(cached.get(''))).toMatchObject({ code: 'TTL_INVALID' })
    const mistake = new Error('mine')
    expect(await rejection(cached.getOrSet('k', () => Promise.reject(mistake)))).toBe(mistake)
    expect(() => failOpen(ns, { onError: 1 } as never)).toThrow(/must be a function/)
  })
})

describe('options of getOrSet', () => {
  const { ns } = fixture()
  const loose = ns.getOrSet.bind(ns) as (...args: unknown[]) => Promise<unknown>
  for (const options of [60, null, [], new Map([['ttl', '5m']]), new Date(), { if: 'present' }, { tll: '5m' }]) {
    it(`are refused: ${JSON.stringify(options)}`, async () => {
      expect(await rejection(loose('k', () => 1, options))).toMatchObject({ code: 'TTL_INVALID' })
      expect(await ns.has('k')).toBe(false)
    })
  }

  it('count wherever set would find them', async () => {
    class Options {
      get ttl() {
        return '5m' as const
      }
    }
    await loose('k', () => 1, new Options())
    await loose('l', () => 1, Object.create({ ttl: '5m' }))
    for (const key of ['k', 'l']) expect(await ns.expiry(key)).toMatchObject({ remaining: { ms: 300_000 } })
  })
})

describe('what runs outside', () => {
  it('does not hold up a close', async () => {
    const { store, ns } = fixture()
    const loader = gate(1)
    const asked = ns.getOrSet('k', loader.load)
    await store.close()
    loader.open()
    expect(await rejection(asked)).toMatchObject({ code: 'TTL_CLOSED' })
  })

  it('may close the store itself', async () => {
    const { store, ns } = fixture()
    const asked = ns.getOrSet('k', async () => {
      await store.close()
      return 1
    })
    expect(await rejection(asked)).toMatchObject({ code: 'TTL_CLOSED' })
  })

  it('passes through failOpen when a loader finds another store down', async () => {
    const backend = new Failing()
    const other = createStore({ backend }).namespace('other')
    backend.outage = new Error('down')
    const { ns } = fixture()
    let [loads, told] = [0, 0]
    const cached = failOpen(ns, { onError: () => told++ })
    const error = await rejection(
      cached.getOrSet('k', () => {
        loads++
        return other.get('x')
      }),
    )
    expect(error).toMatchObject({ code: 'TTL_BACKEND', namespace: 'other' })
    expect([loads, told]).toEqual([1, 0])
  })

  it('leaves a load alone when a conditional write changes nothing', async () => {
    const { ns } = fixture()
    const loader = gate('loaded')
    const asked = ns.getOrSet('k', loader.load)
    expect(await ns.set('k', 'other', { if: 'present' })).toBe(false)
    loader.open()
    await asked
    expect(await ns.get('k')).toBe('loaded')
  })
})
