import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fraction, name, policy, spanMs, T0 } from './arbitrary.ts'
import type { Law } from './law.ts'

export const jitterLaws: readonly Law[] = [
  {
    id: 'jitter.in-range',
    title: 'a jittered ttl is a whole number of milliseconds in [(1 − jitter) · ttl, ttl], at least 1',
    why: 'It only shortens: additive jitter would break retention promises.',
    holds: ({ jittered }) =>
      fc.assert(
        fc.property(spanMs, fraction, name, name, (ttl, jitter, ns, key) => {
          const ms = jittered(ttl, jitter, ns, key)
          assert.ok(Number.isInteger(ms) && ms >= 1)
          assert.ok(ms <= ttl && ms >= ttl - ttl * jitter)
        }),
      ),
  },
  {
    id: 'jitter.deterministic',
    title: 'the same namespace and key get the same ttl every time',
    why: 'A retry or a second process writes the same deadline.',
    holds: ({ jittered }) =>
      fc.assert(
        fc.property(fraction, name, name, (jitter, ns, key) => {
          const results = Array.from({ length: 4 }, () => jittered(100_000_000, jitter, ns, key))
          assert.equal(new Set(results).size, 1)
        }),
      ),
  },
  {
    id: 'jitter.zero-changes-nothing',
    title: 'jitter 0 is the ttl itself',
    why: 'The default is exact.',
    holds: ({ jittered }) =>
      fc.assert(fc.property(spanMs, name, name, (ttl, ns, key) => assert.equal(jittered(ttl, 0, ns, key), ttl))),
  },
  {
    id: 'jitter.spreads',
    title: 'keys that differ in one character land evenly over the range, namespaces apart',
    why: 'Entries written together must not expire together.',
    holds: ({ jittered }) =>
      fc.assert(
        fc.property(fc.string({ maxLength: 8 }), fc.nat(1_000_000), (prefix, from) => {
          const tenths = new Array<number>(10).fill(0)
          const distinct = new Set<number>()
          for (let index = 0; index < 1_000; index++) {
            const ms = jittered(100_000, 0.1, 'ns', `${prefix}${from + index}`)
            distinct.add(ms)
            tenths[Math.min(9, Math.floor((100_000 - ms) / 1_000))]! += 1
          }
          assert.ok(distinct.size >= 900, `${distinct.size} distinct of 1000`)
          assert.ok(Math.min(...tenths) >= 40 && Math.max(...tenths) <= 180, `tenths ${tenths}`)
          const one = Array.from({ length: 8 }, (_, index) => jittered(100_000, 0.1, `ns${index}`, prefix))
          assert.ok(new Set(one).size > 1)
        }),
        { numRuns: 20 },
      ),
  },
  {
    id: 'jitter.only-on-ttl',
    title: 'neither an absolute end nor a maxAge is jittered',
    why: 'An instant that was promised and a cap that was promised stay.',
    holds: ({ expiryOf }) =>
      fc.assert(
        fc.property(policy, name, name, (given, ns, key) => {
          const expiry = expiryOf({ ...given, jitter: 0.9 }, undefined, ns, key)
          assert.equal(expiry.expiresAt, given.lifetime.expiresAt?.epochMilliseconds)
          assert.equal(expiry.maxAgeMs, given.lifetime.maxAge?.ms)
        }),
      ),
  },
  {
    id: 'jitter.before-limits',
    title: 'a limit bounds the jittered ttl and is itself not jittered',
    why: 'The limit is exact; what lies within it may be shorter.',
    holds: ({ expiryOf, begin }) =>
      fc.assert(
        fc.property(policy, spanMs, name, (given, limit, key) => {
          const expiry = expiryOf({ ...given, jitter: 0.5 }, limit, 'ns', key)
          assert.equal(expiry.maxAgeMs, Math.min(given.lifetime.maxAge?.ms ?? limit, limit))
          assert.ok((begin(expiry, T0).expiresAt as number) <= T0 + limit)
        }),
      ),
  },
  {
    id: 'jitter.window-is-what-is-stored',
    title: 'the jittered window is stored and reused by every refresh; it is not drawn again',
    why: 'A refresh that re-jittered would creep, and could shorten.',
    holds: ({ expiryOf, begin, touched, jittered }) =>
      fc.assert(
        fc.property(policy, name, (given, key) => {
          fc.pre(given.lifetime.ttl !== undefined)
          const ttlMs = (given.lifetime.ttl as { ms: number }).ms
          const policyUsed = { ...given, restartOn: 'access' as const, jitter: 0.5 }
          const expiry = expiryOf(policyUsed, undefined, 'ns', key)
          assert.equal(expiry.ttlMs, jittered(ttlMs, 0.5, 'ns', key))
          const timing = begin({ ...expiry, maxAgeMs: undefined, expiresAt: undefined }, T0)
          assert.equal(touched(timing, T0 + 1).expiresAt, T0 + 1 + (expiry.ttlMs as number))
        }),
      ),
  },
]
