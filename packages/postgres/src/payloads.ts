import type { Payload } from '@ttl/core/adapter'
import { encodeText } from './text.ts'

/** Many payloads in one parameter: arrays of bytes would travel as hexadecimal text. */
export class Payloads {
  readonly isText: (boolean | undefined)[] = []
  /** Where each begins, from 1, as `substring` counts. */
  readonly at: (number | undefined)[] = []
  readonly size: (number | undefined)[] = []
  readonly #chunks: Uint8Array[]
  #end: { bytes: number }

  /** @param beside payloads that go into the same parameter */
  constructor(beside?: Payloads) {
    this.#chunks = beside === undefined ? [] : beside.#chunks
    this.#end = beside === undefined ? { bytes: 0 } : beside.#end
  }

  add(payload: Payload | undefined): void {
    const bytes = typeof payload === 'string' ? Buffer.from(encodeText(payload)) : payload
    this.isText.push(payload === undefined ? undefined : typeof payload === 'string')
    this.at.push(bytes && this.#end.bytes + 1)
    this.size.push(bytes?.length)
    if (bytes === undefined) return
    this.#chunks.push(bytes)
    this.#end.bytes += bytes.length
  }

  data(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

export const bodyOf = (payload: Payload): string | null => (typeof payload === 'string' ? encodeText(payload) : null)

/** pg sends a Buffer as it is; bytes of another kind it would take apart. */
export const bytesParam = (payload: Payload): Buffer | null =>
  typeof payload === 'string' ? null : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
