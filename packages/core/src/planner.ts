/** From the layers of a namespace and the options of a call to what a backend is told. */
import type { Condition, Payload } from './backend.ts'
import type { DurationInput } from './duration.ts'
import { Entry } from './entry.ts'
import { describe, TtlTypeError } from './errors.ts'
import { jittered } from './jitter.ts'
import { type Lifetime, lifetimeOf } from './lifetime.ts'
import { type LifetimeChoice, type Policy, type PolicyPatch, type PolicyScalars, readPolicy } from './policy.ts'
import { complete, expiryOf, override } from './resolve.ts'
import { least } from './timeline.ts'
import type { Planned, Span } from './timing.ts'

/** When a write happens: only on an absent key, only on a live one, or only while the value is still the one that was read. */
export type WriteCondition = 'absent' | 'present' | { readonly unchanged: Entry }

/** Options of a write: a policy for this entry, or `expiry` to leave that of a live entry in force. */
export type SetOptions = ExpiryOptions & {
  /** Judged first; if it fails, nothing changes and the answer is `false`. Expired counts as absent. */
  readonly if?: WriteCondition | undefined
}

export type ExpiryOptions =
  | (LifetimeChoice & PolicyScalars & { readonly expiry?: undefined })
  | (Omit<PolicyScalars, 'restartOn'> & {
      /** On a live entry: `'keep'` leaves the deadline alone, `'restart'` touches it; elsewhere the resolved policy creates. */
      readonly expiry: 'keep' | 'restart'
      readonly ttl?: undefined
      readonly expiresAt?: undefined
      readonly lifetime?: undefined
      readonly restartOn?: undefined
    })

/** The options of `set`, of `getOrSet`, and of `explain`, beside those of a policy. */
export const SET_OPTIONS: readonly string[] = ['expiry', 'if']
export const GET_OR_SET_OPTIONS: readonly string[] = ['expiry', 'touch']
export const EXPLAIN_OPTIONS: readonly string[] = ['expiry']

/** One level's policy: everything that is configured above a call. */
export class Planner {
  readonly policy: Policy
  readonly limitMs: number | undefined
  readonly #patch: PolicyPatch
  readonly #namespace: string
  /** What a call without options gets; not constant where every key has its own jitter. */
  readonly #constant: Planned | undefined

  constructor(patch: PolicyPatch, limitMs: number | undefined, namespace: string) {
    this.#patch = patch
    this.limitMs = limitMs
    this.#namespace = namespace
    this.policy = complete(patch)
    this.#constant = this.policy.jitter === 0 ? this.#planned(this.policy, undefined, '') : undefined
  }

  /** The same namespace with one more layer on top. */
  with(patch: PolicyPatch): Planner {
    return new Planner(override(this.#patch, patch), this.limitMs, this.#namespace)
  }

  /** The same without any limit, to tell what the limit changes. */
  unlimited(): Planner {
    return new Planner(this.#patch, undefined, this.#namespace)
  }

  /** @param names the options that the call has beside those of a policy */
  write(key: string, options: ExpiryOptions | undefined, names: readonly string[]): Planned {
    if (options === undefined) return this.#constant ?? this.#planned(this.policy, undefined, key)
    const { patch, keeps } = readWrite(options, names)
    return this.#planned(
      complete(override(this.#patch, patch)),
      keeps ?? (patch.lifetime === undefined ? undefined : 'replace'),
      key,
    )
  }

  /** What a member write is told: create the group by this policy, or act on its own. */
  member(id: string): Planned {
    return this.#planned(this.policy, 'restart', id)
  }

  /** The lifetime that `expire` gives to a key. */
  span(lifetime: Lifetime | DurationInput, key: string): Span {
    const { ttl, maxAge, expiresAt } = lifetimeOf(lifetime)
    return {
      ttlMs: ttl === undefined ? undefined : jittered(ttl.ms, this.policy.jitter, this.#namespace, key),
      maxAgeMs: least(maxAge?.ms, this.limitMs),
      expiresAt: expiresAt?.epochMilliseconds,
    }
  }

  #planned(policy: Policy, onLive: Planned['onLive'] | undefined, key: string): Planned {
    return {
      // Under 'create' a write without an expiry of its own leaves that of the live entry alone.
      onLive: onLive ?? (policy.restartOn === 'create' ? 'keep' : 'replace'),
      expiry: expiryOf(policy, this.limitMs, this.#namespace, key),
      limitMs: this.limitMs,
    }
  }
}

/** Reads the options of a write. */
export function readWrite(
  options: ExpiryOptions,
  names: readonly string[],
): {
  readonly patch: PolicyPatch
  readonly keeps: 'keep' | 'restart' | undefined
} {
  const patch = readPolicy(options, 'options', names)
  const keeps: unknown = options.expiry
  if (keeps !== undefined) {
    if (keeps !== 'keep' && keeps !== 'restart') {
      throw new TtlTypeError(
        'TTL_INVALID',
        `expiry must be 'keep' or 'restart', got ${describe(keeps)}; for another deadline write ttl or expiresAt`,
      )
    }
    if (patch.lifetime !== undefined || patch.restartOn !== undefined) {
      const other = patch.restartOn === undefined ? 'ttl, expiresAt or lifetime' : 'restartOn'
      throw new TtlTypeError(
        'TTL_CONFLICT',
        `expiry: '${keeps}' leaves the entry's own expiry in force and excludes ${other}; give one of them`,
      )
    }
  }
  return { patch, keeps }
}

/** Reads the condition of a write. */
export function readCondition(
  condition: WriteCondition | undefined,
  namespace: string,
  key: string,
): Condition | undefined {
  if (condition === undefined || condition === 'absent' || condition === 'present') return condition
  if (typeof condition === 'object' && condition !== null && Object.keys(condition).join() === 'unchanged') {
    const payload: Payload = Entry.payloadOf(condition.unchanged, namespace, key)
    return { payload }
  }
  throw new TtlTypeError(
    'TTL_INVALID',
    `if must be 'absent', 'present' or { unchanged: entry }, got ${describe(condition)}`,
  )
}
