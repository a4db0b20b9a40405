/** `@ttl/core/testing`: time in the hands of a test. */
import type { Clock } from './clock.ts'
import { type DurationInput, toDuration } from './duration.ts'
import { type InstantInput, toInstant } from './instant.ts'

/** A clock that stands still until it is told. */
export interface ManualClock extends Clock {
  /** Moves forward. */
  advance(span: DurationInput): void
  /** Moves anywhere, also back. */
  set(instant: InstantInput): void
}

/**
 * A clock for `memory({ clock })` and other backends that take one.
 *
 * @param start where it stands at first. Default: 2026-01-01T00:00:00Z
 */
export function manualClock(start: InstantInput = '2026-01-01T00:00:00Z'): ManualClock {
  let now = toInstant(start).epochMilliseconds
  return {
    now: () => now,
    advance(span) {
      now += toDuration(span).ms
    },
    set(instant) {
      now = toInstant(instant).epochMilliseconds
    },
  }
}
