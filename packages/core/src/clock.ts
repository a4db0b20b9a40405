import { describe, TtlRangeError } from './errors.ts'
import { MAX_INSTANT_MS } from './timeline.ts'

/**
 * Where a backend reads the time. Inject one into `memory({ clock })` or `sqlite(path, { clock })` to test without
 * sleeping; `manualClock` of `@ttl/core/testing` is one.
 */
export interface Clock {
  /** Epoch milliseconds; a fraction is cut off. */
  now(): number
}

/** The clock of this machine. The only place in this package that reads it. */
export const systemClock: Clock = { now: () => Date.now() }

/**
 * Reads a clock, in whole milliseconds.
 * @throws {@link TtlRangeError} `TTL_INVALID` when it gives no instant: to go on would expire everything, or nothing
 */
export function readClock(clock: Clock): number {
  const now = clock.now()
  if (typeof now === 'number' && Math.abs(now) <= MAX_INSTANT_MS) return Math.floor(now)
  throw new TtlRangeError('TTL_INVALID', `now() of the clock must give epoch milliseconds, got ${describe(now)}`)
}

declare function setTimeout(callback: () => void, ms: number): unknown

/** Gives way to whatever else is waiting in this process. */
export function pause(ms = 0): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
