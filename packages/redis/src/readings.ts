import type { Reading } from '@ttl/core/adapter'
import type { Rest } from './trailer.ts'

/** A reading from a trailer, and the deadline and clock that a script reports. */
export function readingOf(rest: Rest, ends: unknown, now: unknown): Reading {
  return { ...rest, expiresAt: ends === null ? undefined : Number(ends), now: Number(now) }
}
