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

declare function setTimeout(callback: () => void, ms: number): unknown

/** Gives way to whatever else is waiting in this process. */
export function pause(ms = 0): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
