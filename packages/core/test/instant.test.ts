import { describe, expect, test } from 'vitest'
import { epochMs, epochSeconds, Instant, instant, toInstant } from '../src/instant.ts'
import { at, never } from '../src/lifetime.ts'
import { MAX_INSTANT_MS } from '../src/timeline.ts'
import { thrownBy } from './thrown.ts'

const NEW_YEAR = 1_798_761_599_000

describe('an instant is read from', () => {
  test.each<[unknown, number]>([
    ['2026-12-31T23:59:59Z', NEW_YEAR],
    ['2026-12-31T23:59:59.000Z', NEW_YEAR],
    ['2026-12-31T23:59Z', NEW_YEAR - 59_000],
    ['2026-12-31T23:59:59+02:00', NEW_YEAR - 7_200_000],
    ['2026-12-31T23:59:59-02:00', NEW_YEAR + 7_200_000],
    ['2026-12-31T23:59:59-00:00', NEW_YEAR],
    ['2027-01-01T05:44:59+05:45', NEW_YEAR],
    ['2026-12-31T23:59:59.5Z', NEW_YEAR + 500],
    ['2026-12-31T23:59:59.001000000Z', NEW_YEAR + 1],
    ['2026-12-31T23:59:59.001000001Z', NEW_YEAR + 2],
    ['2026-12-31T23:59:59.9999999Z', NEW_YEAR + 1_000],
    ['1969-12-31T23:59:59.9991Z', 0],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000],
    ['0000-01-01T00:00:00Z', -62_167_219_200_000],
    ['0099-01-01T00:00:00Z', -59_042_995_200_000],
    ['+002026-12-31T23:59:59Z', NEW_YEAR],
    ['-000001-01-01T00:00:00Z', -62_198_755_200_000],
    ['+275760-09-13T00:00:00Z', MAX_INSTANT_MS],
    ['-271821-04-20T00:00:00Z', -MAX_INSTANT_MS],
    [new Date(NEW_YEAR), NEW_YEAR],
    [{ epochMilliseconds: NEW_YEAR }, NEW_YEAR],
    [{ epochMilliseconds: 1.5 }, 2],
    [epochMs(-0), 0],
    [epochMs(-0.5), 0],
    [epochMs(0.0001), 1],
    [epochSeconds(1_767_225_600), 1_767_225_600_000],
    [epochSeconds(1_767_225_600.123), 1_767_225_600_123],
    [epochSeconds(545_352_518.608), 545_352_518_608],
    [epochSeconds(1.0001), 1_001],
    [epochSeconds(1e-7), 1],
    [epochSeconds(-1.5), -1_500],
    [epochSeconds(8_640_000_000_000), MAX_INSTANT_MS],
  ])('%o', (input, ms) => {
    const read = toInstant(input)
    expect(read).toBeInstanceOf(Instant)
    expect(Object.is(read.epochMilliseconds, ms)).toBe(true)
    expect(instant(input as Date).epochMilliseconds).toBe(ms)
    expect(at(input as Date).expiresAt?.epochMilliseconds).toBe(ms)
  })

  test('epochSeconds and epochMs, which say the unit', () => {
    expect(epochSeconds(1_767_225_600)).toEqual(epochMs(1_767_225_600_000))
  })

  test('Z and an offset, which differ by exactly the offset', () => {
    const [utc, east] = [instant('2026-12-31T23:59:59Z'), instant('2026-12-31T23:59:59+02:00')]
    expect(utc.epochMilliseconds - east.epochMilliseconds).toBe(7_200_000)
  })
})

describe('an instant is refused', () => {
  const naive = 'has no offset'
  const impossible = 'not in the calendar'
  const outside = '±8.64e15'

  test.each<[unknown, 'TtlTypeError' | 'TtlRangeError', ...string[]]>([
    ['2026-12-31T23:59:59', 'TtlTypeError', naive, "write '2026-12-31T23:59:59Z'"],
    ['2026-12-31T23:59:59.5', 'TtlTypeError', naive],
    ['2026-12-31 23:59:59', 'TtlTypeError', naive],
    ['2026-12-31T23:59', 'TtlTypeError', naive],
    ['2026-12-31', 'TtlTypeError', naive],
    ['2026-12-31 23:59:59Z', 'TtlTypeError', "write '2026-12-31T23:59:59Z'"],
    ['2026-12-31T23:59:59z', 'TtlTypeError'],
    ['2026-12-31t23:59:59Z', 'TtlTypeError'],
    ['2026-12-31T23:59:59+0200', 'TtlTypeError'],
    ['2026-12-31T23:59:59+02', 'TtlTypeError'],
    ['2026-12-31T23Z', 'TtlTypeError'],
    ['2026-12-31Z', 'TtlTypeError'],
    ['2026-12-31T23:59:59,5Z', 'TtlTypeError'],
    ['2026-12-31T23:59:59.Z', 'TtlTypeError'],
    ['2026-12-31T23:59:59.1234567891Z', 'TtlTypeError'],
    ['2026-12-31T23:59:59Z[Europe/Berlin]', 'TtlTypeError'],
    ['2026-1-1T00:00:00Z', 'TtlTypeError'],
    ['20261231T235959Z', 'TtlTypeError'],
    ['2026-W01-1T00:00:00Z', 'TtlTypeError'],
    ['12026-12-31T23:59:59Z', 'TtlTypeError'],
    ['-000000-01-01T00:00:00Z', 'TtlTypeError'],
    ['Thu, 01 Jan 2026 00:00:00 GMT', 'TtlTypeError'],
    ['1767225600', 'TtlTypeError', "write '2026-12-31T23:59:59Z'", 'epochMs(n)'],
    ['tomorrow', 'TtlTypeError', '"tomorrow"'],
    ['', 'TtlTypeError', 'got ""'],
    ['2026-02-30T00:00:00Z', 'TtlRangeError', '"2026-02-30T00:00:00Z"', impossible],
    ['2023-02-29T00:00:00Z', 'TtlRangeError', impossible],
    ['2026-04-31T00:00:00Z', 'TtlRangeError', impossible],
    ['2026-13-01T00:00:00Z', 'TtlRangeError', impossible],
    ['2026-00-01T00:00:00Z', 'TtlRangeError', impossible],
    ['2026-01-00T00:00:00Z', 'TtlRangeError', impossible],
    ['2026-12-31T24:00:00Z', 'TtlRangeError', impossible],
    ['2026-12-31T23:60:00Z', 'TtlRangeError', impossible],
    ['2016-12-31T23:59:60Z', 'TtlRangeError', impossible],
    ['2026-12-31T23:59:59+24:00', 'TtlRangeError', impossible],
    ['2026-12-31T23:59:59+01:60', 'TtlRangeError', impossible],
    ['+275760-09-13T00:00:00.001Z', 'TtlRangeError', outside],
    ['+275760-09-13T00:00:00-00:01', 'TtlRangeError', outside],
    ['-271821-04-20T00:00:00+00:01', 'TtlRangeError', outside],
    ['+999999-01-01T00:00:00Z', 'TtlRangeError'],
    [1_767_225_600, 'TtlTypeError', 'which has no unit', 'epochMs(1767225600)', 'epochSeconds(1767225600)'],
    [0, 'TtlTypeError', 'which has no unit'],
    [Number.NaN, 'TtlTypeError', 'the number NaN', 'epochMs(n)'],
    [5n, 'TtlTypeError', 'the bigint 5n'],
    [null, 'TtlTypeError', 'null', 'ttl: never', 'to inherit leave it out'],
    [undefined, 'TtlTypeError', 'undefined'],
    [true, 'TtlTypeError', 'got true'],
    [{}, 'TtlTypeError', 'got {}'],
    [[], 'TtlTypeError', 'an array'],
    [never, 'TtlTypeError', 'the lifetime never'],
    [new Date(Number.NaN), 'TtlRangeError', 'an invalid Date', "write '2026-12-31T23:59:59Z'"],
    [{ epochMilliseconds: '5' }, 'TtlTypeError', 'an object with epochMilliseconds'],
    [{ epochMilliseconds: 5n }, 'TtlTypeError'],
    [{ epochMilliseconds: Number.NaN }, 'TtlRangeError'],
    [{ epochMilliseconds: MAX_INSTANT_MS + 1 }, 'TtlRangeError', outside],
  ])('%o', (input, name, ...says) => {
    for (const read of [toInstant, (raw: unknown) => at(raw as Date), (raw: unknown) => instant(raw as Date)]) {
      const error = thrownBy(() => read(input))
      expect(error).toMatchObject({ name, code: 'TTL_INVALID' })
      for (const phrase of says) expect(error.message).toContain(phrase)
    }
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, MAX_INSTANT_MS + 1, -MAX_INSTANT_MS - 1, 1e21])(
    'epochMs(%d)',
    (n) => {
      expect(thrownBy(() => epochMs(n))).toMatchObject({ name: 'TtlRangeError', code: 'TTL_INVALID' })
      expect(thrownBy(() => epochSeconds(n))).toMatchObject({ name: 'TtlRangeError', code: 'TTL_INVALID' })
    },
  )

  test('epochMs of text', () => {
    expect(thrownBy(() => epochMs('5' as unknown as number)).message).toBe('epochMs takes a number, got "5"')
    expect(thrownBy(() => epochSeconds(5n as unknown as number)).message).toContain('epochSeconds takes a number')
  })
})

describe('an instant', () => {
  test('is written in UTC, is frozen, and compares by its milliseconds', () => {
    const moment = instant('2026-12-31T23:59:59+02:00')
    expect(String(moment)).toBe('2026-12-31T21:59:59.000Z')
    expect(JSON.stringify([moment])).toBe('["2026-12-31T21:59:59.000Z"]')
    expect(moment.toDate()).toEqual(new Date('2026-12-31T21:59:59Z'))
    expect(Object.isFrozen(moment)).toBe(true)
    expect(moment < instant('2026-12-31T23:59:59Z')).toBe(true)
  })

  test('at either end of time is read back exactly', () => {
    for (const end of [MAX_INSTANT_MS, -MAX_INSTANT_MS]) {
      expect(instant(String(epochMs(end))).epochMilliseconds).toBe(end)
    }
  })
})
