/**
 * From layers to one expiry: `call ▸ group ▸ namespace ▸ store ▸ built-in`, field by field, then limits.
 * Pure: no clock, no I/O.
 */
import { jittered } from './jitter.ts'
import { Lifetime } from './lifetime.ts'
import { BUILT_IN, type Policy, type PolicyPatch } from './policy.ts'
import { least } from './timeline.ts'
import type { Expiry } from './timing.ts'

/** The patch that changes nothing: the unit of {@link override}. */
export const NOTHING: PolicyPatch = Object.freeze({})

/**
 * `over` on top of `under`; a monoid with unit {@link NOTHING}.
 * A ttl replaces the ttl, clears an absolute end and keeps an inherited maxAge: a ttl given for one call must not lift a session's cap.
 */
export function override(under: PolicyPatch, over: PolicyPatch): PolicyPatch {
  return {
    lifetime: overrideLifetime(under.lifetime, over.lifetime),
    restartOn: over.restartOn ?? under.restartOn,
    refreshAfter: over.refreshAfter ?? under.refreshAfter,
    jitter: over.jitter ?? under.jitter,
  }
}

function overrideLifetime(under: PolicyPatch['lifetime'], over: PolicyPatch['lifetime']): PolicyPatch['lifetime'] {
  if (over === undefined) return under
  if (over.replaces === 'whole' || under === undefined) return over
  return { replaces: under.replaces, value: Lifetime.of(over.value.ttl, under.value.maxAge, undefined) }
}

/** A patch over the built-in policy. */
export function complete(patch: PolicyPatch): Policy {
  return {
    lifetime: patch.lifetime?.value ?? BUILT_IN.lifetime,
    restartOn: patch.restartOn ?? BUILT_IN.restartOn,
    refreshAfter: patch.refreshAfter ?? BUILT_IN.refreshAfter,
    jitter: patch.jitter ?? BUILT_IN.jitter,
  }
}

/** Limits of several layers: the strictest wins, in any order. `undefined` is no limit. */
export function strictest(a: number | undefined, b: number | undefined): number | undefined {
  return least(a, b)
}

/** What a backend is told: the policy's lifetime, jittered for this key, within the limit. */
export function expiryOf(policy: Policy, limitMs: number | undefined, namespace: string, key: string): Expiry {
  const { lifetime } = policy
  return {
    ttlMs: lifetime.ttl === undefined ? undefined : jittered(lifetime.ttl.ms, policy.jitter, namespace, key),
    maxAgeMs: least(lifetime.maxAge?.ms, limitMs),
    expiresAt: lifetime.expiresAt?.epochMilliseconds,
    restartOn: policy.restartOn,
    refreshAfter: policy.refreshAfter,
  }
}
