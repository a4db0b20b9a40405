/**
 * The rules of expiry on what a backend persists: pure, in milliseconds, without policies and without a clock.
 * The memory backend runs them as they stand; an adapter that computes elsewhere (SQL, Lua) must agree with them.
 */
import { least, plus } from './timeline.ts'

/** What restarts the ttl of an entry: only its birth; each write; each write and each read. */
export type RestartOn = 'create' | 'write' | 'access'

/** The lifetime that a backend is told. All spans are whole milliseconds ≥ 1, the instant whole epoch milliseconds. */
export interface Span {
  /** From the event being applied. `undefined`: no relative end. */
  readonly ttlMs: number | undefined
  /** From the birth. `undefined`: no cap. */
  readonly maxAgeMs: number | undefined
  /** Absolute; may lie in the past. `undefined`: no absolute end. */
  readonly expiresAt: number | undefined
}

/** A lifetime, and what a later read or touch of the entry has to know. */
export interface Expiry extends Span {
  readonly restartOn: RestartOn
  /** 0 … <1: a read restarts only once this fraction of the ttl has passed. */
  readonly refreshAfter: number
}

/** What a backend persists beside a value. Instants are epoch milliseconds. */
export interface Timing {
  /** The instant of death. `undefined` is never. */
  readonly expiresAt: number | undefined
  /** The instant of birth, recorded iff an expiry needed it. A write that needs none over a live entry that has one drops it. */
  readonly bornAt: number | undefined
  /** The window that a restart adds to now. */
  readonly ttlMs: number | undefined
  /** No restart reaches past this instant. */
  readonly capAt: number | undefined
  readonly restartOn: RestartOn
  readonly refreshAfter: number
}

/** Live ⇔ now < expiresAt. The one comparison; sweepable is its exact complement. */
export function isLive(timing: Pick<Timing, 'expiresAt'>, now: number): boolean {
  return timing.expiresAt === undefined || now < timing.expiresAt
}

/**
 * The timing of an entry whose expiry is written now.
 *
 * @param bornAt birth of the live entry that is written over; `undefined` when there is none, or it has none
 */
export function begin(expiry: Expiry, now: number, bornAt?: number): Timing {
  const { ttlMs, maxAgeMs } = expiry
  // Recorded iff this expiry needs it, so that a plain relative write need not look at what it overwrites.
  const birth = maxAgeMs === undefined ? undefined : (bornAt ?? now)
  const capAt = maxAgeMs === undefined ? expiry.expiresAt : least(plus(birth as number, maxAgeMs), expiry.expiresAt)
  return {
    expiresAt: ttlMs === undefined ? capAt : least(plus(now, ttlMs), capAt),
    bornAt: birth,
    ttlMs,
    capAt,
    restartOn: expiry.restartOn,
    refreshAfter: expiry.refreshAfter,
  }
}

/** The window starts again, up to the cap. Never shortens, and gives no deadline to what has none. */
export function restart(timing: Timing, now: number): Timing {
  if (timing.expiresAt === undefined || timing.ttlMs === undefined) return timing
  const renewed = least(plus(now, timing.ttlMs), timing.capAt) as number
  return renewed > timing.expiresAt ? { ...timing, expiresAt: renewed } : timing
}

/** What an explicit touch, or a write that restarts, does to a live entry. Under 'create' nothing. */
export function touched(timing: Timing, now: number): Timing {
  return timing.restartOn === 'create' ? timing : restart(timing, now)
}

/** What a read does to a live entry: a restart under 'access', once `refreshAfter` of the window has passed. */
export function accessed(timing: Timing, now: number): Timing {
  if (timing.restartOn !== 'access' || timing.expiresAt === undefined || timing.ttlMs === undefined) return timing
  const due = timing.expiresAt - now <= timing.ttlMs - timing.ttlMs * timing.refreshAfter
  return due ? restart(timing, now) : timing
}

/** Folds a limit into a live entry whose expiry is kept: birth + limit bounds deadline and cap. */
export function limited(timing: Timing, limitMs: number | undefined, now: number): Timing {
  if (limitMs === undefined) return timing
  const bornAt = timing.bornAt ?? now
  const edge = plus(bornAt, limitMs)
  return { ...timing, bornAt, expiresAt: least(timing.expiresAt, edge), capAt: least(timing.capAt, edge) }
}

/** How a write sets the expiry of what it writes. */
export type Placement = Planned | Exact

export interface Planned {
  /** On a live entry: take `expiry`; keep what is stored; or keep it and touch it. Elsewhere `expiry` creates. */
  readonly onLive: 'replace' | 'keep' | 'restart'
  readonly expiry: Expiry
  /** Folded into what 'keep' and 'restart' retain. Already part of `expiry`. */
  readonly limitMs: number | undefined
}

/** The timing as it stands: how an entry moves between backends. */
export interface Exact {
  readonly onLive: 'exact'
  readonly timing: Timing
}

/**
 * The timing after a write.
 *
 * @param current timing of what is stored, live or not; `undefined` when nothing is
 * @returns when it is not live at `now`, the write stores nothing and removes what was there
 */
export function place(current: Timing | undefined, placement: Placement, now: number): Timing {
  if (placement.onLive === 'exact') return placement.timing
  if (current === undefined || !isLive(current, now)) return begin(placement.expiry, now)
  if (placement.onLive === 'replace') return begin(placement.expiry, now, current.bornAt)
  const kept = limited(current, placement.limitMs, now)
  return placement.onLive === 'restart' && isLive(kept, now) ? touched(kept, now) : kept
}

/** The timing of a live entry whose whole lifetime is replaced: birth, mode and gate stay. */
export function replaced(current: Timing, span: Span, now: number): Timing {
  const { restartOn, refreshAfter, bornAt } = current
  const timing = begin({ ...span, restartOn, refreshAfter }, now, bornAt)
  return bornAt === undefined ? timing : { ...timing, bornAt }
}
