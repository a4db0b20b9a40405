import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Backend, Expired } from '../../src/backend.ts'
import type { StoreEvents } from '../../src/events.ts'
import { memory } from '../../src/memory.ts'
import { sliding } from '../../src/policy.ts'
import { createStore } from '../../src/store.ts'
import { Failing, fixture, rejection } from '../store/fixture.ts'
import { sleeper } from '../sweeper/fixture.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('nobody listens', () => {
  it('and nothing is looked at; nor after they have stopped', async () => {
    const { ns, calls, store } = sleeper()
    const everything = async () => {
      await ns.set('k', 1)
      await ns.get('k')
      await ns.touch('k')
      await ns.expire('k', '1h')
      await ns.persist('k')
      await ns.group('g').set('m', 1)
      await ns.group('g').get('m')
    }
    await everything()
    expect(calls.inspect).toBeUndefined()
    const off = await store.on('refreshed', () => undefined)
    await everything()
    const looks = calls.inspect ?? 0
    expect(looks).toBeGreaterThan(5)
    await off()
    await off()
    await everything()
    expect(calls.inspect).toBe(looks)
  })

  it('to writes, and reads are not looked at; nor the other way round', async () => {
    const { ns, calls, store } = sleeper()
    const off = await store.on('set', () => undefined)
    await ns.get('k')
    await ns.touch('k')
    expect(calls.inspect).toBeUndefined()
    await off()
    await store.on('persisted', () => undefined)
    await ns.set('k', 1)
    await ns.get('k')
    expect(calls.inspect).toBeUndefined()
  })
})

describe('an event', () => {
  it('does not fail the operation that it tells of when the look fails', async () => {
    const backend = new Failing()
    const store = createStore({ backend, policy: sliding('1h', { max: 'unbounded' }) })
    const ns = store.namespace('n')
    const told: string[] = []
    for (const name of ['set', 'refreshed', 'persisted'] as const) await store.on(name, () => told.push(name))
    vi.spyOn(backend, 'inspect').mockImplementation(() => {
      throw new Error('no connection')
    })
    expect(await ns.set('k', 1)).toBe(true)
    expect(await ns.get('k')).toBe(1)
    expect(await ns.touch('k')).toBe(true)
    expect(await ns.persist('k')).toBe(true)
    expect(told).toEqual([])
  })

  it('is not told of an operation that failed', async () => {
    const backend = new Failing()
    const store = createStore({ backend })
    const told: unknown[] = []
    await store.on('set', (event) => told.push(event))
    backend.outage = new Error('no connection')
    await rejection(store.namespace('n').set('k', 1))
    expect(told).toEqual([])
  })

  it('of a batch that is stored in part is told of that part', async () => {
    const { backend } = fixture()
    const { write } = backend
    const partly = Object.assign(backend, {
      capabilities: { ...backend.capabilities, batch: 'each' },
      write: async (...[namespace, writes]: Parameters<Backend['write']>) => {
        const outcomes = await write.call(backend, namespace, writes.slice(1))
        return [new Error('too large'), ...outcomes]
      },
    })
    const store = createStore({ backend: partly })
    const told: string[] = []
    await store.on('set', ({ key }) => told.push(key))
    const failure = store.namespace('n').setMany([
      ['a', 1],
      ['b', 2],
    ])
    expect(await rejection(failure)).toMatchObject({ stored: ['b'], failed: ['a'] })
    expect(told).toEqual(['b'])
  })

  it('reaches all who listen, also when one of them throws, which is thrown outside of the operation', async () => {
    const { store, ns } = fixture()
    const outside: (() => void)[] = []
    vi.stubGlobal('queueMicrotask', (callback: () => void) => outside.push(callback))
    const told: string[] = []
    await store.on('set', () => {
      throw new Error('mine')
    })
    await store.on('set', ({ key }) => told.push(key))
    expect(await ns.set('k', 1)).toBe(true)
    expect(told).toEqual(['k'])
    expect(outside).toHaveLength(1)
    expect(outside[0]).toThrow('mine')
  })

  it('is told to a function once for each time that it listens', async () => {
    const { store, ns } = fixture()
    const listener = vi.fn()
    const off = await store.on('set', listener)
    await store.on('set', listener)
    await ns.set('a', 1)
    expect(listener).toHaveBeenCalledTimes(2)
    await off()
    await ns.set('b', 1)
    expect(listener).toHaveBeenCalledTimes(3)
  })

  it('of a store that `using` gives is told to who listens to the first', async () => {
    const { store } = fixture()
    const told: string[] = []
    await store.on('set', ({ key }) => told.push(key))
    await store.using(memory()).namespace('n').set('elsewhere', 1)
    expect(told).toEqual(['elsewhere'])
    expect(store.metrics().operations.set).toEqual({ calls: 1, failed: 0 })
  })

  it('of an entry that a sweep came for in vain tells its real deadline', async () => {
    const { store, clock } = fixture()
    const ns = store.namespace('n', { policy: sliding('20s', { max: 'unbounded' }) })
    const told: StoreEvents['sweep.rescheduled'][] = []
    await store.on('sweep.rescheduled', (event) => told.push(event))
    await ns.set('k', 1)
    clock.advance('10s')
    await ns.get('k')
    clock.advance('10s')
    await store.sweep()
    expect(told).toMatchObject([{ kind: 'entry', namespace: 'n', key: 'k' }])
    expect(told[0]?.expiresAt.epochMilliseconds).toBe(clock.now() + 10_000)
  })
})

describe('a sweep that ends before its time', () => {
  it('tells its end all the same', async () => {
    const { store, ns, clock } = fixture()
    await ns.setMany(Array.from({ length: 2_500 }, (_, index) => [`k${index}`, 1, { ttl: '1s' }]))
    clock.advance('2s')
    const ends: StoreEvents['sweep.end'][] = []
    await store.on('sweep.end', (event) => ends.push(event))
    const abort = new AbortController()
    await store.on('sweep.batch', () => abort.abort(new Error('enough')))
    await expect(store.sweep({ signal: abort.signal })).rejects.toThrow('enough')
    expect(ends).toMatchObject([{ deleted: 1_000, batches: 1, more: true }])
  })
})

describe('what a store expires by itself', () => {
  /** A backend that tells what has expired, as Redis does. */
  function telling() {
    const order: string[] = []
    const listeners = new Set<(expired: Expired) => void>()
    const whole = memory()
    const backend: Backend = Object.assign(whole, {
      capabilities: { ...whole.capabilities, reclaims: 'native' },
      onExpired: async (listener: (expired: Expired) => void) => {
        listeners.add(listener)
        return () => {
          order.push('unwatched')
          listeners.delete(listener)
        }
      },
      close: () => {
        order.push('closed')
      },
    } as const)
    const expire = (key: string) => {
      for (const listener of listeners) listener({ space: 'entry', namespace: 'n', key })
    }
    return { store: createStore({ backend }), backend, expire, order, listeners }
  }

  it('is told without its deadline, until the listener stops', async () => {
    const { store, expire, listeners } = telling()
    const told: unknown[] = []
    const off = await store.on('expired', (event) => told.push(event))
    expire('a')
    expect(told).toEqual([{ kind: 'entry', namespace: 'n', key: 'a', expiresAt: undefined }])
    await off()
    expect(listeners.size).toBe(0)
  })

  it('is told no more after close, which takes its leave before the backend is closed', async () => {
    const { store, order, listeners } = telling()
    await store.on('expired', () => undefined)
    await store.on('expired', () => undefined)
    await Promise.all([store.close(), store.close()])
    expect(order).toEqual(['unwatched', 'unwatched', 'closed'])
    expect(listeners.size).toBe(0)
    expect(await rejection(store.on('expired', () => undefined))).toMatchObject({ code: 'TTL_CLOSED' })
  })

  it('is listened to by nobody when that cannot be had', async () => {
    const { store, backend } = telling()
    Object.assign(backend, { onExpired: () => Promise.reject(new Error('notifications are off')) })
    const told: unknown[] = []
    expect(await rejection(store.on('expired', (event) => told.push(event)))).toMatchObject({
      code: 'TTL_BACKEND',
      operation: 'on',
    })
    const names = { deleted: [{ space: 'entry', namespace: 'n', key: 'k', expiresAt: 1 }], kept: [] } as const
    Object.assign(backend, { sweep: () => ({ deleted: new Map([['n', 1]]), more: false, names }) })
    await store.sweep()
    expect(told).toEqual([])
  })
})
