import type { Payload } from './backend.ts'
import { kindOf, TtlTypeError } from './errors.ts'
import type { LiveExpiration } from './expiration.ts'

/** A value with its expiry, as `getEntry` gives it. Pass it back as `if: { unchanged: entry }`. */
export class Entry<Value = unknown> {
  readonly namespace: string
  readonly key: string
  readonly value: Value
  readonly expiry: LiveExpiration
  /** The stored form, which is what `unchanged` compares. */
  readonly #payload: Payload

  /** @internal */
  constructor(namespace: string, key: string, value: Value, expiry: LiveExpiration, payload: Payload) {
    this.namespace = namespace
    this.key = key
    this.value = value
    this.expiry = expiry
    this.#payload = payload
  }

  /**
   * The stored form of an entry of this key.
   * @internal
   */
  static payloadOf(entry: unknown, namespace: string, key: string): Payload {
    if (typeof entry !== 'object' || entry === null || !(#payload in entry)) {
      throw new TtlTypeError(
        'TTL_INVALID',
        `if.unchanged takes the entry that getEntry() gave, not a copy of it, got ${kindOf(entry)}`,
      )
    }
    if (entry.namespace !== namespace || entry.key !== key) {
      throw new TtlTypeError(
        'TTL_INVALID',
        'if.unchanged takes the entry of the same namespace and key, got that of another',
      )
    }
    return entry.#payload
  }
}
