import { type Expiration, epochMs, type Instant } from '@ttl/core'
import type { Timing } from '@ttl/core/adapter'

/** An instant in an answer; in real time two of them may be a little apart and still the same. */
export class Moment {
  readonly ms: number

  constructor(instant: Instant) {
    this.ms = Number(instant)
  }
}

export const moment = (instant: Instant | undefined): Moment | undefined =>
  instant === undefined ? undefined : new Moment(instant)

export function expiryTold(expiry: Expiration): unknown {
  if (expiry.state === 'absent') return 'absent'
  const governed = [expiry.state, moment(expiry.bornAt), expiry.restartOn, expiry.refreshAfter]
  if (expiry.state === 'never') return governed
  return [...governed, moment(expiry.expiresAt), expiry.ttl?.ms, moment(expiry.capAt)]
}

export function timingTold({ expiresAt, bornAt, ttlMs, capAt, restartOn, refreshAfter }: Timing): unknown {
  const at = (ms: number | undefined): Moment | undefined => moment(ms === undefined ? undefined : epochMs(ms))
  return { expiresAt: at(expiresAt), bornAt: at(bornAt), ttlMs, capAt: at(capAt), restartOn, refreshAfter }
}
