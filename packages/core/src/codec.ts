import type { Payload } from './backend.ts'
import { describe, kindOf, TtlError, TtlTypeError } from './errors.ts'

/** Turns values into what a backend stores, and back. Must be pure; what `decode` gets was made by `encode`. */
export interface Codec {
  encode(value: unknown): Payload
  decode(payload: Payload): unknown
}

/**
 * The default: JSON text, which reads in every database tool; a `Uint8Array` is stored as its bytes.
 * A value that JSON cannot say at all is refused: functions, symbols, bigints, NaN, infinities, Map, Set,
 * promises, errors, typed arrays other than `Uint8Array` … Within a value `JSON.stringify` decides,
 * which writes a Date as text, for example.
 */
export const json: Codec = {
  encode(value) {
    if (isBytes(value)) return new Uint8Array(value)
    const text = isLossy(value) ? undefined : JSON.stringify(value)
    if (text === undefined)
      throw new TtlTypeError(
        'TTL_CODEC',
        `JSON cannot hold ${describe(value)}; store plain data or give the namespace a codec`,
      )
    return text
  },
  decode(payload) {
    if (typeof payload !== 'string') return payload
    try {
      return JSON.parse(payload)
    } catch {
      // The parser's message quotes the value, so it is not passed on.
      throw new TtlError('TTL_CODEC', 'what is stored is not JSON; was it written with another codec?')
    }
  },
}

const SPEECHLESS =
  /^\[object (?:(?:Weak)?(?:Map|Set)|WeakRef|Promise|RegExp|Error|(?:Shared)?ArrayBuffer|DataView|\w+Array|Generator|AsyncGenerator)\]$/

/** What `JSON.stringify` would turn into something else, mostly `{}`, without a word. */
function isLossy(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  if (typeof value !== 'object' || value === null || typeof (value as { toJSON?: unknown }).toJSON === 'function')
    return false
  return SPEECHLESS.test(Object.prototype.toString.call(value)) && !Array.isArray(value)
}

/** By tag, not by `instanceof`: bytes of another realm (a vm, a test runner's sandbox) are bytes too. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === 'Uint8Array'
}

/** Runs a codec; its failure becomes `TTL_CODEC`. */
export function encode(codec: Codec, value: unknown): Payload {
  if (value === undefined) {
    throw new TtlTypeError(
      'TTL_INVALID',
      'undefined is not a value (a miss is undefined); write null, or delete() the key',
    )
  }
  let payload: Payload
  try {
    payload = codec.encode(value)
  } catch (cause) {
    throw cause instanceof TtlError ? cause : new TtlError('TTL_CODEC', 'the value could not be encoded', { cause })
  }
  if (typeof payload === 'string' && !payload.isWellFormed()) {
    throw new TtlTypeError(
      'TTL_CODEC',
      'encode of a codec must return well-formed text, got a lone surrogate; return bytes',
    )
  }
  if (typeof payload === 'string' || isBytes(payload)) return payload
  throw new TtlTypeError('TTL_CODEC', `encode of a codec must return a string or a Uint8Array, got ${kindOf(payload)}`)
}

/** Runs a codec; its failure becomes `TTL_CODEC`. */
export function decode(codec: Codec, payload: Payload): unknown {
  try {
    return codec.decode(payload)
  } catch (cause) {
    throw cause instanceof TtlError
      ? cause
      : new TtlError('TTL_CODEC', 'what is stored could not be decoded', { cause })
  }
}
