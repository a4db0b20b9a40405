import type { DurationInput } from './duration.ts'
import { toDuration } from './duration.ts'
import { describe, TtlRangeError, TtlTypeError } from './errors.ts'
import type { InstantInput } from './instant.ts'
import {
  after,
  at,
  earliest,
  isLifetime,
  isNever,
  type Lifetime,
  lifetimeOf,
  maxAge,
  type Never,
  never,
  toLifetime,
} from './lifetime.ts'
import type { RestartOn } from './timing.ts'

export type { RestartOn } from './timing.ts'

/** A lifetime and what restarts it, complete. */
export interface Policy {
  readonly lifetime: Lifetime
  /** What restarts the ttl: birth only; each write; each write and read. */
  readonly restartOn: RestartOn
  /** 0 … <1: a read restarts only once this fraction of the ttl has passed; the guaranteed idle life is then `(1 − refreshAfter) · ttl`. */
  readonly refreshAfter: number
  /** 0 … <1: shortens the ttl by up to this fraction, the same for the same key. Applied once, when the ttl is written, before limits. */
  readonly jitter: number
}

/** `ttl`, `expiresAt` and `lifetime` exclude each other. Whoever wants two of them says so: `lifetime: earliest(after('1h'), at(t))`. */
export type LifetimeChoice =
  | { readonly ttl?: DurationInput | Never | undefined; readonly expiresAt?: undefined; readonly lifetime?: undefined }
  | { readonly expiresAt: InstantInput; readonly ttl?: undefined; readonly lifetime?: undefined }
  | { readonly lifetime: Lifetime; readonly ttl?: undefined; readonly expiresAt?: undefined }

/** The part of a {@link Policy} that is not its lifetime, each field on its own. */
export interface PolicyScalars {
  /** Default `'write'`. */
  readonly restartOn?: RestartOn | undefined
  /** Default 0. Minimum 0, below 1. */
  readonly refreshAfter?: number | undefined
  /** Default 0. Minimum 0, below 1. */
  readonly jitter?: number | undefined
}

/** How a policy is given: to a store, a namespace, a group, a call. Left out (`undefined`) is inherited, field by field. */
export type PolicyInput = LifetimeChoice & PolicyScalars

/** What a preset returns: a whole lifetime and what restarts it; it leaves the rest to be inherited. */
export interface Preset {
  readonly lifetime: Lifetime
  readonly restartOn: RestartOn
}

/** Lives that long from birth; writing again changes the value, not the deadline (JCache *Created*). */
export function fixed(lifetime: DurationInput | Lifetime): Preset {
  return { lifetime: lifetimeOf(lifetime), restartOn: 'create' }
}

/** Lives that long from its last write (JCache *Modified*). */
export function rolling(lifetime: DurationInput | Lifetime): Preset {
  return { lifetime: lifetimeOf(lifetime), restartOn: 'write' }
}

/**
 * Lives that long from its last write or read (JCache *Touched*), and never past `max` from its birth.
 *
 * @param idle the time without any use after which it ends
 * @param cap.max a duration from birth, or `'unbounded'` said out loud: without a cap a background job keeps a session alive for ever
 */
export function sliding(idle: DurationInput, cap: { readonly max: DurationInput | 'unbounded' }): Preset {
  const max: unknown = typeof cap === 'object' && cap !== null ? cap.max : undefined
  if (max === undefined || max === null || isLifetime(max)) {
    throw new TtlTypeError(
      'TTL_INVALID',
      "sliding(idle, { max }) needs a max: write { max: '12h' }, or { max: 'unbounded' } if nothing should end it",
    )
  }
  const unknown = Object.keys(cap).find((name) => name !== 'max')
  if (unknown !== undefined) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `sliding has no option ${describe(unknown)}; write { ...sliding(…), ${unknown}: … }`,
    )
  }
  const lifetime = max === 'unbounded' ? after(idle) : earliest(after(idle), maxAge(max as DurationInput))
  return { lifetime, restartOn: 'access' }
}

/** What holds where no layer says anything: lives until deleted. */
export const BUILT_IN: Policy = Object.freeze({ lifetime: never, restartOn: 'write', refreshAfter: 0, jitter: 0 })

/** A policy input, read and checked: only what was given. */
export interface PolicyPatch {
  /** A new ttl keeps an inherited maxAge; anything else replaces the whole lifetime. */
  readonly lifetime?: { readonly replaces: 'ttl' | 'whole'; readonly value: Lifetime } | undefined
  readonly restartOn?: RestartOn | undefined
  readonly refreshAfter?: number | undefined
  readonly jitter?: number | undefined
}

const LIFETIME_FIELDS = ['ttl', 'expiresAt', 'lifetime'] as const
const POLICY_FIELDS: readonly string[] = [...LIFETIME_FIELDS, 'restartOn', 'refreshAfter', 'jitter']
const RESTARTS: readonly unknown[] = ['create', 'write', 'access']

/**
 * Reads a policy input.
 *
 * @param also further option names that are allowed beside those of a policy
 * @throws `TTL_CONFLICT` when two of `ttl`, `expiresAt`, `lifetime` are present (`!== undefined`), `TTL_INVALID` for anything else
 */
export function readPolicy(input: unknown, where: string, also: readonly string[] = []): PolicyPatch {
  if (typeof input !== 'object' || input === null || isLifetime(input)) {
    const hint = isLifetime(input)
      ? ': wrap it, { lifetime: … }'
      : ": write { ttl: '15m' }, rolling('15m') or sliding('30m', { max: '12h' })"
    throw new TtlTypeError(
      'TTL_INVALID',
      `${where} must be an object, got ${isLifetime(input) ? 'a lifetime' : describe(input)}${hint}`,
    )
  }
  const fields = input as Record<string, unknown>
  // A Date or a Map has no options to read: taken for an empty policy, it would make things immortal.
  if (Object.prototype.toString.call(input) !== '[object Object]') {
    throw new TtlTypeError(
      'TTL_INVALID',
      `${where} must be an object with options, got ${describe(input)}: write { ttl: '15m' }`,
    )
  }
  for (const name of Object.keys(fields)) {
    if (!POLICY_FIELDS.includes(name) && !also.includes(name)) {
      throw new TtlTypeError(
        'TTL_INVALID',
        `${where} has no option ${describe(name)}; it has ${[...POLICY_FIELDS, ...also].join(', ')}`,
      )
    }
    if (fields[name] === null) {
      throw new TtlTypeError(
        'TTL_INVALID',
        POLICY_FIELDS.includes(name)
          ? `${name} of ${where} is null, which could mean three things: leave it out to inherit, write never for no expiry`
          : `${name} of ${where} is null; leave it out`,
      )
    }
  }
  return {
    lifetime: readLifetime(fields, where),
    restartOn: readRestart(fields.restartOn, where),
    refreshAfter: readFraction(fields.refreshAfter, 'refreshAfter', where),
    jitter: readFraction(fields.jitter, 'jitter', where),
  }
}

function readLifetime(fields: Record<string, unknown>, where: string): PolicyPatch['lifetime'] {
  const given = LIFETIME_FIELDS.filter((name) => fields[name] !== undefined)
  if (given.length > 1) {
    throw new TtlTypeError(
      'TTL_CONFLICT',
      `${where} gives ${given.join(' and ')}, which exclude each other; to have the earlier of both write lifetime: earliest(after('1h'), at(instant))`,
    )
  }
  switch (given[0]) {
    case 'ttl':
      if (isNever(fields.ttl)) return { replaces: 'whole', value: never }
      if (isLifetime(fields.ttl)) {
        throw new TtlTypeError(
          'TTL_INVALID',
          `ttl of ${where} takes a duration or never, got the lifetime ${fields.ttl}; write lifetime: ${fields.ttl}`,
        )
      }
      return { replaces: 'ttl', value: after(fields.ttl as DurationInput) }
    case 'expiresAt':
      if (isLifetime(fields.expiresAt)) {
        const write = isNever(fields.expiresAt) ? 'ttl: never' : `lifetime: ${fields.expiresAt}`
        throw new TtlTypeError(
          'TTL_INVALID',
          `expiresAt of ${where} takes an instant, got the lifetime ${fields.expiresAt}; write ${write}`,
        )
      }
      return { replaces: 'whole', value: at(fields.expiresAt as InstantInput) }
    case 'lifetime':
      return { replaces: 'whole', value: toLifetime(fields.lifetime) }
    default:
      return undefined
  }
}

function readRestart(value: unknown, where: string): RestartOn | undefined {
  if (value === undefined || RESTARTS.includes(value)) return value as RestartOn | undefined
  throw new TtlTypeError(
    'TTL_INVALID',
    `restartOn of ${where} must be 'create', 'write' or 'access', got ${describe(value)}`,
  )
}

function readFraction(value: unknown, name: string, where: string): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= 0 && value < 1) return value
  throw new TtlRangeError(
    'TTL_INVALID',
    `${name} of ${where} must be a fraction, at least 0 and below 1, got ${describe(value)}`,
  )
}

/** What no policy and no call can override. */
export interface Limits {
  /** The longest life from birth; binds `never` and `persist` too. */
  readonly max?: DurationInput | undefined
}

/** @returns the limit in milliseconds, or `undefined` for none */
export function readLimits(input: unknown, where: string): number | undefined {
  if (input === undefined) return undefined
  if (Object.prototype.toString.call(input) !== '[object Object]') {
    throw new TtlTypeError('TTL_INVALID', `${where} must be an object, got ${describe(input)}: write { max: '90d' }`)
  }
  for (const name of Object.keys(input as object)) {
    if (name !== 'max') throw new TtlTypeError('TTL_INVALID', `${where} has no option ${describe(name)}; it has max`)
  }
  const { max } = input as { max?: unknown }
  if (max === null || isLifetime(max)) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `max of ${where} must be a duration, got ${describe(max)}; for no limit leave it out`,
    )
  }
  return max === undefined ? undefined : toDuration(max).ms
}
