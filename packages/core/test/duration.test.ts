import { describe, expect, test } from 'vitest'
import {
  Duration,
  days,
  duration,
  hours,
  isDuration,
  MAX_DURATION_MS,
  milliseconds,
  minutes,
  seconds,
  toDuration,
  weeks,
} from '../src/duration.ts'
import { after, never } from '../src/lifetime.ts'
import { thrownBy } from './thrown.ts'

const temporal = (fields: Record<string, number>) => ({
  [Symbol.toStringTag]: 'Temporal.Duration' as const,
  years: 0,
  months: 0,
  weeks: 0,
  days: 0,
  hours: 0,
  minutes: 0,
  seconds: 0,
  milliseconds: 0,
  microseconds: 0,
  nanoseconds: 0,
  ...fields,
})

describe('a duration is read from', () => {
  test.each<[unknown, number]>([
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['2w', 1_209_600_000],
    ['1w2d', 777_600_000],
    ['1h5ms', 3_600_005],
    ['1m5ms', 60_005],
    ['1m5s5ms', 65_005],
    ['00015m', 900_000],
    ['90m', 5_400_000],
    ['0h1m', 60_000],
    ['1.5h', 5_400_000],
    ['1h0.5m', 3_630_000],
    ['0.5w', 302_400_000],
    ['1.5s', 1_500],
    ['0.4ms', 1],
    ['1.5ms', 2],
    ['1.0000000000001ms', 2],
    ['0.1s', 100],
    ['1.1s', 1_100],
    ['2592001s', 2_592_001_000],
    ['25d', 2_160_000_000],
    ['36525d', MAX_DURATION_MS],
    ['PT15M', 900_000],
    ['P7D', 604_800_000],
    ['P1DT12H', 129_600_000],
    ['P2W', 1_209_600_000],
    ['P1W2D', 777_600_000],
    ['P1W2DT3H4M5S', 788_645_000],
    ['PT0.0004S', 1],
    ['PT1.5H', 5_400_000],
    ['P0.5D', 43_200_000],
    [{ minutes: 1, seconds: 30 }, 90_000],
    [{ weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1 }, 694_861_001],
    [{ hours: 1, minutes: undefined }, 3_600_000],
    [{ minutes: 0, seconds: 1 }, 1_000],
    [{ seconds: 1.1 }, 1_100],
    [{ seconds: 0.0005, milliseconds: 0.5 }, 1],
    [{ weeks: 6.25e-7 }, 378],
    [{ milliseconds: 1e-300 }, 1],
    [Object.assign(Object.create(null), { seconds: 2 }), 2_000],
    [temporal({ hours: 1, minutes: 30 }), 5_400_000],
    [temporal({ microseconds: 1 }), 1],
    [temporal({ milliseconds: 1, microseconds: 999, nanoseconds: 1_000 }), 2],
    [temporal({ microseconds: 3_000_000_000_001_000 }), 3_000_000_000_001],
    [temporal({ nanoseconds: 3_000_000_000_001 }), 3_000_001],
    [seconds(90), 90_000],
    [Duration.of(5), 5],
  ])('%o', (input, ms) => {
    const read = toDuration(input)
    expect(read.ms).toBe(ms)
    expect(isDuration(read)).toBe(true)
    expect(duration(input as string).ms).toBe(ms)
    expect(after(input as '1h').ttl?.ms).toBe(ms)
  })

  test('seconds and its sisters', () => {
    const made = [milliseconds(250), seconds(90), minutes(15), hours(12), days(7), weeks(2)]
    expect(made.map(({ ms }) => ms)).toEqual([250, 90_000, 900_000, 43_200_000, 604_800_000, 1_209_600_000])
    expect(milliseconds(0.2).ms).toBe(1)
  })
})

describe('a duration is refused', () => {
  const noUnit = 'which has no unit'
  const positive = 'a duration must be longer than zero'
  const tooLong = 'a duration is at most 100 years'
  const calendar = 'months and years have no fixed length'

  test.each<[unknown, 'TtlTypeError' | 'TtlRangeError', ...string[]]>([
    [60, 'TtlTypeError', 'the number 60', noUnit, 'seconds(60)', 'milliseconds(60)'],
    [1_500.5, 'TtlTypeError', noUnit],
    [2 ** 53, 'TtlTypeError', 'the number 9007199254740992', noUnit],
    [60n, 'TtlTypeError', 'the bigint 60n', 'seconds(60)'],
    [0, 'TtlTypeError', 'the number 0', 'for no expiry'],
    [-1, 'TtlTypeError', 'the number -1', "write '15m'"],
    [Number.NaN, 'TtlTypeError', 'the number NaN', "write '15m'"],
    [Number.POSITIVE_INFINITY, 'TtlTypeError', 'the number Infinity', 'never for no expiry'],
    ['60', 'TtlTypeError', '"60"', noUnit, "'60s' or '60ms'"],
    ['1500.5', 'TtlTypeError', noUnit, "'1500.5ms'"],
    ['9'.repeat(40), 'TtlTypeError', noUnit, "write '15m'"],
    ['', 'TtlTypeError', 'got ""', "write '15m'"],
    [' ', 'TtlTypeError', "write '15m'"],
    ['-5s', 'TtlTypeError', '"-5s"', 'never negative'],
    ['-PT5S', 'TtlTypeError', 'never negative'],
    ['+5s', 'TtlTypeError', "write '15m'"],
    ['1mo', 'TtlTypeError', '"1mo"', calendar, "'30d'", 'expiresAt'],
    ['2 months', 'TtlTypeError', calendar],
    ['1y', 'TtlTypeError', calendar],
    ['P1M', 'TtlTypeError', '"P1M"', calendar],
    ['P1Y', 'TtlTypeError', calendar],
    ['P1W1M', 'TtlTypeError', calendar],
    ['P1.5MT1S', 'TtlTypeError', calendar],
    ['30m1h', 'TtlTypeError', 'largest to the smallest'],
    ['1h1h', 'TtlTypeError', 'at most once'],
    ['1ms1s', 'TtlTypeError', 'largest to the smallest'],
    ['1.5h30m', 'TtlTypeError', 'only the last unit', '"1.5h30m"'],
    ['PT1.5M30S', 'TtlTypeError', 'only the last unit'],
    ['15 m', 'TtlTypeError', '"15 m"', "write '15m'"],
    ['15M', 'TtlTypeError'],
    ['15min', 'TtlTypeError'],
    ['1d 2h', 'TtlTypeError'],
    [' 1h', 'TtlTypeError'],
    ['1h\n', 'TtlTypeError'],
    ['.5h', 'TtlTypeError'],
    ['1.h', 'TtlTypeError'],
    ['1,5h', 'TtlTypeError'],
    ['1e3s', 'TtlTypeError'],
    ['1_000s', 'TtlTypeError'],
    ['１s', 'TtlTypeError'],
    ['pt15m', 'TtlTypeError'],
    ['P', 'TtlTypeError'],
    ['PT', 'TtlTypeError'],
    ['P1DT', 'TtlTypeError'],
    ['P15M', 'TtlTypeError', calendar],
    ['PT1D', 'TtlTypeError'],
    ['P1H', 'TtlTypeError'],
    ['never', 'TtlTypeError', '"never"'],
    [`${'0'.repeat(120)}1s`, 'TtlTypeError', 'a string of 122 characters'],
    ['0s', 'TtlRangeError', positive, 'delete()', 'never'],
    ['0.000s', 'TtlRangeError', positive],
    ['PT0S', 'TtlRangeError', positive],
    ['36525d1ms', 'TtlRangeError', tooLong, 'write never'],
    ['3155760000000.1ms', 'TtlRangeError', tooLong],
    ['200000w', 'TtlRangeError', tooLong],
    [`${'9'.repeat(98)}w`, 'TtlRangeError', tooLong],
    [null, 'TtlTypeError', 'null', 'for no expiry write never', 'to inherit leave it out'],
    [undefined, 'TtlTypeError', 'undefined'],
    [true, 'TtlTypeError', 'got true'],
    [Symbol('x'), 'TtlTypeError', 'a symbol'],
    [() => '1h', 'TtlTypeError', 'a function'],
    [[], 'TtlTypeError', 'an array'],
    [new Date(0), 'TtlTypeError', 'the Date 1970-01-01T00:00:00.000Z'],
    [new Map([['seconds', 1]]), 'TtlTypeError', 'a Map'],
    [never, 'TtlTypeError', 'the lifetime never'],
    [after('1h'), 'TtlTypeError', "the lifetime after('1h')"],
    [{}, 'TtlTypeError', 'got {}', 'never for no expiry'],
    [{ hours: undefined }, 'TtlTypeError', 'got {}'],
    [{ minute: 1 }, 'TtlTypeError', 'no field "minute"', 'use weeks, days, hours, minutes, seconds, milliseconds'],
    [{ hours: 1, ms: 1 }, 'TtlTypeError', 'no field "ms"'],
    [{ months: 1 }, 'TtlTypeError', 'no field "months"'],
    [{ hours: null }, 'TtlRangeError', 'hours', 'null'],
    [{ hours: '1' }, 'TtlRangeError', 'hours', '"1"'],
    [{ hours: 1, minutes: -1 }, 'TtlRangeError', 'minutes', 'finite number ≥ 0', '-1'],
    [{ hours: Number.NaN }, 'TtlRangeError', 'NaN'],
    [{ hours: Number.POSITIVE_INFINITY }, 'TtlRangeError', 'Infinity'],
    [{ seconds: 0 }, 'TtlRangeError', positive],
    [{ days: 36_526 }, 'TtlRangeError', tooLong],
    [{ milliseconds: 1e308 }, 'TtlRangeError', tooLong],
    [temporal({ years: 1 }), 'TtlTypeError', 'Temporal.Duration', 'no fixed length', 'expiresAt'],
    [temporal({ months: -1 }), 'TtlTypeError', 'no fixed length'],
    [temporal({ days: 36_526 }), 'TtlRangeError', tooLong],
    [temporal({ hours: -1 }), 'TtlRangeError', 'hours'],
    [temporal({ nanoseconds: -1 }), 'TtlRangeError'],
    [temporal({}), 'TtlRangeError', positive],
    [Duration.of(0), 'TtlRangeError', positive, 'the duration 0ms'],
  ])('%o', (input, name, ...says) => {
    for (const read of [toDuration, (raw: unknown) => after(raw as '1h'), (raw: unknown) => duration(raw as string)]) {
      const error = thrownBy(() => read(input))
      expect(error).toMatchObject({ name, code: 'TTL_INVALID', retryable: false })
      for (const phrase of says) expect(error.message).toContain(phrase)
    }
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, MAX_DURATION_MS + 1])(
    'seconds and its sisters of %d',
    (n) => {
      for (const make of [milliseconds, seconds, minutes, hours, days, weeks]) {
        expect(thrownBy(() => make(n))).toMatchObject({ name: 'TtlRangeError', code: 'TTL_INVALID' })
      }
    },
  )

  test('seconds of text', () => {
    const error = thrownBy(() => seconds('90' as unknown as number))
    expect(error).toMatchObject({ name: 'TtlRangeError', code: 'TTL_INVALID' })
    expect(error.message).toContain('"90"')
  })
})

describe('a duration', () => {
  test.each<[number, string]>([
    [1, '1ms'],
    [900_000, '15m'],
    [5_400_000, '1h30m'],
    [1_209_600_000, '14d'],
    [694_861_001, '8d1h1m1s1ms'],
    [0, '0ms'],
  ])('of %d ms is written %s', (ms, text) => {
    expect(String(Duration.of(ms))).toBe(text)
    expect(JSON.stringify({ ttl: Duration.of(ms) })).toBe(`{"ttl":"${text}"}`)
  })

  test('is frozen, and compares by its milliseconds', () => {
    expect(Object.isFrozen(seconds(1))).toBe(true)
    expect(seconds(60) >= minutes(1) && minutes(1) < hours(1)).toBe(true)
  })
})
