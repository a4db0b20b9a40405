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

declare const performance: { now(): number }

/** Measures how long something takes, in milliseconds, whatever the clock does meanwhile. */
export function stopwatch(): () => number {
  const start = performance.now()
  return () => performance.now() - start
}

/** What wakes a sweeper. */
export interface Timers {
  /** Calls back once, after `ms` milliseconds. @returns a function that cancels it */
  after(ms: number, callback: () => unknown): () => void
}

/** The longest that a timer of the platform can wait; told to wait longer, it fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

declare function clearTimeout(timer: unknown): void

/** Timers of this process. They do not keep it running, and may wake early where a wait is longer than they can be. */
export const systemTimers: Timers = {
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS)) as { unref?(): void }
    timer.unref?.()
    return () => clearTimeout(timer)
  },
}
