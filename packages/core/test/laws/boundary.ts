import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_INSTANT_MS } from '../../src/timeline.ts'
import { instantMs, nearExpiry, spanMs, T0 } from './arbitrary.ts'
import type { Law } from './law.ts'

export const boundaryLaws: readonly Law[] = [
  {
    id: 'boundary.half-open',
    title: 'live at deadline − 1 ms, dead at the deadline and at + 1 ms',
    why: 'One comparison everywhere: half-open lives tile the time line, and sweepable is the exact complement.',
    holds: ({ isLive }) =>
      fc.assert(
        fc.property(instantMs, (expiresAt) => {
          assert.equal(isLive({ expiresAt }, expiresAt - 1), true)
          assert.equal(isLive({ expiresAt }, expiresAt), false)
          assert.equal(isLive({ expiresAt }, expiresAt + 1), false)
        }),
      ),
  },
  {
    id: 'boundary.once-dead-always-dead',
    title: 'live at an instant means live at every earlier one',
    why: 'Time alone revives nothing.',
    holds: ({ isLive }) =>
      fc.assert(
        fc.property(instantMs, instantMs, fc.nat(100), (expiresAt, now, later) => {
          assert.ok(!isLive({ expiresAt }, now + later) || isLive({ expiresAt }, now))
        }),
      ),
  },
  {
    id: 'boundary.never-is-always-live',
    title: 'without a deadline it is live at every instant',
    why: 'Absence of a deadline is not a deadline of 0.',
    holds: ({ isLive }) =>
      fc.assert(
        fc.property(fc.oneof(instantMs, fc.constantFrom(0, MAX_INSTANT_MS, -MAX_INSTANT_MS)), (now) => {
          assert.equal(isLive({ expiresAt: undefined }, now), true)
        }),
      ),
  },
  {
    id: 'boundary.zero-deadline-is-a-deadline',
    title: 'the instant 0 of 1970 is a deadline like any other',
    why: 'Presence, not truthiness: 0 means expired long ago, not never.',
    holds: ({ isLive, evaluate, at, epochMs, begin, limited }) =>
      fc.assert(
        fc.property(fc.nat(1_000), (now) => {
          assert.equal(isLive({ expiresAt: 0 }, now), false)
          assert.equal(evaluate(at(epochMs(0)), { now }), 0)
          const expiry = {
            ttlMs: undefined,
            maxAgeMs: undefined,
            expiresAt: 0,
            restartOn: 'write',
            refreshAfter: 0,
          } as const
          assert.equal(begin(expiry, now).expiresAt, 0)
          const alive = begin({ ...expiry, expiresAt: undefined, ttlMs: 10_000 }, -5)
          assert.equal(limited({ ...alive, bornAt: -5 }, 5, now).expiresAt, 0)
        }),
      ),
  },
  {
    id: 'boundary.lives-exactly-its-span',
    title: 'what is written for d is live d − 1 ms later and dead d later',
    why: 'Never early, never late.',
    holds: ({ begin, isLive }) =>
      fc.assert(
        fc.property(spanMs, fc.constantFrom('ttlMs', 'maxAgeMs'), (ms, field) => {
          const none = { ttlMs: undefined, maxAgeMs: undefined, expiresAt: undefined }
          const timing = begin({ ...none, [field]: ms, restartOn: 'write', refreshAfter: 0 }, T0)
          assert.equal(isLive(timing, T0 + ms - 1), true)
          assert.equal(isLive(timing, T0 + ms), false)
        }),
      ),
  },
  {
    id: 'boundary.past-is-data',
    title: 'a deadline at or before now gives a timing that is not live, without throwing',
    why: 'Instants pass between computing and writing; the write then removes what was there.',
    holds: ({ place, isLive }) =>
      fc.assert(
        fc.property(nearExpiry, fc.nat(100), fc.boolean(), (expiry, ago, over) => {
          const current = over
            ? place(
                undefined,
                { onLive: 'replace', expiry: { ...expiry, ttlMs: 9, expiresAt: undefined }, limitMs: undefined },
                T0,
              )
            : undefined
          const past = { ...expiry, expiresAt: T0 - ago }
          assert.equal(isLive(place(current, { onLive: 'replace', expiry: past, limitMs: undefined }, T0), T0), false)
        }),
      ),
  },
  {
    id: 'boundary.write-at-the-deadline-creates',
    title: 'a write at exactly the deadline is a birth, a write 1 ms earlier is not',
    why: 'Writers and readers judge by the same comparison.',
    holds: ({ place }) =>
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 1_000 }), (ms) => {
          const expiry = {
            ttlMs: ms,
            maxAgeMs: 10 * ms,
            expiresAt: undefined,
            restartOn: 'write',
            refreshAfter: 0,
          } as const
          const placement = { onLive: 'replace', expiry, limitMs: undefined } as const
          const written = place(undefined, placement, T0)
          assert.equal(place(written, placement, T0 + ms).bornAt, T0 + ms)
          assert.equal(place(written, placement, T0 + ms - 1).bornAt, T0)
        }),
      ),
  },
]
