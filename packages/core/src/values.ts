import type { Awaitable, Payload } from './backend.ts'
import { type Codec, decode, encode, isBytes, json } from './codec.ts'
import { annotate, TtlError } from './errors.ts'
import { checkSize } from './payload.ts'
import { type StandardSchema, validate } from './schema.ts'

/** Values of one namespace: encoded on the way in, decoded and validated on the way out. */
export class Values<Value> {
  readonly #codec: Codec
  readonly #schema: StandardSchema | undefined
  readonly #maxBytes: number

  constructor(codec: Codec, schema: StandardSchema | undefined, maxPayloadBytes: number) {
    this.#codec = codec
    this.#schema = schema
    this.#maxBytes = maxPayloadBytes
  }

  encode(value: unknown): Payload {
    // Bytes are stored as they are: what is too large need not be copied to be refused.
    if (this.#codec === json && isBytes(value)) checkSize(value, this.#maxBytes)
    const payload = encode(this.#codec, value)
    checkSize(payload, this.#maxBytes)
    return payload
  }

  decode(payload: Payload): Awaitable<Value> {
    const value = decode(this.#codec, payload)
    return (this.#schema === undefined ? value : validate(this.#schema, value)) as Awaitable<Value>
  }

  /** The error of a value that cannot be decoded names its key. */
  async decodeAll(found: readonly (readonly [name: string, payload: Payload])[]): Promise<Map<string, Value>> {
    const values = new Map<string, Value>()
    for (const [name, payload] of found) {
      try {
        const value = this.decode(payload)
        values.set(name, this.#schema === undefined ? (value as Value) : await value)
      } catch (error) {
        throw error instanceof TtlError ? annotate(error, { key: name }) : error
      }
    }
    return values
  }

  decodeFound(payload: Payload | undefined): Awaitable<Value | undefined> {
    return payload === undefined ? undefined : this.decode(payload)
  }
}
