import type { Condition, Payload, Placement, Span } from '@ttl/core/adapter'
import { letterOf } from './trailer.ts'

const text = (value: number | undefined): string => (value === undefined ? '' : String(value))

/**
 * A placement as one argument of a script: what to do on a live entry (`r`eplace, `k`eep, re`s`tart, `e`xact), the letter of
 * the trailer, then ttl, maxAge, expiresAt, refreshAfter and limit; for an exact timing ttl, cap, deadline, refreshAfter, birth.
 */
export function planOf(placement: Placement, payload: Payload = ''): string {
  const cased = (letter: string) => (typeof payload === 'string' ? letter : letter.toUpperCase())
  if (placement.onLive === 'exact') {
    const { restartOn, ttlMs, capAt, expiresAt, refreshAfter, bornAt } = placement.timing
    return `e${cased(letterOf(restartOn))}${text(ttlMs)},${text(capAt)},${text(expiresAt)},${refreshAfter || ''},${text(bornAt)}`
  }
  const { restartOn, refreshAfter } = placement.expiry
  const onLive = { replace: 'r', keep: 'k', restart: 's' }[placement.onLive]
  return `${onLive}${cased(letterOf(restartOn))}${spanOf(placement.expiry)},${refreshAfter || ''},${text(placement.limitMs)}`
}

/** The plan of `expire`, which keeps letter and refreshAfter. */
export function spanPlan(span: Span): string {
  return `rw${spanOf(span)},,`
}

function spanOf({ ttlMs, maxAgeMs, expiresAt }: Span): string {
  return `${text(ttlMs)},${text(maxAgeMs)},${text(expiresAt)}`
}

/** Empty, `a`bsent, `p`resent, or `=` with the kind and the payload that has to be there. */
export function conditionOf(condition: Condition | undefined): string | Buffer {
  if (condition === undefined) return ''
  if (condition === 'absent') return 'a'
  if (condition === 'present') return 'p'
  const { payload } = condition
  return typeof payload === 'string' ? `=t${payload}` : Buffer.concat([Buffer.from('=b'), payload])
}
