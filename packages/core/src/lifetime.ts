import { Duration, type DurationInput, toDuration } from './duration.ts'
import { describe, TtlTypeError } from './errors.ts'
import { Instant, type InstantInput, toInstant } from './instant.ts'
import { least, plus } from './timeline.ts'

const brand = Symbol.for('@ttl/core.lifetime')

/**
 * The rule that a deadline is computed from: the earliest of its fields. With no field it never ends.
 * Made only by {@link never}, {@link after}, {@link maxAge}, {@link at} and {@link earliest}; it is its own normal form.
 */
export class Lifetime {
  declare readonly [brand]: true
  /** Relative to the event being applied: the write, the touch, the sliding read. */
  readonly ttl: Duration | undefined
  /** Relative to the entry's birth. */
  readonly maxAge: Duration | undefined
  /** Absolute. */
  readonly expiresAt: Instant | undefined

  private constructor(ttl: Duration | undefined, maxAge: Duration | undefined, expiresAt: Instant | undefined) {
    this.ttl = ttl
    this.maxAge = maxAge
    this.expiresAt = expiresAt
    Object.freeze(this)
  }

  /** @internal */
  static of(ttl: Duration | undefined, maxAge: Duration | undefined, expiresAt: Instant | undefined): Lifetime {
    return new Lifetime(ttl, maxAge, expiresAt)
  }

  /** As it would be written: `earliest(after('30m'), maxAge('12h'))`. */
  toString(): string {
    const terms: string[] = []
    if (this.ttl !== undefined) terms.push(`after('${this.ttl}')`)
    if (this.maxAge !== undefined) terms.push(`maxAge('${this.maxAge}')`)
    if (this.expiresAt !== undefined) terms.push(`at('${this.expiresAt}')`)
    if (terms.length === 0) return 'never'
    return terms.length === 1 ? String(terms[0]) : `earliest(${terms.join(', ')})`
  }
}
Object.defineProperty(Lifetime.prototype, brand, { value: true })

/** The lifetime without an end. A type of its own, because it is also allowed as a `ttl`. */
export type Never = Lifetime & { readonly ttl: undefined; readonly maxAge: undefined; readonly expiresAt: undefined }

/** No deadline: lives until it is deleted. Limits still bind it. */
export const never: Never = Lifetime.of(undefined, undefined, undefined) as Never

/** Ends that long after the event it is applied at (write, touch, sliding read). */
export function after(span: DurationInput): Lifetime {
  return Lifetime.of(toDuration(span), undefined, undefined)
}

/** Ends that long after the entry's birth, however often it is rewritten or read. */
export function maxAge(span: DurationInput): Lifetime {
  return Lifetime.of(undefined, toDuration(span), undefined)
}

/** Ends at that instant. An instant in the past is data, not an error: nothing stays stored. */
export function at(instant: InstantInput): Lifetime {
  return Lifetime.of(undefined, undefined, toInstant(instant))
}

/** The meet: whichever of them ends first. Field by field the minimum; {@link never} is its identity. */
export function earliest(first: Lifetime, ...rest: Lifetime[]): Lifetime {
  return [first, ...rest].map(toLifetime).reduce((a, b) => {
    const ttl = least(a.ttl?.ms, b.ttl?.ms)
    const age = least(a.maxAge?.ms, b.maxAge?.ms)
    const end = least(a.expiresAt?.epochMilliseconds, b.expiresAt?.epochMilliseconds)
    return Lifetime.of(
      ttl === undefined ? undefined : Duration.of(ttl),
      age === undefined ? undefined : Duration.of(age),
      end === undefined ? undefined : Instant.of(end),
    )
  })
}

/**
 * The deadline of a lifetime, in epoch milliseconds; `undefined` is never.
 *
 * @param event.now the instant of the event, in epoch milliseconds
 * @param event.bornAt the entry's birth, in epoch milliseconds; its `maxAge` counts from there. Default: `now`
 */
export function evaluate(
  lifetime: Lifetime,
  event: { readonly now: number; readonly bornAt?: number | undefined },
): number | undefined {
  const { ttl, maxAge: age, expiresAt } = lifetime
  let deadline = expiresAt?.epochMilliseconds
  if (ttl !== undefined) deadline = least(deadline, plus(event.now, ttl.ms))
  if (age !== undefined) deadline = least(deadline, plus(event.bornAt ?? event.now, age.ms))
  return deadline
}

export function isLifetime(value: unknown): value is Lifetime {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
}

export function isNever(value: unknown): value is Never {
  return isLifetime(value) && value.ttl === undefined && value.maxAge === undefined && value.expiresAt === undefined
}

/** Refuses what no constructor made: a raw `{}` would otherwise make things immortal. */
export function toLifetime(value: unknown): Lifetime {
  if (isLifetime(value)) return value
  const hint = "make it with after('1h'), maxAge('1d'), at('2026-12-31T00:00:00Z'), earliest(…) or never"
  throw new TtlTypeError('TTL_INVALID', `expected a lifetime, got ${describe(value)}; ${hint}`)
}

/** A lifetime, or a duration that stands for `after(duration)`. */
export function lifetimeOf(value: unknown): Lifetime {
  return isLifetime(value) ? value : after(value as DurationInput)
}
