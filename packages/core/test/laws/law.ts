import { Duration, milliseconds, seconds, toDuration } from '../../src/duration.ts'
import { epochMs, epochSeconds, Instant, toInstant } from '../../src/instant.ts'
import { jittered } from '../../src/jitter.ts'
import { after, at, earliest, evaluate, maxAge, never, toLifetime } from '../../src/lifetime.ts'
import { complete, expiryOf, override, strictest } from '../../src/resolve.ts'
import {
  accessed,
  begin,
  type Expiry,
  isLive,
  limited,
  type Placement,
  place,
  replaced,
  restart,
  type Span,
  type Timing,
  touched,
} from '../../src/timing.ts'

/** Every pure rule that a law speaks about, in one object, so that the same laws run on mutants. */
export interface Kernel {
  readonly toDuration: (input: unknown) => Duration
  readonly milliseconds: (amount: number) => Duration
  readonly seconds: (amount: number) => Duration
  readonly formatDuration: (value: Duration) => string
  readonly toInstant: (input: unknown) => Instant
  readonly epochMs: (ms: number) => Instant
  readonly epochSeconds: (seconds: number) => Instant
  readonly formatInstant: (value: Instant) => string
  readonly never: typeof never
  readonly after: typeof after
  readonly maxAge: typeof maxAge
  readonly at: typeof at
  readonly earliest: typeof earliest
  readonly toLifetime: typeof toLifetime
  readonly evaluate: typeof evaluate
  readonly override: typeof override
  readonly complete: typeof complete
  readonly strictest: typeof strictest
  readonly expiryOf: typeof expiryOf
  readonly jittered: typeof jittered
  readonly isLive: (timing: Pick<Timing, 'expiresAt'>, now: number) => boolean
  readonly begin: (expiry: Expiry, now: number, bornAt?: number) => Timing
  readonly restart: (timing: Timing, now: number) => Timing
  readonly touched: (timing: Timing, now: number) => Timing
  readonly accessed: (timing: Timing, now: number) => Timing
  readonly limited: (timing: Timing, limitMs: number | undefined, now: number) => Timing
  readonly place: (current: Timing | undefined, placement: Placement, now: number) => Timing
  readonly replaced: (current: Timing, span: Span, now: number) => Timing
}

export const kernel: Kernel = {
  toDuration,
  milliseconds,
  seconds,
  formatDuration: String,
  toInstant,
  epochMs,
  epochSeconds,
  formatInstant: String,
  never,
  after,
  maxAge,
  at,
  earliest,
  toLifetime,
  evaluate,
  override,
  complete,
  strictest,
  expiryOf,
  jittered,
  isLive,
  begin,
  restart,
  touched,
  accessed,
  limited,
  place,
  replaced,
}

export interface Law {
  /** Stable: docs and mutants name it. */
  readonly id: string
  readonly title: string
  readonly why: string
  /** Throws when the law does not hold. */
  holds(kernel: Kernel): void
}

export { Duration, Instant }
