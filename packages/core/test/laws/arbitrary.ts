import fc from 'fast-check'
import { Duration, MAX_DURATION_MS } from '../../src/duration.ts'
import { Instant } from '../../src/instant.ts'
import { Lifetime } from '../../src/lifetime.ts'
import type { Policy, PolicyPatch } from '../../src/policy.ts'
import { MAX_INSTANT_MS } from '../../src/timeline.ts'
import type { Expiry, RestartOn, Span, Timing } from '../../src/timing.ts'
import type { Kernel } from './law.ts'

export const T0 = 1_767_225_600_000

/** Mostly small, so that independent draws meet; sometimes as large as is allowed. */
export const spanMs = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 100_000_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: MAX_DURATION_MS }) },
)

export const smallMs = fc.integer({ min: 1, max: 40 })

export const instantMs = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: T0 - 20, max: T0 + 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: -MAX_INSTANT_MS, max: MAX_INSTANT_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: MAX_INSTANT_MS - 60, max: MAX_INSTANT_MS }) },
)

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })

export const limitMs = maybe(spanMs)

/** Built without the kernel under test, so that a mutant cannot hide in what it is tested with. */
export const lifetime: fc.Arbitrary<Lifetime> = fc
  .tuple(maybe(spanMs), maybe(spanMs), maybe(instantMs))
  .map(([ttl, age, end]) =>
    Lifetime.of(
      ttl === undefined ? undefined : Duration.of(ttl),
      age === undefined ? undefined : Duration.of(age),
      end === undefined ? undefined : Instant.of(end),
    ),
  )

export const ttlOnly = spanMs.map((ms) => Lifetime.of(Duration.of(ms), undefined, undefined))

export const restartOn = fc.constantFrom<RestartOn>('create', 'write', 'access')

/** Multiples of 1/8 and 0.1: exact and inexact in binary. */
export const fraction = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 7 }).map((eighths) => eighths / 8),
  fc.integer({ min: 0, max: 9 }).map((tenths) => tenths / 10),
)

export const patch: fc.Arbitrary<PolicyPatch> = fc.record({
  lifetime: maybe(
    fc.oneof(
      ttlOnly.map((value) => ({ replaces: 'ttl' as const, value })),
      lifetime.map((value) => ({ replaces: 'whole' as const, value })),
    ),
  ),
  restartOn: maybe(restartOn),
  refreshAfter: maybe(fraction),
  jitter: maybe(fraction),
})

export const policy: fc.Arbitrary<Policy> = fc.record({ lifetime, restartOn, refreshAfter: fraction, jitter: fraction })

/** Text that occurs in keys. */
export const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })

const span = (anyMs: fc.Arbitrary<number>, anyAt: fc.Arbitrary<number>): fc.Arbitrary<Span> =>
  fc.record({ ttlMs: maybe(anyMs), maxAgeMs: maybe(anyMs), expiresAt: maybe(anyAt) })

/** Spans of a few milliseconds around {@link T0}: what is close together finds the edges. */
export const nearSpan = span(smallMs, fc.integer({ min: T0 - 5, max: T0 + 100 }))

export const nearExpiry: fc.Arbitrary<Expiry> = fc
  .tuple(nearSpan, restartOn, fraction)
  .map(([of, on, refreshAfter]) => ({ ...of, restartOn: on, refreshAfter }))

/** A moment in the life of an entry: live at `now`, written at `writtenAt`. */
export interface Moment {
  readonly timing: Timing
  readonly writtenAt: number
  readonly now: number
}

interface Draw {
  readonly expiry: Expiry
  readonly bornBefore: number | undefined
  readonly part: number
}

export const moment: fc.Arbitrary<Draw> = fc.record({
  expiry: nearExpiry,
  bornBefore: maybe(fc.integer({ min: 0, max: 30 })),
  part: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
})

/** Draws made by the kernel under test: an entry written at {@link T0}, and an instant of its life. */
export function living(kernel: Kernel, { expiry, bornBefore, part }: Draw): Moment {
  const timing = kernel.begin(expiry, T0, bornBefore === undefined ? undefined : T0 - bornBefore)
  fc.pre(kernel.isLive(timing, T0))
  const life = (timing.expiresAt ?? T0 + 100) - T0
  return { timing, writtenAt: T0, now: T0 + Math.floor(part * life) }
}
