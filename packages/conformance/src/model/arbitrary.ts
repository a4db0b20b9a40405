import type { Capabilities } from '@ttl/core'
import fc from 'fast-check'
import {
  IDS,
  KEYS,
  type Life,
  MEMBERS,
  NAMES,
  type Operation,
  type Options,
  type Trace,
  type View,
} from './operations.ts'

/** What a grid allows. */
export interface Shape {
  /** The longest trace, in operations. */
  readonly length: number
  /** Spans, in units. */
  readonly spans: readonly number[]
  /** Whether operations may come as close to a deadline as they like. */
  readonly exact: boolean
}

/** There `weight` times as often as not. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, weight = 1): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: weight + 1 })

const key = fc.constantFrom(...KEYS)
const keys = fc.array(key, { minLength: 1, maxLength: 5 })
const id = fc.constantFrom(...IDS)
const member = fc.constantFrom(...MEMBERS)
const touch = fc.constantFrom(true, true, true, false)
const value = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(null, '', false, 'text'))

export function traces(shape: Shape, can: Capabilities): fc.Arbitrary<Trace> {
  const span = fc.constantFrom(...shape.spans)
  const at = fc.integer({ min: -2, max: shape.exact ? 60 : 12 })
  const life: fc.Arbitrary<Life> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ ttl: span }) },
    { weight: 1, arbitrary: fc.record({ age: span }) },
    { weight: 1, arbitrary: fc.record({ at }) },
    { weight: 2, arbitrary: fc.record({ ttl: span, age: span }) },
    { weight: 1, arbitrary: fc.record({ ttl: maybe(span), age: maybe(span), at }) },
    { weight: 1, arbitrary: fc.constant({ never: true } as const) },
  )
  const restartOn = fc.constantFrom('create', 'write', 'access', 'access' as const)
  const refreshAfter = fc.constantFrom(...(shape.exact ? [0, 0, 0.25, 1 / 3, 0.5, 0.9] : [0, 0, 0.5]))
  const condition = fc.constantFrom('absent', 'present', 'unchanged' as const)
  const policy: fc.Arbitrary<Options> = fc.record({
    life: maybe(life, 4),
    restartOn: maybe(restartOn, 2),
    refreshAfter: maybe(refreshAfter),
  })
  const options: fc.Arbitrary<Options> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        life: maybe(life, 2),
        restartOn: maybe(restartOn),
        refreshAfter: maybe(refreshAfter),
        if: maybe(condition),
      }),
    },
    { weight: 2, arbitrary: fc.record({ expiry: fc.constantFrom('keep', 'restart' as const), if: maybe(condition) }) },
  )
  const view: fc.Arbitrary<View> = fc.record({
    name: fc.constantFrom('a', 'a', 'b' as const),
    policy,
    max: maybe(span),
  })
  const on = fc.nat({ max: 2 })

  const weighted: [weight: number, fc.Arbitrary<Operation>][] = [
    [
      8,
      fc.record({
        op: fc.constant('advance'),
        by: fc.constantFrom(...(shape.exact ? [1, 1, 2, 3, 5, 8, 12] : [1, 1, 2, 3])),
      }),
    ],
    [8, fc.record({ op: fc.constant('set'), view: on, key, value, options: maybe(options, 2) })],
    [
      2,
      fc.record({
        op: fc.constant('setMany'),
        view: on,
        writes: fc.array(fc.tuple(key, value, maybe(options)), { minLength: 1, maxLength: 4 }),
      }),
    ],
    [6, fc.record({ op: fc.constantFrom('get', 'getEntry' as const), view: on, key, touch })],
    [2, fc.record({ op: fc.constant('getMany'), view: on, keys, touch })],
    [1, fc.record({ op: fc.constant('getOrSet'), view: on, key, value: fc.nat({ max: 9 }) })],
    [3, fc.record({ op: fc.constantFrom('has', 'expiry' as const), view: on, key })],
    [3, fc.record({ op: fc.constant('touch'), view: on, key })],
    [2, fc.record({ op: fc.constant('persist'), view: on, key })],
    [2, fc.record({ op: fc.constantFrom('take', 'delete' as const), view: on, key })],
    [1, fc.record({ op: fc.constant('copy'), view: on, key, to: key, overwrite: fc.boolean() })],
    [1, fc.record({ op: fc.constant('deleteMany'), view: on, keys })],
    [3, fc.record({ op: fc.constant('expire'), view: on, key, life })],
  ]
  // A limited sweep is always followed by one without: which entries come first is nobody's promise.
  weighted.push([
    2,
    fc.record({ op: fc.constant('sweep'), view: on, limit: maybe(fc.integer({ min: 1, max: 3 })), asOf: maybe(at) }),
  ])
  if (shape.exact) {
    const offset = fc.constantFrom(-1, 0, 1 as const)
    weighted.push([
      5,
      fc.record({
        op: fc.constant('deadline'),
        view: on,
        space: fc.constantFrom('entry', 'entry', 'group' as const),
        key: fc.oneof(key, id),
        offset,
      }),
    ])
  }
  if (can.scan !== 'none') {
    weighted.push([1, fc.record({ op: fc.constantFrom('keys', 'entries', 'count' as const), view: on })])
    weighted.push([1, fc.record({ op: fc.constant('clear'), view: on })])
  }
  if (can.stats) weighted.push([1, fc.record({ op: fc.constant('stats'), view: on })])
  if (can.groups) {
    const members = fc.dictionary(member, fc.nat({ max: 9 }), { minKeys: 1, maxKeys: 3, noNullPrototype: true })
    weighted.push(
      [5, fc.record({ op: fc.constant('group.set'), view: on, key: id, members, policy: maybe(policy) })],
      [
        4,
        fc.record({
          op: fc.constant('group.get'),
          view: on,
          key: id,
          members: maybe(fc.uniqueArray(member, { minLength: 1 })),
          touch,
        }),
      ],
      [2, fc.record({ op: fc.constant('group.deleteMember'), view: on, key: id, member })],
      [
        3,
        fc.record({ op: fc.constantFrom('group.touch', 'group.persist', 'group.expiry' as const), view: on, key: id }),
      ],
      [1, fc.record({ op: fc.constant('group.delete'), view: on, key: id })],
      [2, fc.record({ op: fc.constant('group.expire'), view: on, key: id, life })],
    )
    if (can.scan !== 'none') weighted.push([1, fc.record({ op: fc.constant('groups'), view: on })])
  }
  const operation = fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })))
  return fc.record({
    views: fc.array(view, { minLength: 3, maxLength: 3 }),
    operations: fc.array(operation, { minLength: 1, maxLength: shape.length, size: 'max' }),
  })
}

export { NAMES }
