/** `@ttl/core/testing`: time in the hands of a test. */
import type { Clock, Timers } from './clock.ts'
import { type DurationInput, toDuration } from './duration.ts'
import { type InstantInput, toInstant } from './instant.ts'

/** A clock that stands still until it is told. */
export interface ManualClock extends Clock, Timers {
  /** Moves forward. Wakes nobody. */
  advance(span: DurationInput): void
  /**
   * Moves forward from timer to timer, as time does, and waits for what each of them starts: `startSweeper({ timers: clock })`
   * then runs through months in a moment.
   */
  run(span: DurationInput): Promise<void>
  /** Moves anywhere, also back. */
  set(instant: InstantInput): void
}

interface Timer {
  readonly at: number
  readonly callback: () => unknown
}

/**
 * A clock for `memory({ clock })` and other backends that take one, and timers for `startSweeper`.
 *
 * @param start where it stands at first. Default: 2026-01-01T00:00:00Z
 */
export function manualClock(start: InstantInput = '2026-01-01T00:00:00Z'): ManualClock {
  let now = toInstant(start).epochMilliseconds
  const timers = new Set<Timer>()
  const nextUntil = (end: number) =>
    [...timers]
      .filter(({ at }) => at <= end)
      .reduce<Timer | undefined>(
        (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
        undefined,
      )
  return {
    now: () => now,
    advance(span) {
      now += toDuration(span).ms
    },
    after(ms, callback) {
      const timer = { at: now + ms, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async run(span) {
      const end = now + toDuration(span).ms
      for (let timer = nextUntil(end); timer !== undefined; timer = nextUntil(end)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        await timer.callback()
      }
      now = end
    },
    set(instant) {
      now = toInstant(instant).epochMilliseconds
    },
  }
}
