import type { Duration, Instant } from '@ttl/core'

/**
 * The time of a law. Laws speak of virtual milliseconds since they began; on an injected clock those are exact, in real
 * time they are scaled down. A law that also runs in real time moves in steps of 10 000 and never looks closer.
 */
export interface Timeline {
  /** Whether the clock jumps, so that a millisecond counts. */
  readonly exact: boolean
  /** Goes to that time. */
  at(ms: number): Promise<void>
  /** Goes to the last moment before that time; in real time, safely before it. */
  before(ms: number): Promise<void>
  /** Goes to the first moment that is not before that time; in real time, safely after it. */
  after(ms: number): Promise<void>
  /** That long, for a policy. */
  span(ms: number): Duration
  /** That time, on the backend's clock. */
  instant(ms: number): Instant
  /** Asserts that an instant of the backend's clock is that time. */
  is(instant: Instant | number | undefined, ms: number): void
  /** From now on each reading of the clock moves it on. Only for laws that are `exact`. */
  tick(ms: number): void
}
