import { describe, expect, it } from 'vitest'
import { createStore } from '../../src/store.ts'
import { Failing, fixture, rejection } from '../store/fixture.ts'

describe('metrics', () => {
  it('count nothing at first', () => {
    const { store } = fixture()
    expect(store.metrics()).toEqual({ operations: {}, errors: {}, hits: 0, misses: 0, swept: 0, sweepMs: 0 })
  })

  it('count operations, and keys that reads found and did not', async () => {
    const { store, ns } = fixture()
    await ns.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await ns.get('a')
    await ns.get('missing')
    await ns.getEntry('b')
    await ns.getEntry('missing')
    await ns.getMany(['a', 'b', 'missing', 'a'])
    await Promise.all([ns.getOrSet('c', () => 3), ns.getOrSet('c', () => 3)])
    await ns.getOrSet('c', () => 4)
    const group = ns.group('g')
    await group.get('m')
    await group.set('m', 1)
    await group.get('m')
    await group.getMany()
    await ns.has('a')
    for await (const _ of ns.entries());
    const { operations, hits, misses, errors } = store.metrics()
    expect({ hits, misses, errors }).toEqual({ hits: 7, misses: 5, errors: {} })
    expect(operations).toEqual({
      setMany: { calls: 1, failed: 0 },
      get: { calls: 2, failed: 0 },
      getEntry: { calls: 2, failed: 0 },
      getMany: { calls: 1, failed: 0 },
      getOrSet: { calls: 3, failed: 0 },
      'group.get': { calls: 2, failed: 0 },
      'group.set': { calls: 1, failed: 0 },
      'group.getMany': { calls: 1, failed: 0 },
      has: { calls: 1, failed: 0 },
      entries: { calls: 2, failed: 0 },
    })
  })

  it('count what failed, by operation and by code', async () => {
    const backend = new Failing()
    const store = createStore({ backend })
    const ns = store.namespace('n')
    await rejection(ns.set('', 1))
    backend.outage = new Error('no connection')
    await rejection(ns.get('k'))
    await rejection(ns.get('k'))
    backend.outage = undefined
    await rejection(ns.getOrSet('k', () => Promise.reject(new Error('mine'))))
    await store.close()
    await rejection(ns.get('k'))
    const { operations, errors, hits, misses } = store.metrics()
    expect(operations).toEqual({
      set: { calls: 1, failed: 1 },
      get: { calls: 3, failed: 3 },
      getOrSet: { calls: 1, failed: 1 },
    })
    expect(errors).toEqual({ TTL_INVALID: 1, TTL_BACKEND: 2, TTL_CLOSED: 1 })
    expect({ hits, misses }).toEqual({ hits: 0, misses: 1 })
  })

  it('count what sweeps removed, those in the background too', async () => {
    const { store, ns, clock } = fixture()
    await ns.setMany([
      ['a', 1, { ttl: '1s' }],
      ['b', 1, { ttl: '1m' }],
    ])
    clock.advance('2s')
    await store.sweep()
    expect(store.metrics().swept).toBe(1)
    store.startSweeper({ timers: clock })
    await clock.run('2m')
    const { swept, sweepMs, operations } = store.metrics()
    expect(swept).toBe(2)
    expect(sweepMs).toBeGreaterThan(0)
    expect(operations.sweep).toEqual({ calls: 1, failed: 0 })
    expect(operations.sweeper?.calls).toBeGreaterThan(1)
    await store.close()
  })

  it('are a copy that stays as it is', async () => {
    const { store, ns } = fixture()
    await ns.get('k')
    const before = store.metrics()
    await ns.get('k')
    expect(before.operations.get).toEqual({ calls: 1, failed: 0 })
    expect(store.metrics().operations.get).toEqual({ calls: 2, failed: 0 })
  })
})
