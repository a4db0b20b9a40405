import assert from 'node:assert/strict'
import fc from 'fast-check'
import { BUILT_IN, type PolicyPatch } from '../../src/policy.ts'
import { NOTHING } from '../../src/resolve.ts'
import { lifetime, patch, ttlOnly } from './arbitrary.ts'
import type { Law } from './law.ts'

const SCALARS = ['restartOn', 'refreshAfter', 'jitter'] as const

/** An absent field and an `undefined` one are the same thing. */
function same(a: PolicyPatch, b: PolicyPatch): void {
  for (const field of ['lifetime', ...SCALARS] as const) assert.deepEqual(a[field], b[field], field)
}

export const overrideLaws: readonly Law[] = [
  {
    id: 'override.associates',
    title: 'override(a, override(b, c)) = override(override(a, b), c)',
    why: 'A store and its namespace may be merged once, before any call is known.',
    holds: ({ override }) =>
      fc.assert(
        fc.property(patch, patch, patch, (a, b, c) => same(override(a, override(b, c)), override(override(a, b), c))),
      ),
  },
  {
    id: 'override.unit',
    title: 'override({}, a) = a = override(a, {})',
    why: 'A layer that says nothing changes nothing.',
    holds: ({ override }) =>
      fc.assert(
        fc.property(patch, (a) => {
          same(override(NOTHING, a), a)
          same(override(a, NOTHING), a)
        }),
      ),
  },
  {
    id: 'override.idempotent',
    title: 'override(a, a) = a',
    why: 'Repeating a layer changes nothing.',
    holds: ({ override }) => fc.assert(fc.property(patch, (a) => same(override(a, a), a))),
  },
  {
    id: 'override.specific-wins',
    title: 'each field is that of the more specific layer if it gives one, else that of the other',
    why: 'Presence decides, not truthiness: 0 overrides, undefined inherits.',
    holds: ({ override }) =>
      fc.assert(
        fc.property(patch, patch, (under, over) => {
          const result = override(under, over)
          for (const field of SCALARS) {
            assert.equal(result[field], over[field] === undefined ? under[field] : over[field], field)
          }
          if (over.lifetime === undefined) assert.deepEqual(result.lifetime, under.lifetime)
        }),
      ),
  },
  {
    id: 'override.ttl-keeps-max-age',
    title: 'a ttl replaces the ttl and keeps an inherited maxAge',
    why: 'A ttl given for one call must not lift a session’s cap.',
    holds: ({ override }) =>
      fc.assert(
        fc.property(lifetime, ttlOnly, (inherited, given) => {
          const result = override(
            { lifetime: { replaces: 'whole', value: inherited } },
            { lifetime: { replaces: 'ttl', value: given } },
          )
          assert.equal(result.lifetime?.value.ttl?.ms, given.ttl?.ms)
          assert.equal(result.lifetime?.value.maxAge?.ms, inherited.maxAge?.ms)
        }),
      ),
  },
  {
    id: 'override.ttl-clears-expires-at',
    title: 'a ttl clears an inherited absolute end',
    why: '“This one for an hour” must not end at a date that another layer chose.',
    holds: ({ override }) =>
      fc.assert(
        fc.property(lifetime, ttlOnly, (inherited, given) => {
          const result = override(
            { lifetime: { replaces: 'whole', value: inherited } },
            { lifetime: { replaces: 'ttl', value: given } },
          )
          assert.equal(result.lifetime?.value.expiresAt, undefined)
        }),
      ),
  },
  {
    id: 'override.whole-replaces',
    title: 'expiresAt, lifetime and never replace the whole lifetime',
    why: 'Whoever states the whole rule gets that rule, no field of another layer in it.',
    holds: ({ override }) =>
      fc.assert(
        fc.property(patch, lifetime, (under, value) => {
          assert.deepEqual(override(under, { lifetime: { replaces: 'whole', value } }).lifetime?.value, value)
        }),
      ),
  },
  {
    id: 'override.built-in-completes',
    title: 'what no layer gives is built in: never, restarted by writes, ungated, without jitter',
    why: 'Nothing expires that nobody said should.',
    holds: ({ complete }) =>
      fc.assert(
        fc.property(patch, (given) => {
          const policy = complete(given)
          assert.deepEqual(policy.lifetime, given.lifetime === undefined ? BUILT_IN.lifetime : given.lifetime.value)
          for (const field of SCALARS) {
            assert.equal(policy[field], given[field] === undefined ? BUILT_IN[field] : given[field], field)
          }
          assert.deepEqual(
            { ...complete(NOTHING), lifetime: String(complete(NOTHING).lifetime) },
            { lifetime: 'never', restartOn: 'write', refreshAfter: 0, jitter: 0 },
          )
        }),
      ),
  },
]
