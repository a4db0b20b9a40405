import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_DURATION_MS } from '../../src/duration.ts'
import { MAX_INSTANT_MS } from '../../src/timeline.ts'
import { instantMs, lifetime, policy, spanMs, T0 } from './arbitrary.ts'
import type { Law } from './law.ts'

const end = (deadline: number | undefined): number => deadline ?? Number.POSITIVE_INFINITY

export const evaluateLaws: readonly Law[] = [
  {
    id: 'evaluate.homomorphism',
    title: 'evaluate(earliest(a, b)) = min(evaluate(a), evaluate(b))',
    why: 'It makes no difference whether rules are combined or their deadlines: SQL LEAST, Lua and this kernel agree.',
    holds: ({ earliest, evaluate }) =>
      fc.assert(
        fc.property(lifetime, lifetime, instantMs, instantMs, (a, b, now, bornAt) => {
          const event = { now, bornAt }
          assert.equal(end(evaluate(earliest(a, b), event)), Math.min(end(evaluate(a, event)), end(evaluate(b, event))))
        }),
      ),
  },
  {
    id: 'evaluate.monotone',
    title: 'a later event never gives an earlier deadline',
    why: 'Using something later cannot end it sooner.',
    holds: ({ evaluate }) =>
      fc.assert(
        fc.property(lifetime, instantMs, instantMs, spanMs, (a, now, bornAt, delay) => {
          assert.ok(end(evaluate(a, { now, bornAt })) <= end(evaluate(a, { now: now + delay, bornAt })))
        }),
      ),
  },
  {
    id: 'evaluate.lipschitz',
    title: 'an event d later gives a deadline at most d later',
    why: 'A clock that is off by d moves a deadline by no more than d.',
    holds: ({ evaluate }) =>
      fc.assert(
        fc.property(lifetime, instantMs, instantMs, spanMs, (a, now, bornAt, delay) => {
          const sooner = evaluate(a, { now, bornAt })
          const later = evaluate(a, { now: now + delay, bornAt })
          assert.equal(sooner === undefined, later === undefined)
          if (sooner !== undefined && later !== undefined) assert.ok(later - sooner <= delay)
        }),
      ),
  },
  {
    id: 'evaluate.max-age-from-birth',
    title: 'maxAge(d) = after(d) at birth, and never later than it afterwards: it stays where birth put it',
    why: 'A cap that moved with use would be no cap.',
    holds: ({ evaluate, maxAge, after }) =>
      fc.assert(
        fc.property(spanMs, fc.nat(1_000), (ms, age) => {
          const [cap, window] = [maxAge({ milliseconds: ms }), after({ milliseconds: ms })]
          assert.equal(evaluate(cap, { now: T0, bornAt: T0 }), evaluate(window, { now: T0 }))
          assert.equal(evaluate(cap, { now: T0 }), T0 + ms)
          assert.equal(evaluate(cap, { now: T0 + age, bornAt: T0 }), T0 + ms)
          assert.ok(end(evaluate(cap, { now: T0 + age, bornAt: T0 })) <= end(evaluate(window, { now: T0 + age })))
        }),
      ),
  },
  {
    id: 'evaluate.after-from-event',
    title: 'after(d) ends exactly d after the event, whatever the birth',
    why: 'Not a millisecond is lost or added, for spans of 1 ms as of 100 years.',
    holds: ({ evaluate, after }) =>
      fc.assert(
        fc.property(spanMs, fc.nat(1_000), (ms, age) => {
          assert.equal(evaluate(after({ milliseconds: ms }), { now: T0, bornAt: T0 - age }), T0 + ms)
        }),
      ),
  },
  {
    id: 'evaluate.at-stands',
    title: 'at(t) ends at t, whenever it is evaluated; a past t too',
    why: 'An instant is a promise about the calendar, not about use.',
    holds: ({ evaluate, at, epochMs }) =>
      fc.assert(
        fc.property(instantMs, instantMs, instantMs, (t, now, bornAt) => {
          assert.equal(evaluate(at(epochMs(t)), { now, bornAt }), t)
        }),
      ),
  },
  {
    id: 'evaluate.never-alone-is-endless',
    title: 'a lifetime has no deadline iff it has no field',
    why: 'Only the word never makes things immortal.',
    holds: ({ evaluate }) =>
      fc.assert(
        fc.property(lifetime, instantMs, (a, now) => {
          const bare = a.ttl === undefined && a.maxAge === undefined && a.expiresAt === undefined
          assert.equal(evaluate(a, { now }) === undefined, bare)
        }),
      ),
  },
  {
    id: 'evaluate.saturates',
    title: 'a deadline past the end of time is the last instant, finite and representable',
    why: 'A huge lifetime must not turn into never, nor into a number that a store cannot hold.',
    holds: ({ evaluate, after, maxAge, begin, restart }) =>
      fc.assert(
        fc.property(fc.integer({ min: 1, max: MAX_DURATION_MS }), fc.nat(2 * MAX_DURATION_MS), (ms, before) => {
          const now = MAX_INSTANT_MS - before
          const expected = Number(
            BigInt(now) + BigInt(ms) > BigInt(MAX_INSTANT_MS) ? MAX_INSTANT_MS : BigInt(now) + BigInt(ms),
          )
          const spans = { ttlMs: ms, maxAgeMs: ms, expiresAt: undefined }
          const timing = begin({ ...spans, restartOn: 'access', refreshAfter: 0 }, now)
          assert.equal(evaluate(after({ milliseconds: ms }), { now }), expected)
          assert.equal(evaluate(maxAge({ milliseconds: ms }), { now }), expected)
          assert.equal(timing.expiresAt, expected)
          assert.equal(timing.capAt, expected)
          assert.equal(new Date(restart(timing, now).expiresAt as number).getTime(), expected)
        }),
      ),
  },
  {
    id: 'evaluate.agrees-with-begin',
    title: 'the deadline that a backend begins with is that of the policy’s lifetime',
    why: 'The algebra that users reason with and the numbers that adapters run are the same thing.',
    holds: ({ evaluate, begin, expiryOf }) =>
      fc.assert(
        fc.property(policy, instantMs, fc.option(instantMs, { nil: undefined }), (given, now, bornAt) => {
          const plain = { ...given, jitter: 0 }
          assert.equal(
            begin(expiryOf(plain, undefined, 'ns', 'k'), now, bornAt).expiresAt,
            evaluate(plain.lifetime, { now, bornAt }),
          )
        }),
      ),
  },
]
