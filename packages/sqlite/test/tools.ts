/** Shorthands that also a child process can load. */
import type { Expiry, Payload, Placement, Write } from '@ttl/core/adapter'

export const rolling = (ttlMs: number | undefined, more: Partial<Expiry> = {}): Placement => ({
  onLive: 'replace',
  expiry: { ttlMs, maxAgeMs: undefined, expiresAt: undefined, restartOn: 'write', refreshAfter: 0, ...more },
  limitMs: undefined,
})

export const sliding = (ttlMs: number, more: Partial<Expiry> = {}): Placement =>
  rolling(ttlMs, { restartOn: 'access', ...more })

export const write = (key: string, payload: Payload = 'v', placement: Placement = rolling(60_000)): Write => ({
  key,
  payload,
  placement,
})

export const READ = { touch: true, detail: false, sliding: false } as const
export const DETAIL = { touch: true, detail: true, sliding: false } as const
export const PEEK = { touch: false, detail: true, sliding: false } as const
