import { describe, TtlRangeError, TtlTypeError } from './errors.ts'
import { MAX_INSTANT_MS } from './timeline.ts'

type IsoDateTime = `${number}-${number}-${number}T${string}`

/** ISO 8601 with `Z` or a numeric offset: `'2026-12-31T23:59:59Z'`, `'2026-12-31T23:59:59+02:00'`. */
export type InstantLiteral =
  | `${IsoDateTime}Z`
  | `${IsoDateTime}+${number}:${number}`
  | `${IsoDateTime}-${number}:${number}`

/** `Temporal.Instant`, `Temporal.ZonedDateTime`, our own {@link Instant}, or anything else that knows its epoch milliseconds. */
export interface EpochLike {
  readonly epochMilliseconds: number
}

/** Whatever is accepted as a point in time. A bare number is not (its unit is unknown), nor a date-time without offset. */
export type InstantInput = Date | EpochLike | InstantLiteral

/** A point in time, in whole milliseconds since 1970-01-01T00:00Z. */
export class Instant implements EpochLike {
  readonly epochMilliseconds: number

  private constructor(epochMilliseconds: number) {
    this.epochMilliseconds = epochMilliseconds
    Object.freeze(this)
  }

  /** @internal */
  static of(epochMilliseconds: number): Instant {
    return new Instant(epochMilliseconds)
  }

  toDate(): Date {
    return new Date(this.epochMilliseconds)
  }

  /** ISO 8601 in UTC, as {@link instant} reads it back. */
  toString(): string {
    return this.toDate().toISOString()
  }

  toJSON(): string {
    return this.toString()
  }

  valueOf(): number {
    return this.epochMilliseconds
  }
}

const HINT = "write '2026-12-31T23:59:59Z', a Date, epochMs(n) or epochSeconds(n)"
const ISO =
  /^(\d{4}|(?!-0{6})[+-]\d{6})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d{2}):(\d{2}))$/

function bounded(ms: number, input: unknown): Instant {
  if (Number.isNaN(ms)) throw new TtlRangeError('TTL_INVALID', `expected an instant, got ${describe(input)}; ${HINT}`)
  const whole = Math.ceil(ms)
  if (!(Math.abs(whole) <= MAX_INSTANT_MS)) {
    throw new TtlRangeError(
      'TTL_INVALID',
      `expected an instant within ±8.64e15 ms of 1970, got ${describe(input)}; ${HINT}`,
    )
  }
  return Instant.of(whole + 0)
}

function parse(text: string): Instant {
  const parts = ISO.exec(text)
  if (parts === null) {
    const naive = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?$/.exec(text)
    const why =
      naive === null
        ? `; ${HINT}`
        : `, which has no offset and would mean another instant on another machine; write '${naive[1]}T${naive[2] ?? '00:00:00'}Z', or an offset such as +02:00 for the Z`
    throw new TtlTypeError('TTL_INVALID', `expected an instant, got ${describe(text)}${why}`)
  }
  const [, year, month, day, hour, minute, second = '0', fraction = '', , sign, offsetHour = '0', offsetMinute = '0'] =
    parts
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const local = new Date(0)
  local.setUTCFullYear(fields[0], fields[1] - 1, fields[2])
  local.setUTCHours(fields[3], fields[4], fields[5])
  const read = [
    local.getUTCFullYear(),
    local.getUTCMonth() + 1,
    local.getUTCDate(),
    local.getUTCHours(),
    local.getUTCMinutes(),
    local.getUTCSeconds(),
  ]
  if (read.some((field, index) => field !== fields[index]) || Number(offsetHour) > 23 || Number(offsetMinute) > 59) {
    throw new TtlRangeError(
      'TTL_INVALID',
      `expected an instant, got ${describe(text)}, which is not in the calendar; ${HINT}`,
    )
  }
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000
  // Nanoseconds are rounded up: a deadline is never early.
  const ms = Math.ceil(Number(fraction.padEnd(9, '0')) / 1_000_000)
  return bounded(local.getTime() - offset + ms, text)
}

/** Reads any accepted form. Used wherever an option takes an {@link InstantInput}. */
export function toInstant(input: unknown): Instant {
  if (typeof input === 'string') return parse(input)
  if (typeof input === 'number' || typeof input === 'bigint') {
    const write = Number.isFinite(Number(input)) ? `write epochMs(${input}) or epochSeconds(${input})` : HINT
    throw new TtlTypeError('TTL_INVALID', `expected an instant, got ${describe(input)}, which has no unit; ${write}`)
  }
  // By tag, not by instanceof: a Date of another realm (a vm, a test runner's sandbox) is one too.
  if (Object.prototype.toString.call(input) === '[object Date]') return bounded((input as Date).getTime(), input)
  if (input === null) {
    throw new TtlTypeError(
      'TTL_INVALID',
      'expected an instant, got null; for no expiry write ttl: never, to inherit leave it out',
    )
  }
  const ms: unknown = typeof input === 'object' ? (input as Partial<EpochLike>).epochMilliseconds : undefined
  if (typeof ms !== 'number')
    throw new TtlTypeError('TTL_INVALID', `expected an instant, got ${describe(input)}; ${HINT}`)
  return bounded(ms, input)
}

/**
 * Reads an instant from configuration or other text whose value is only known at run time.
 * A fraction of a millisecond is rounded up.
 *
 * @throws {@link TtlTypeError} or {@link TtlRangeError} `TTL_INVALID`: no offset, not in the calendar, an invalid Date, a bare number
 * @example
 * instant('2026-12-31T23:59:59+02:00').toString() // => '2026-12-31T21:59:59.000Z'
 */
export function instant(input: string | Date | EpochLike): Instant {
  return toInstant(input)
}

/** The instant that many milliseconds after 1970-01-01T00:00Z. A fraction is rounded up. */
export function epochMs(ms: number): Instant {
  if (typeof ms !== 'number') throw new TtlTypeError('TTL_INVALID', `epochMs takes a number, got ${describe(ms)}`)
  return bounded(ms, ms)
}

/** The instant that many seconds after 1970-01-01T00:00Z. A fraction of a millisecond is rounded up. */
export function epochSeconds(seconds: number): Instant {
  if (typeof seconds !== 'number')
    throw new TtlTypeError('TTL_INVALID', `epochSeconds takes a number, got ${describe(seconds)}`)
  const text = String(seconds)
  // The decimal digits decide: 545352518.608 × 1000 is not a whole number in binary.
  return bounded(/^-?[\d.]+$/.test(text) ? Number(`${text}e3`) : seconds * 1_000, seconds)
}
