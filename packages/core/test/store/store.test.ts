import { describe, expect, it } from 'vitest'
import { at, never } from '../../src/lifetime.ts'
import { fixed, sliding } from '../../src/policy.ts'
import { createStore } from '../../src/store.ts'
import { fixture, listed, rejection } from './fixture.ts'

describe('sweep of a store', () => {
  it('goes in batches, and reports per namespace', async () => {
    const { store, clock, ns } = fixture()
    const other = store.namespace('other')
    await ns.setMany(Array.from({ length: 2_500 }, (_, index) => [`k${index}`, index, { ttl: '1m' }] as const))
    await other.set('k', 1, { ttl: '1m' })
    await other.group('g').set('m', 1)
    await other.group('g').expire('1m')
    await ns.set('stays', 1)
    clock.advance('1m')
    expect(await store.sweep({ limit: 1_100, namespace: 'n' })).toMatchObject({ deleted: 1_100, more: true })
    const rest = await store.sweep()
    expect(rest).toMatchObject({ deleted: 1_402, more: false })
    expect(Object.fromEntries(rest.byNamespace)).toEqual({ n: 1_400, other: 2 })
    expect(await store.sweep()).toMatchObject({ deleted: 0, more: false })
    expect(await ns.count()).toBe(1)
  })

  it('stops between batches when it is aborted', async () => {
    const { store, clock, ns } = fixture()
    await ns.setMany(Array.from({ length: 3_000 }, (_, index) => [`k${index}`, index, { ttl: '1m' }] as const))
    clock.advance('1m')
    let asked = 0
    const signal = {
      reason: new Error('enough'),
      get aborted() {
        return ++asked > 2
      },
    }
    expect(await rejection(store.sweep({ signal }))).toBe(signal.reason)
    const [stats] = await store.stats()
    expect(stats?.entries.expired).toBe(2_000)
  })

  it('spares what expired after the cut-off', async () => {
    const { store, clock, ns } = fixture()
    await ns.set('a', 1, { ttl: '1m' })
    await ns.set('b', 1, { ttl: '2m' })
    clock.advance('5m')
    expect(await store.sweep({ asOf: new Date(clock.now() - 4 * 60_000) })).toMatchObject({ deleted: 1 })
    expect(await store.sweep({ asOf: new Date(clock.now() + 4 * 60_000) })).toMatchObject({ deleted: 1 })
  })

  it('ends although entries expire while it runs', async () => {
    const { store, clock, ns } = fixture()
    await ns.setMany(Array.from({ length: 1_500 }, (_, index) => [`k${index}`, index, { ttl: '1m' }] as const))
    await ns.set('later', 1, { ttl: '61s' })
    clock.advance('1m')
    const sweeping = store.sweep()
    clock.advance('1s')
    expect(await sweeping).toMatchObject({ deleted: 1_500, more: false })
  })
})

describe('using', () => {
  it('is the same store over another backend, closed on its own', async () => {
    const { store, ns } = fixture({ policy: fixed('1h'), limits: { max: '2h' } })
    const other = fixture()
    const derived = store.using(other.backend)
    await derived.namespace('n').set('k', 1, { ttl: never })
    expect(await ns.has('k')).toBe(false)
    expect(await derived.namespace('n').expiry('k')).toMatchObject({ state: 'expires', remaining: { ms: 7_200_000 } })
    await derived.close()
    expect(await ns.set('k', 1)).toBe(true)
  })
})

describe('explain', () => {
  it('names the layer of each field, and writes nothing', async () => {
    const { store } = fixture({ policy: { ttl: '14d', jitter: 0.5 }, limits: { max: '90d' } })
    const ns = store.namespace('n', {
      policy: { ...sliding('30m', { max: '12h' }), jitter: 0 },
      limits: { max: '100d' },
    })
    const explanation = await ns.explain('k', { ttl: '2d', refreshAfter: 0.25 })
    expect(explanation).toMatchObject({
      ttl: { value: { ms: 172_800_000 }, from: 'call' },
      maxAge: { value: { ms: 43_200_000 }, from: 'namespace' },
      expiresAt: { value: undefined, from: 'call' },
      restartOn: { value: 'access', from: 'namespace' },
      refreshAfter: { value: 0.25, from: 'call' },
      jitter: { value: 0, from: 'namespace' },
      limit: { value: { ms: 7_776_000_000 }, from: 'store' },
      onLive: 'replace',
      live: false,
      unlimited: undefined,
    })
    expect(String(explanation.deadline)).toBe('2026-01-01T12:00:00.000Z')
    expect(await ns.has('k')).toBe(false)
  })

  it('foretells the deadline of the write, over what is live too', async () => {
    const { store, clock } = fixture({ limits: { max: '10d' } })
    const ns = store.namespace('n', { policy: { ...fixed('3d'), jitter: 0.3 } })
    const foretold = async (options?: Parameters<typeof ns.explain>[1]) => {
      const explanation = await ns.explain('k', options)
      await ns.set('k', 1, options)
      const expiry = await ns.expiry('k')
      expect(expiry.state === 'expires' ? String(expiry.expiresAt) : expiry.state).toBe(String(explanation.deadline))
      return explanation
    }
    expect((await foretold()).live).toBe(false)
    clock.advance('1d')
    expect((await foretold()).onLive).toBe('keep')
    expect((await foretold({ ttl: never })).unlimited).toEqual({ deadline: undefined })
    expect((await foretold({ expiry: 'restart' })).onLive).toBe('restart')
    expect((await foretold({ ttl: '50d' })).limit?.from).toBe('store')
  })

  it('shows what jitter made of the ttl', async () => {
    const { store } = fixture({ policy: { ttl: '1h', jitter: 0.5 } })
    const { window, deadline, now } = await store.namespace('n').explain('k')
    expect(window?.ms).toBeLessThan(3_600_000)
    expect(Number(deadline) - Number(now)).toBe(window?.ms)
    expect(String(await store.namespace('n').explain('k'))).toContain('jittered')
  })

  it('says that nothing would be stored', async () => {
    const { store } = fixture()
    expect(String(await store.explain({ expiresAt: '2020-01-01T00:00:00Z' }))).toContain(
      'already past: nothing is stored',
    )
    expect(String(await store.explain())).toContain('never')
  })

  it('refuses what set refuses', async () => {
    const { ns } = fixture()
    expect(await rejection(ns.explain('k', { ttl: '1h', expiry: 'keep' } as never))).toMatchObject({
      code: 'TTL_CONFLICT',
    })
  })
})

describe('what a backend cannot do', () => {
  const COUNTS = ['stats', 'due', 'nextDue']
  const NO_COUNTS = { stats: false, due: false }
  const lacking = (facts: object, without: string[] = []) => {
    const { backend } = fixture()
    for (const name of without) Object.defineProperty(backend, name, { value: undefined })
    return createStore({ backend: Object.assign(backend, { capabilities: { ...backend.capabilities, ...facts } }) })
  }

  it('is refused when it is asked for', async () => {
    const store = lacking({ groups: false, scan: 'none', ...NO_COUNTS }, COUNTS)
    const ns = store.namespace('n')
    expect(() => ns.group('g')).toThrow(/memory has no groups/)
    for (const call of [
      ns.keys().next(),
      ns.entries().next(),
      ns.groups().next(),
      ns.count(),
      ns.stats(),
      store.stats(),
    ]) {
      expect(await rejection(call)).toMatchObject({ code: 'TTL_UNSUPPORTED', retryable: false })
    }
  })

  it('is made up for where core can', async () => {
    const ns = lacking({ clear: 'paged', ...NO_COUNTS }, ['clear', ...COUNTS]).namespace('n')
    await ns.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await ns.group('g').set('m', 1)
    expect(await ns.count()).toBe(2)
    await ns.clear()
    expect(await ns.count()).toBe(0)
    expect((await ns.group('g').expiry()).state).toBe('absent')
  })
})

describe('a bounded memory', () => {
  it('refuses what would not fit, whole', async () => {
    const { ns } = fixture({}, { maxEntries: 3 })
    await ns.set('a', 1)
    const error = await rejection(
      ns.setMany([
        ['b', 1],
        ['c', 1],
        ['d', 1],
      ]),
    )
    expect(error).toMatchObject({ code: 'TTL_LIMIT', failed: ['b', 'c', 'd'], stored: [] })
    expect(await ns.count()).toBe(1)
    expect(
      await ns.setMany([
        ['a', 2],
        ['b', 2],
        ['c', 2],
      ]),
    ).toEqual(
      new Map([
        ['a', true],
        ['b', true],
        ['c', true],
      ]),
    )
    expect(await ns.set('a', 3)).toBe(true)
    expect(await rejection(ns.group('g').set('m', 1))).toMatchObject({ code: 'TTL_LIMIT' })
  })

  it('frees the expired first', async () => {
    const { ns, clock } = fixture({}, { maxEntries: 2 })
    await ns.set('a', 1, { ttl: '1m' })
    await ns.set('b', 1)
    clock.advance('1m')
    expect(await ns.set('c', 1)).toBe(true)
    expect(await ns.count()).toBe(2)
  })

  it('evicts the nearest deadline, by choice, and nothing that is permanent', async () => {
    const { ns } = fixture({}, { maxEntries: 3, whenFull: 'evict' })
    await ns.set('pinned', 1)
    await ns.set('soon', 1, { ttl: '1m' })
    await ns.set('later', 1, { ttl: '1h' })
    await ns.expire('soon', '2h')
    await ns.set('new', 1, { ttl: '3h' })
    expect(await listed(ns.keys())).toEqual(['pinned', 'soon', 'new'])
    await ns.set('forever', 1)
    await ns.set('forever too', 1)
    expect(await rejection(ns.set('one more', 1))).toMatchObject({ code: 'TTL_LIMIT' })
    expect((await listed(ns.keys())).sort()).toEqual(['forever', 'forever too', 'pinned'])
  })

  it('refuses bounds that cannot hold', () => {
    for (const maxEntries of [0, -1, 1.5, Number.NaN])
      expect(() => fixture({}, { maxEntries })).toThrow(/whole number ≥ 1/)
    expect(() => fixture({}, { whenFull: 'drop' as never })).toThrow(/'refuse' or 'evict'/)
  })
})

describe('entries', () => {
  it('of another key are no condition', async () => {
    const { ns, store } = fixture()
    await ns.setMany([
      ['a', 1],
      ['b', 1],
    ])
    const a = await ns.getEntry('a')
    await store.namespace('m').set('a', 1)
    expect(await rejection(ns.set('b', 2, { if: { unchanged: a as NonNullable<typeof a> } }))).toMatchObject({
      code: 'TTL_INVALID',
    })
    expect(
      await rejection(store.namespace('m').set('a', 2, { if: { unchanged: a as NonNullable<typeof a> } })),
    ).toMatchObject({ code: 'TTL_INVALID' })
    expect(await ns.expire('a', at('2026-01-02T00:00:00Z'))).toBe(true)
  })
})

describe('preview of a store', () => {
  it('of what comes, looks past any number of things that are expired', async () => {
    const { store, clock, ns } = fixture()
    await ns.setMany(Array.from({ length: 2_500 }, (_, index) => [`k${index}`, index, { ttl: '1m' }] as const))
    clock.advance('1m')
    await ns.setMany(Array.from({ length: 3 }, (_, index) => [`soon${index}`, index, { ttl: '1h' }] as const))
    const now = new Date(clock.now())
    const tomorrow = new Date(clock.now() + 86_400_000)
    const preview = await store.preview({ asOf: tomorrow, after: now, limit: 2 })
    expect(preview.samples.map(({ key }) => key)).toEqual(['soon0', 'soon1'])
    expect(preview).toMatchObject({ found: 2, more: true })
    expect((await store.preview({ asOf: tomorrow, limit: 2 })).samples[0]?.key).toMatch(/^k/)
    expect(await rejection(store.preview({ after: 5 as never }))).toMatchObject({ code: 'TTL_INVALID' })
  })
})
