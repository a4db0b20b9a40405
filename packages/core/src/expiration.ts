import type { Reading } from './backend.ts'
import { Duration } from './duration.ts'
import { Instant } from './instant.ts'
import type { RestartOn } from './timing.ts'

/** What governs a live entry or group. */
export interface Governed {
  /** Birth, once an expiry needed it. */
  readonly bornAt?: Instant | undefined
  readonly restartOn: RestartOn
  readonly refreshAfter: number
}

/** How long something lives: a tagged answer, never −1, 0 or Infinity. */
export type Expiration =
  | { readonly state: 'absent' }
  | (Governed & { readonly state: 'never' })
  | (Governed & {
      readonly state: 'expires'
      readonly expiresAt: Instant
      /** From the backend's clock at the time of the call: at least 1 ms. */
      readonly remaining: Duration
      /** The window that a restart adds. */
      readonly ttl?: Duration | undefined
      /** No restart reaches past this. */
      readonly capAt?: Instant | undefined
    })

/** An expiration of something that is there. */
export type LiveExpiration = Exclude<Expiration, { state: 'absent' }>

const instant = (ms: number | undefined): Instant | undefined => (ms === undefined ? undefined : Instant.of(ms))

export function expirationOf(reading: Reading): LiveExpiration {
  const { expiresAt, restartOn, refreshAfter } = reading
  const governed = { bornAt: instant(reading.bornAt), restartOn, refreshAfter }
  if (expiresAt === undefined) return { state: 'never', ...governed }
  return {
    state: 'expires',
    expiresAt: Instant.of(expiresAt),
    remaining: Duration.of(expiresAt - reading.now),
    ttl: reading.ttlMs === undefined ? undefined : Duration.of(reading.ttlMs),
    capAt: instant(reading.capAt),
    ...governed,
  }
}
