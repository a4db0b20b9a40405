import assert from 'node:assert/strict'
import fc from 'fast-check'
import { limitMs, living, moment, nearExpiry, policy, restartOn, smallMs, spanMs, T0 } from './arbitrary.ts'
import type { Law } from './law.ts'

const NO_SPAN = { ttlMs: undefined, maxAgeMs: undefined, expiresAt: undefined }

export const limitLaws: readonly Law[] = [
  {
    id: 'limit.commutes',
    title: 'strictest(a, b) = strictest(b, a)',
    why: 'It does not matter which layer limits: a tenant can tighten, never loosen.',
    holds: ({ strictest }) =>
      fc.assert(fc.property(limitMs, limitMs, (a, b) => assert.equal(strictest(a, b), strictest(b, a)))),
  },
  {
    id: 'limit.associates',
    title: 'strictest(a, strictest(b, c)) = strictest(strictest(a, b), c)',
    why: 'Limits of any number of layers combine in any grouping.',
    holds: ({ strictest }) =>
      fc.assert(
        fc.property(limitMs, limitMs, limitMs, (a, b, c) =>
          assert.equal(strictest(a, strictest(b, c)), strictest(strictest(a, b), c)),
        ),
      ),
  },
  {
    id: 'limit.idempotent',
    title: 'strictest(a, a) = a, and no limit is its identity',
    why: 'A limit said twice is the same limit.',
    holds: ({ strictest }) =>
      fc.assert(
        fc.property(limitMs, (a) => {
          assert.equal(strictest(a, a), a)
          assert.equal(strictest(a, undefined), a)
          assert.equal(strictest(undefined, a), a)
        }),
      ),
  },
  {
    id: 'limit.strictest-wins',
    title: 'the combined limit is the smaller one, and there is one as soon as a layer has one',
    why: 'A limit that another layer can lift is a default.',
    holds: ({ strictest }) =>
      fc.assert(
        fc.property(spanMs, spanMs, (a, b) => {
          assert.equal(strictest(a, b), Math.min(a, b))
        }),
      ),
  },
  {
    id: 'limit.within',
    title: 'whatever the policy, an entry written under a limit ends, and at the latest birth + limit',
    why: 'A retention promise.',
    holds: ({ begin, expiryOf }) =>
      fc.assert(
        fc.property(policy, spanMs, fc.nat(30), (given, limit, age) => {
          const timing = begin(expiryOf(given, limit, 'ns', 'k'), T0, T0 - age)
          assert.ok(timing.expiresAt !== undefined && timing.expiresAt <= T0 - age + limit)
          assert.ok(timing.capAt !== undefined && timing.capAt <= T0 - age + limit)
        }),
      ),
  },
  {
    id: 'limit.changes-only-what-exceeds',
    title: 'a limit that a deadline does not exceed leaves the deadline alone',
    why: 'Limits bound; they are no default.',
    holds: ({ begin, expiryOf }) =>
      fc.assert(
        fc.property(policy, spanMs, (given, limit) => {
          const free = begin(expiryOf(given, undefined, 'ns', 'k'), T0)
          const bound = begin(expiryOf(given, limit, 'ns', 'k'), T0)
          assert.equal(bound.expiresAt, Math.min(free.expiresAt ?? Number.POSITIVE_INFINITY, T0 + limit))
        }),
      ),
  },
  {
    id: 'limit.binds-never',
    title: 'never under a limit ends at birth + limit',
    why: 'Limits are not part of the override chain: no call escapes them.',
    holds: ({ begin, expiryOf, never, place }) =>
      fc.assert(
        fc.property(spanMs, restartOn, (limit, on) => {
          const expiry = expiryOf({ lifetime: never, restartOn: on, refreshAfter: 0, jitter: 0 }, limit, 'ns', 'k')
          assert.equal(begin(expiry, T0).expiresAt, T0 + limit)
          assert.equal(place(undefined, { onLive: 'replace', expiry, limitMs: limit }, T0).expiresAt, T0 + limit)
        }),
      ),
  },
  {
    id: 'limit.binds-persist',
    title: 'persist under a limit sets birth + limit, without one no deadline',
    why: 'Pinning must not lift a retention promise.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, limitMs, (draw, limit) => {
          const { timing, now } = living(kernel, draw)
          const pinned = kernel.replaced(timing, { ...NO_SPAN, maxAgeMs: limit }, now)
          assert.equal(pinned.expiresAt, limit === undefined ? undefined : (timing.bornAt ?? now) + limit)
        }),
      ),
  },
  {
    id: 'limit.binds-kept',
    title: 'a kept or restarted expiry is within birth + limit, deadline and cap',
    why: 'A value rewritten under a limit falls under it, however its expiry was chosen.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, smallMs, fc.constantFrom('keep' as const, 'restart' as const), (draw, limit, onLive) => {
          const { timing, now } = living(kernel, draw)
          const expiry = { ...NO_SPAN, maxAgeMs: limit, restartOn: 'write' as const, refreshAfter: 0 }
          const after = kernel.place(timing, { onLive, expiry, limitMs: limit }, now)
          const edge = (timing.bornAt ?? now) + limit
          assert.ok(after.expiresAt !== undefined && after.expiresAt <= edge)
          assert.ok(after.capAt !== undefined && after.capAt <= edge)
        }),
      ),
  },
  {
    id: 'limit.folds-in-any-order',
    title: 'folding two limits into a kept expiry, in either order, is folding the strictest; twice is once',
    why: 'A limit that is written with every value converges.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, limitMs, limitMs, (draw, a, b) => {
          const { timing, now } = living(kernel, draw)
          const { limited, strictest } = kernel
          const expected = limited(timing, strictest(a, b), now)
          assert.deepEqual(limited(limited(timing, a, now), b, now), expected)
          assert.deepEqual(limited(limited(timing, b, now), a, now), expected)
          assert.deepEqual(limited(expected, strictest(a, b), now), expected)
        }),
      ),
  },
  {
    id: 'limit.never-lengthens',
    title: 'folding a limit in never raises a deadline or a cap, and no limit changes nothing',
    why: 'A limit is an upper bound, not a lifetime.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, limitMs, (draw, limit) => {
          const { timing, now } = living(kernel, draw)
          const after = kernel.limited(timing, limit, now)
          if (timing.expiresAt !== undefined) assert.ok((after.expiresAt as number) <= timing.expiresAt)
          if (timing.capAt !== undefined) assert.ok((after.capAt as number) <= timing.capAt)
          assert.equal(after.ttlMs, timing.ttlMs)
          if (limit === undefined) assert.deepEqual(after, timing)
        }),
      ),
  },
  {
    id: 'limit.from-birth',
    title: 'a rewrite under the same limit gains nothing: the bound stays where birth put it',
    why: 'Retention counts from creation; a nightly job that rewrites must not postpone it.',
    holds: ({ place, isLive }) =>
      fc.assert(
        fc.property(nearExpiry, nearExpiry, spanMs, fc.nat(20), (first, second, limit, wait) => {
          const under = (expiry: typeof first) => ({
            onLive: 'replace' as const,
            expiry: { ...expiry, maxAgeMs: Math.min(expiry.maxAgeMs ?? limit, limit) },
            limitMs: limit,
          })
          const written = place(undefined, under(first), T0)
          fc.pre(isLive(written, T0 + wait))
          const rewritten = place(written, under(second), T0 + wait)
          assert.ok((rewritten.expiresAt as number) <= T0 + limit)
        }),
      ),
  },
]
