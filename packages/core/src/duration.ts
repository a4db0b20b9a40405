import { describe, TtlRangeError, TtlTypeError } from './errors.ts'

type Part<Unit extends string> = `${number}${Unit}` | ''
type Clock = `${Part<'h'>}${Part<'m'>}${Part<'s'>}${Part<'ms'>}`
type IsoDate = `${Part<'W'>}${Part<'D'>}`
type IsoTime = Exclude<`${Part<'H'>}${Part<'M'>}${Part<'S'>}`, ''>

/**
 * A span of time as text: `'15m'`, `'1h30m'`, `'250ms'`, `'2w'` (units `w d h m s ms`, largest first, each at most
 * once), or ISO 8601 with the units that have a fixed length: `'PT15M'`, `'P7D'`, `'P1DT12H'`.
 */
export type DurationLiteral =
  | Exclude<`${Part<'w'>}${Part<'d'>}${Clock}`, ''>
  | `P${Exclude<IsoDate, ''>}`
  | `P${IsoDate}T${IsoTime}`

/** A span of time as fields, each a finite number ≥ 0; together at least a fraction of a millisecond. */
export interface DurationFields {
  readonly weeks?: number | undefined
  readonly days?: number | undefined
  readonly hours?: number | undefined
  readonly minutes?: number | undefined
  readonly seconds?: number | undefined
  readonly milliseconds?: number | undefined
}

/** The part of `Temporal.Duration` that is read. Its `years` and `months` must be 0. */
export interface TemporalDurationLike {
  readonly [Symbol.toStringTag]: 'Temporal.Duration'
  readonly years: number
  readonly months: number
  readonly weeks: number
  readonly days: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  readonly milliseconds: number
  readonly microseconds: number
  readonly nanoseconds: number
}

/** Whatever is accepted as a span of time. A bare number is not: it does not say its unit. */
export type DurationInput = Duration | DurationLiteral | DurationFields | TemporalDurationLike

/** The longest accepted duration: 100 years of 365.25 days, in milliseconds. For longer, say `never`. */
export const MAX_DURATION_MS = 3_155_760_000_000

const MS_PER = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const
const UNITS = ['w', 'd', 'h', 'm', 's', 'ms'] as const
const FIELDS = { weeks: 'w', days: 'd', hours: 'h', minutes: 'm', seconds: 's', milliseconds: 'ms' } as const

const brand = Symbol.for('@ttl/core.duration')

/** A whole number of milliseconds, 1 … {@link MAX_DURATION_MS}. Made by {@link duration} or {@link seconds} and its sisters. */
export class Duration {
  declare readonly [brand]: true
  readonly ms: number

  private constructor(ms: number) {
    this.ms = ms
    Object.freeze(this)
  }

  /**
   * A duration that was measured, not typed: no bounds are applied.
   * @internal
   */
  static of(ms: number): Duration {
    return new Duration(ms)
  }

  /** Text that {@link duration} reads back: `'1h30m'`. */
  toString(): string {
    let rest = this.ms
    let text = ''
    for (const unit of UNITS.slice(1)) {
      const count = Math.floor(rest / MS_PER[unit])
      rest -= count * MS_PER[unit]
      if (count > 0) text += `${count}${unit}`
    }
    return text === '' ? '0ms' : text
  }

  toJSON(): string {
    return this.toString()
  }

  valueOf(): number {
    return this.ms
  }
}
Object.defineProperty(Duration.prototype, brand, { value: true })

export function isDuration(value: unknown): value is Duration {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
}

const HINT = "write '15m', '1h30m', 'PT15M', { minutes: 15 } or seconds(90)"

/** Checks the bounds, for text and numbers that a person wrote. */
function bounded(ms: number, input: unknown): Duration {
  if (!(ms > 0)) {
    throw new TtlRangeError(
      'TTL_INVALID',
      `a duration must be longer than zero, got ${describe(input)}; to remove an entry use delete(), for no expiry write never`,
    )
  }
  if (ms > MAX_DURATION_MS) {
    throw new TtlRangeError(
      'TTL_INVALID',
      `a duration is at most 100 years, got ${describe(input)}; for no expiry write never`,
    )
  }
  return Duration.of(ms)
}

/** The exact sum of `amount × unit`, rounded up once to whole milliseconds: decimal digits decide, not their binary neighbours. */
function total(terms: readonly (readonly [amount: string, unitMs: number])[]): number {
  let whole = 0
  let [rest, denominator] = [0n, 1n]
  for (const [amount, unitMs] of terms) {
    if (/^\d+$/.test(amount)) {
      whole += Number(amount) * unitMs
      continue
    }
    const [mantissa = '', exponent = '0'] = amount.split('e')
    const [integer = '', fraction = ''] = mantissa.split('.')
    const digits = fraction.length - Number(exponent)
    const numerator = BigInt(integer + fraction) * BigInt(unitMs) * 10n ** BigInt(Math.max(0, -digits))
    const scale = 10n ** BigInt(Math.max(0, digits))
    rest = rest * scale + numerator * denominator
    denominator *= scale
  }
  return whole + Number((rest + denominator - 1n) / denominator)
}

const SHORT =
  /^(?:(\d+(?:\.\d+)?)w)?(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/
const ISO =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

function parse(text: string): Duration {
  // Longer than any amount within bounds: refused here so that no digit string is too long to compute with.
  const parts = text.length > 100 ? null : (SHORT.exec(text) ?? ISO.exec(text))
  if (parts === null || text === '' || text === 'P') throw new TtlTypeError('TTL_INVALID', explain(text))
  const terms: [string, number][] = []
  const last = parts.findLastIndex((part) => part !== undefined)
  for (const [index, unit] of UNITS.entries()) {
    const amount = parts[index + 1]
    if (amount === undefined) continue
    if (amount.includes('.') && index + 1 !== last) {
      throw new TtlTypeError(
        'TTL_INVALID',
        `only the last unit of a duration may have a fraction, got ${describe(text)}`,
      )
    }
    terms.push([amount, MS_PER[unit]])
  }
  return bounded(total(terms), text)
}

function explain(text: string): string {
  const got = `expected a duration, got ${describe(text)}`
  if (/^\d+(\.\d+)?$/.test(text))
    return `${got}, which has no unit; ${text.length > 20 ? HINT : `write '${text}s' or '${text}ms'`}`
  if (/^-/.test(text)) return `${got}; a duration is never negative: ${HINT}`
  if (/\d\s*(mo|mon|month|months|y|yr|year|years)$/i.test(text) || /^P[^T]*\d[YM]/i.test(text)) {
    return `${got}; months and years have no fixed length: write days ('30d'), or an instant ({ expiresAt })`
  }
  if (/^(\d+(\.\d+)?(w|d|h|ms?|s))+$/.test(text))
    return `${got}; units go from the largest to the smallest, each at most once: ${HINT}`
  return `${got}; ${HINT}`
}

function fromFields(fields: DurationFields): Duration {
  const terms: [string, number][] = []
  for (const [name, amount] of Object.entries(fields) as [string, unknown][]) {
    if (!Object.hasOwn(FIELDS, name)) {
      throw new TtlTypeError(
        'TTL_INVALID',
        `a duration has no field ${describe(name)}; use ${Object.keys(FIELDS).join(', ')}`,
      )
    }
    if (amount === undefined) continue
    if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) {
      throw new TtlRangeError(
        'TTL_INVALID',
        `${name} of a duration must be a finite number ≥ 0, got ${describe(amount)}`,
      )
    }
    terms.push([String(amount), MS_PER[FIELDS[name as keyof typeof FIELDS]]])
  }
  if (terms.length === 0)
    throw new TtlTypeError('TTL_INVALID', `expected a duration, got {}; ${HINT}, or never for no expiry`)
  return bounded(total(terms), fields)
}

function fromTemporal(value: TemporalDurationLike): Duration {
  if (value.years !== 0 || value.months !== 0) {
    throw new TtlTypeError(
      'TTL_INVALID',
      'a Temporal.Duration with years or months has no fixed length; balance it to days first, or give an instant ({ expiresAt })',
    )
  }
  const { microseconds, nanoseconds } = value
  const [micro, nano] = [microseconds % 1_000, nanoseconds % 1_000_000]
  const fields: DurationFields = {
    weeks: value.weeks,
    days: value.days,
    hours: value.hours,
    minutes: value.minutes,
    seconds: value.seconds,
    milliseconds:
      value.milliseconds +
      (microseconds - micro) / 1_000 +
      (nanoseconds - nano) / 1_000_000 +
      Math.ceil((micro * 1_000 + nano) / 1_000_000),
  }
  return fromFields(fields)
}

/** Reads any accepted form. Used wherever an option takes a {@link DurationInput}. */
export function toDuration(input: unknown): Duration {
  switch (typeof input) {
    case 'string':
      return parse(input)
    case 'number':
    case 'bigint':
      throw new TtlTypeError(
        'TTL_INVALID',
        input > 0 && Number.isFinite(Number(input))
          ? `expected a duration, got ${describe(input)}, which has no unit; write seconds(${input}) or milliseconds(${input})`
          : `expected a duration, got ${describe(input)}; ${HINT}, or never for no expiry`,
      )
    case 'object':
      break
    default:
      throw new TtlTypeError('TTL_INVALID', `expected a duration, got ${describe(input)}; ${HINT}`)
  }
  if (input === null) {
    throw new TtlTypeError(
      'TTL_INVALID',
      'expected a duration, got null; for no expiry write never, to inherit leave it out',
    )
  }
  if (isDuration(input)) return bounded(input.ms, input)
  if ((input as TemporalDurationLike)[Symbol.toStringTag] === 'Temporal.Duration') {
    return fromTemporal(input as TemporalDurationLike)
  }
  const prototype: unknown = Object.getPrototypeOf(input)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TtlTypeError('TTL_INVALID', `expected a duration, got ${describe(input)}; ${HINT}`)
  }
  return fromFields(input as DurationFields)
}

/**
 * Reads a duration from configuration or other text whose value is only known at run time.
 * A fraction of a millisecond is rounded up.
 *
 * @param input units `w d h m s ms`, ISO 8601 without years and months, fields, or a `Temporal.Duration`; 1 ms … 100 years
 * @throws {@link TtlTypeError} `TTL_INVALID` when it is not a duration, {@link TtlRangeError} when it is out of bounds
 * @example
 * duration(process.env.SESSION_TTL ?? '30m').ms // => 1800000
 */
export function duration(input: string | DurationFields | TemporalDurationLike | Duration): Duration {
  return toDuration(input)
}

const unit =
  (name: keyof typeof FIELDS) =>
  (amount: number): Duration =>
    fromFields({ [name]: amount })

/** `milliseconds(250)`. A fraction is rounded up. Bounds: more than 0, at most 100 years. */
export const milliseconds: (amount: number) => Duration = unit('milliseconds')
/** `seconds(90)`. A fraction of a millisecond is rounded up. Bounds: more than 0, at most 100 years. */
export const seconds: (amount: number) => Duration = unit('seconds')
/** `minutes(15)`. A fraction of a millisecond is rounded up. Bounds: more than 0, at most 100 years. */
export const minutes: (amount: number) => Duration = unit('minutes')
/** `hours(12)`. A fraction of a millisecond is rounded up. Bounds: more than 0, at most 100 years. */
export const hours: (amount: number) => Duration = unit('hours')
/** `days(7)`: 7 × 24 hours, whatever the calendar does. Bounds: more than 0, at most 100 years. */
export const days: (amount: number) => Duration = unit('days')
/** `weeks(2)`: 14 × 24 hours. Bounds: more than 0, at most 100 years. */
export const weeks: (amount: number) => Duration = unit('weeks')
