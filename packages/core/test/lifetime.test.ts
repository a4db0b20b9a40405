import { describe, expect, test } from 'vitest'
import { duration, seconds } from '../src/duration.ts'
import {
  after,
  at,
  earliest,
  evaluate,
  isLifetime,
  isNever,
  type Lifetime,
  lifetimeOf,
  maxAge,
  never,
  toLifetime,
} from '../src/lifetime.ts'
import { thrownBy } from './thrown.ts'

const T0 = 1_767_225_600_000

describe('a lifetime', () => {
  test.each<[Lifetime, string]>([
    [never, 'never'],
    [after('30m'), "after('30m')"],
    [maxAge('PT12H'), "maxAge('12h')"],
    [at('2026-12-31T23:59:59Z'), "at('2026-12-31T23:59:59.000Z')"],
    [earliest(after('30m'), maxAge('12h')), "earliest(after('30m'), maxAge('12h'))"],
    [earliest(never), 'never'],
    [earliest(never, after('1h'), after('30m'), never), "after('30m')"],
    [
      earliest(at('2026-12-31T23:59:59Z'), maxAge('12h'), after('1h'), maxAge('1d')),
      "earliest(after('1h'), maxAge('12h'), at('2026-12-31T23:59:59.000Z'))",
    ],
  ])('is its own normal form: %s', (lifetime, text) => {
    expect(String(lifetime)).toBe(text)
    expect(isLifetime(lifetime)).toBe(true)
    expect(isNever(lifetime)).toBe(text === 'never')
    expect(Object.isFrozen(lifetime)).toBe(true)
    expect(toLifetime(lifetime)).toBe(lifetime)
    expect(lifetimeOf(lifetime)).toBe(lifetime)
  })

  test('may be a duration that stands for after(duration)', () => {
    expect(lifetimeOf('1h')).toEqual(after('1h'))
    expect(lifetimeOf(seconds(5))).toEqual(after('5s'))
    expect(after(duration('5s'))).toEqual(after('5s'))
  })

  test.each([[{}], [{ ttl: undefined }], [{ ttl: '1h' }], ['1h'], [60], [null], [undefined], [seconds(1)]])(
    'is not %o',
    (raw) => {
      for (const refuse of [
        () => toLifetime(raw),
        () => earliest(raw as Lifetime),
        () => earliest(never, raw as Lifetime),
      ]) {
        const error = thrownBy(refuse)
        expect(error).toMatchObject({ name: 'TtlTypeError', code: 'TTL_INVALID' })
        expect(error.message).toMatch(/^expected a lifetime, got .*make it with after\('1h'\).*or never$/)
      }
      expect(isLifetime(raw)).toBe(false)
    },
  )

  test('earliest of nothing is refused', () => {
    expect(thrownBy(() => (earliest as unknown as () => Lifetime)())).toMatchObject({ code: 'TTL_INVALID' })
  })
})

describe('evaluate', () => {
  test.each<[string, Lifetime, { now: number; bornAt?: number }, number | undefined]>([
    ['never', never, { now: T0 }, undefined],
    ['after', after('60s'), { now: T0 + 5 }, T0 + 60_005],
    ['after, whatever the birth', after('60s'), { now: T0 + 5, bornAt: T0 }, T0 + 60_005],
    ['maxAge from birth', maxAge('60s'), { now: T0 + 5, bornAt: T0 }, T0 + 60_000],
    ['maxAge without a birth: born now', maxAge('60s'), { now: T0 + 5 }, T0 + 60_005],
    ['at, in the past too', at('2025-01-01T00:00:00Z'), { now: T0 }, Date.UTC(2025, 0)],
    ['the earliest: idle', earliest(after('30s'), maxAge('100s')), { now: T0 + 60_000, bornAt: T0 }, T0 + 90_000],
    ['the earliest: cap', earliest(after('30s'), maxAge('100s')), { now: T0 + 80_000, bornAt: T0 }, T0 + 100_000],
    ['an elapsed cap lies in the past', maxAge('1s'), { now: T0 + 5_000, bornAt: T0 }, T0 + 1_000],
    ['a birth of 0 is a birth', maxAge('1s'), { now: T0, bornAt: 0 }, 1_000],
  ])('%s', (_, lifetime, event, deadline) => {
    expect(evaluate(lifetime, event)).toBe(deadline)
  })
})
