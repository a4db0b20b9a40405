import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fraction, smallMs, T0 } from './arbitrary.ts'
import type { Kernel, Law } from './law.ts'

const EPSILON = 1e-9

/** An uncapped sliding entry of that window and gate, written at {@link T0}. */
const sliding = (kernel: Kernel, ttlMs: number, refreshAfter: number, maxAgeMs?: number) =>
  kernel.begin({ ttlMs, maxAgeMs, expiresAt: undefined, restartOn: 'access', refreshAfter }, T0)

export const gateLaws: readonly Law[] = [
  {
    id: 'gate.idle-life-guaranteed',
    title: 'after any read, at least (1 − refreshAfter) · ttl is left, up to the cap',
    why: 'The documented price of fewer writes, and not a millisecond more.',
    holds: (kernel) =>
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 1_000 }),
          fraction,
          fc.array(fc.nat(400), { maxLength: 12 }),
          fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: undefined }),
          (ttlMs, refreshAfter, waits, maxAgeMs) => {
            let timing = sliding(kernel, ttlMs, refreshAfter, maxAgeMs)
            let now = T0
            for (const wait of waits) {
              now += wait
              if (!kernel.isLive(timing, now)) return
              timing = kernel.accessed(timing, now)
              const left = (timing.expiresAt as number) - now
              const toCap = (timing.capAt ?? Number.POSITIVE_INFINITY) - now
              assert.ok(left + EPSILON >= Math.min((1 - refreshAfter) * ttlMs, toCap))
            }
          },
        ),
      ),
  },
  {
    id: 'gate.quiet-before',
    title: 'a read before the fraction of the window has passed writes nothing',
    why: 'What the gate is for.',
    holds: (kernel) =>
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 1_000 }).map((n) => n * 8),
          fc.integer({ min: 1, max: 7 }),
          fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
          (ttlMs, eighths, part) => {
            const opens = (ttlMs / 8) * eighths
            const timing = sliding(kernel, ttlMs, eighths / 8)
            assert.equal(kernel.accessed(timing, T0 + Math.floor(part * opens)), timing)
          },
        ),
      ),
  },
  {
    id: 'gate.opens-at-the-fraction',
    title: 'the read at exactly the fraction restarts, and so does every later one',
    why: 'The bound is inclusive: with 0.5 of 60 s, 29 999 ms is quiet and 30 000 ms restarts.',
    holds: (kernel) =>
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 1_000 }).map((n) => n * 8),
          fc.integer({ min: 1, max: 7 }),
          fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
          (ttlMs, eighths, part) => {
            const opens = (ttlMs / 8) * eighths
            const now = T0 + opens + Math.floor(part * (ttlMs - opens))
            assert.equal(kernel.accessed(sliding(kernel, ttlMs, eighths / 8), now).expiresAt, now + ttlMs)
          },
        ),
      ),
  },
  {
    id: 'gate.ungated-always-restarts',
    title: 'without a gate every read at a later instant restarts',
    why: 'The default is exact sliding.',
    holds: (kernel) =>
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 1_000 }), fc.nat(), (ttlMs, any) => {
          const now = T0 + 1 + (any % (ttlMs - 1))
          assert.equal(kernel.accessed(sliding(kernel, ttlMs, 0), now).expiresAt, now + ttlMs)
        }),
      ),
  },
  {
    id: 'gate.silent-at-the-cap',
    title: 'a read that cannot gain writes nothing, gate open or not',
    why: 'A session in its last half hour is read thousands of times; that costs zero writes.',
    holds: (kernel) =>
      fc.assert(
        fc.property(smallMs, smallMs, fraction, (ttlMs, maxAgeMs, refreshAfter) => {
          const timing = sliding(kernel, Math.max(ttlMs, maxAgeMs), refreshAfter, maxAgeMs)
          for (let now = T0; now < T0 + maxAgeMs; now++) assert.equal(kernel.accessed(timing, now), timing)
        }),
      ),
  },
  {
    id: 'gate.touch-is-not-gated',
    title: 'an explicit touch restarts, whatever refreshAfter says',
    why: 'Whoever says touch means it.',
    holds: (kernel) =>
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 1_000 }), fraction, fc.nat(), (ttlMs, refreshAfter, any) => {
          const now = T0 + (any % ttlMs)
          assert.equal(kernel.touched(sliding(kernel, ttlMs, refreshAfter), now).expiresAt, now + ttlMs)
        }),
      ),
  },
]
