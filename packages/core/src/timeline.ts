/** The last instant that can be represented, in epoch milliseconds (that of `Date`). */
export const MAX_INSTANT_MS = 8_640_000_000_000_000

/** Addition on the time line. Stops at the last representable instant, so that a huge lifetime stays finite. */
export function plus(instantMs: number, spanMs: number): number {
  return Math.min(instantMs + spanMs, MAX_INSTANT_MS)
}

/** The smaller of two bounds, where `undefined` is no bound. */
export function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b
  return b === undefined || a <= b ? a : b
}
