import assert from 'node:assert/strict'
import fc from 'fast-check'
import { lifetime, spanMs } from './arbitrary.ts'
import type { Law } from './law.ts'

export const lifetimeLaws: readonly Law[] = [
  {
    id: 'lifetime.earliest-associates',
    title: 'earliest(a, earliest(b, c)) = earliest(earliest(a, b), c)',
    why: 'Layers and limits may be folded in any grouping.',
    holds: ({ earliest }) =>
      fc.assert(
        fc.property(lifetime, lifetime, lifetime, (a, b, c) => {
          assert.deepEqual(earliest(a, earliest(b, c)), earliest(earliest(a, b), c))
        }),
      ),
  },
  {
    id: 'lifetime.earliest-commutes',
    title: 'earliest(a, b) = earliest(b, a)',
    why: 'Which bound is named first says nothing about which is stricter.',
    holds: ({ earliest }) =>
      fc.assert(fc.property(lifetime, lifetime, (a, b) => assert.deepEqual(earliest(a, b), earliest(b, a)))),
  },
  {
    id: 'lifetime.earliest-idempotent',
    title: 'earliest(a, a) = a',
    why: 'Saying a bound twice does not tighten it.',
    holds: ({ earliest }) => fc.assert(fc.property(lifetime, (a) => assert.deepEqual(earliest(a, a), a))),
  },
  {
    id: 'lifetime.never-is-identity',
    title: 'earliest(a, never) = a = earliest(never, a)',
    why: 'No bound adds nothing, on either side.',
    holds: ({ earliest, never }) =>
      fc.assert(
        fc.property(lifetime, (a) => {
          assert.deepEqual(earliest(a, never), a)
          assert.deepEqual(earliest(never, a), a)
        }),
      ),
  },
  {
    id: 'lifetime.earliest-folds',
    title: 'earliest(a, b, c) = earliest(a, earliest(b, c)), and earliest(a) = a',
    why: 'The combinator of many is that of two.',
    holds: ({ earliest }) =>
      fc.assert(
        fc.property(lifetime, lifetime, lifetime, (a, b, c) => {
          assert.deepEqual(earliest(a, b, c), earliest(a, earliest(b, c)))
          assert.deepEqual(earliest(a), a)
        }),
      ),
  },
  {
    id: 'lifetime.earliest-is-a-lower-bound',
    title: 'no field of earliest(a, b) is later than that of a or of b, and each is that of one of them',
    why: 'The meet invents no deadline and drops none.',
    holds: ({ earliest }) =>
      fc.assert(
        fc.property(lifetime, lifetime, (a, b) => {
          const meet = earliest(a, b)
          for (const field of ['ttl', 'maxAge', 'expiresAt'] as const) {
            const given = [a[field], b[field]].filter((bound) => bound !== undefined).map(Number)
            assert.equal(
              meet[field] === undefined ? undefined : Number(meet[field]),
              given.length === 0 ? undefined : Math.min(...given),
            )
          }
        }),
      ),
  },
  {
    id: 'lifetime.constructors-set-one-field',
    title: 'after sets ttl alone, maxAge sets maxAge alone, at sets expiresAt alone, never none',
    why: 'An adapter reads three numbers and needs no interpreter.',
    holds: ({ after, maxAge, at, never, epochMs }) =>
      fc.assert(
        fc.property(spanMs, (ms) => {
          const fields = (of: typeof never | ReturnType<typeof after>) => [
            of.ttl?.ms,
            of.maxAge?.ms,
            of.expiresAt?.epochMilliseconds,
          ]
          assert.deepEqual(fields(after({ milliseconds: ms })), [ms, undefined, undefined])
          assert.deepEqual(fields(maxAge({ milliseconds: ms })), [undefined, ms, undefined])
          assert.deepEqual(fields(at(epochMs(ms))), [undefined, undefined, ms])
          assert.deepEqual(fields(never), [undefined, undefined, undefined])
        }),
      ),
  },
  {
    id: 'lifetime.raw-objects-refused',
    title: 'what no constructor made is no lifetime, least of all {}',
    why: '`lifetime: config ?? {}` must not make things immortal.',
    holds: ({ toLifetime, earliest, never }) =>
      fc.assert(
        fc.property(fc.oneof(fc.constant({}), fc.constant({ ttl: undefined }), fc.anything()), (raw) => {
          assert.throws(() => toLifetime(raw), { code: 'TTL_INVALID' })
          assert.throws(() => earliest(never, raw as typeof never), { code: 'TTL_INVALID' })
        }),
      ),
  },
]
