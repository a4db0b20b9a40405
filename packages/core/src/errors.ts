/**
 * Codes are public API and stay the same within a major version; messages are prose and may improve.
 *
 * - `TTL_INVALID`: an argument cannot be used. Nothing was sent or written.
 * - `TTL_CONFLICT`: two options exclude each other. Nothing was sent or written.
 * - `TTL_LIMIT`: a configuration that cannot hold, or a bounded backend that refuses because it is full.
 * - `TTL_UNSUPPORTED`: the backend cannot keep this promise, and said so before it wrote anything.
 * - `TTL_CODEC`: a value could not be encoded or decoded, or failed its schema.
 * - `TTL_CLOSED`: the store was closed.
 * - `TTL_BACKEND`: the backend failed; see `retryable`, `outcome` and `cause`.
 */
export type TtlErrorCode =
  | 'TTL_BACKEND'
  | 'TTL_CLOSED'
  | 'TTL_CODEC'
  | 'TTL_CONFLICT'
  | 'TTL_INVALID'
  | 'TTL_LIMIT'
  | 'TTL_UNSUPPORTED'

/** What a {@link TtlError} carries besides its message. Values are never in it. */
export interface TtlErrorDetails {
  /** True when the same call may succeed if it is simply made again. Default `false`. */
  readonly retryable?: boolean | undefined
  /** The method that failed, as the user called it: `'set'`, `'group.touch'`. */
  readonly operation?: string | undefined
  readonly namespace?: string | undefined
  readonly key?: string | undefined
  /** `'unknown'` when the reply to a write was lost: it may or may not have been applied. */
  readonly outcome?: 'unknown' | undefined
  /** Keys of a failed batch that are known to be written. */
  readonly stored?: readonly string[] | undefined
  /** Keys of a failed batch that are not, or not known to be, written. */
  readonly failed?: readonly string[] | undefined
  readonly cause?: unknown
}

const brand = Symbol.for('@ttl/core.error')

function dress(error: Error, code: TtlErrorCode, details: TtlErrorDetails): void {
  const fields: Record<string, unknown> = { code, retryable: details.retryable ?? false }
  for (const name of ['operation', 'namespace', 'key', 'outcome', 'stored', 'failed'] as const) {
    if (details[name] !== undefined) fields[name] = details[name]
  }
  Object.assign(error, fields)
  Object.defineProperty(error, brand, { value: true })
}

const causeOf = (details: TtlErrorDetails): ErrorOptions | undefined =>
  details.cause === undefined ? undefined : { cause: details.cause }

/**
 * Every error of this library. `error instanceof TtlError` is also true for {@link TtlTypeError} and
 * {@link TtlRangeError}, and for errors of another copy of this package.
 */
export class TtlError extends Error {
  declare readonly code: TtlErrorCode
  declare readonly retryable: boolean
  declare readonly operation?: string
  declare readonly namespace?: string
  declare readonly key?: string
  declare readonly outcome?: 'unknown'
  declare readonly stored?: readonly string[]
  declare readonly failed?: readonly string[]

  constructor(code: TtlErrorCode, message: string, details: TtlErrorDetails = {}) {
    super(message, causeOf(details))
    dress(this, code, details)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass is told by its prototype: not every TtlError is one
    if (this !== TtlError) return super[Symbol.hasInstance](value)
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
  }
}
Object.defineProperty(TtlError.prototype, 'name', { value: 'TtlError' })

/** A programming mistake in the kind of an argument: a `TypeError` that carries a {@link TtlErrorCode}. */
export class TtlTypeError extends TypeError {
  declare readonly code: TtlErrorCode
  declare readonly retryable: boolean
  declare readonly operation?: string
  declare readonly namespace?: string
  declare readonly key?: string
  declare readonly outcome?: 'unknown'
  declare readonly stored?: readonly string[]
  declare readonly failed?: readonly string[]

  constructor(code: TtlErrorCode, message: string, details: TtlErrorDetails = {}) {
    super(message, causeOf(details))
    dress(this, code, details)
  }
}
Object.defineProperty(TtlTypeError.prototype, 'name', { value: 'TtlTypeError' })

/** A programming mistake in the size of an argument: a `RangeError` that carries a {@link TtlErrorCode}. */
export class TtlRangeError extends RangeError {
  declare readonly code: TtlErrorCode
  declare readonly retryable: boolean
  declare readonly operation?: string
  declare readonly namespace?: string
  declare readonly key?: string
  declare readonly outcome?: 'unknown'
  declare readonly stored?: readonly string[]
  declare readonly failed?: readonly string[]

  constructor(code: TtlErrorCode, message: string, details: TtlErrorDetails = {}) {
    super(message, causeOf(details))
    dress(this, code, details)
  }
}
Object.defineProperty(TtlRangeError.prototype, 'name', { value: 'TtlRangeError' })

/** Adds what an error does not say yet: where it happened is known further out. */
export function annotate<Raised extends TtlError>(error: Raised, facts: Partial<TtlErrorDetails>): Raised {
  for (const [name, value] of Object.entries(facts)) {
    if (value !== undefined && error[name as keyof TtlError] === undefined) {
      Object.defineProperty(error, name, { value, enumerable: true })
    }
  }
  return error
}

/** The kind of an argument, for messages about what may be a value: those show none. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined || typeof value === 'boolean') return String(value)
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object'
  return `a ${typeof value}`
}

/** Describes an argument for a message: its kind, and the argument itself where it is short and harmless. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length <= 60 ? JSON.stringify(value) : `a string of ${value.length} characters`
    case 'number':
      return `the number ${Object.is(value, -0) ? '-0' : value}`
    case 'bigint':
      return `the bigint ${value}n`
    case 'undefined':
    case 'boolean':
      return String(value)
    case 'function':
      return 'a function'
    case 'symbol':
      return 'a symbol'
    default:
      break
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`
  for (const kind of ['duration', 'lifetime'] as const) {
    if ((value as Record<symbol, unknown>)[Symbol.for(`@ttl/core.${kind}`)] === true)
      return `the ${kind} ${String(value)}`
  }
  const keys = Object.keys(value as object)
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (keys.length === 0) return tag === 'Object' ? '{}' : `a ${tag}`
  return `an object with ${keys.slice(0, 5).join(', ')}`
}
