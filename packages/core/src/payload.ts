import type { Condition, Payload } from './backend.ts'
import { TtlError } from './errors.ts'
import { utf8Bytes } from './names.ts'

/** Bytes of one's own, so that what is stored does not change under a caller's hands. */
export function copied(payload: Payload): Payload {
  return typeof payload === 'string' ? payload : new Uint8Array(payload)
}

/** Equal kind and equal content. */
export function samePayload(a: Payload, b: Payload): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

/** Whether a write's condition holds. `live` is the payload of the live entry, `undefined` when there is none. */
export function satisfies(condition: Condition | undefined, live: Payload | undefined): boolean {
  if (condition === undefined) return true
  if (condition === 'absent') return live === undefined
  return live !== undefined && (condition === 'present' || samePayload(live, condition.payload))
}

/** Bytes of what is stored. */
export function bytesOf(payload: Payload): number {
  return typeof payload === 'string' ? utf8Bytes(payload) : payload.length
}

/** @throws {@link TtlError} `TTL_UNSUPPORTED` for a payload that is larger than the backend can hold */
export function checkSize(payload: Payload, maxBytes: number): void {
  // A unit of text is at most three bytes: short text needs no counting.
  if (payload.length * 3 <= maxBytes) return
  const bytes = bytesOf(payload)
  if (bytes > maxBytes) {
    throw new TtlError(
      'TTL_UNSUPPORTED',
      `the backend holds values of at most ${maxBytes} bytes, got ${bytes}; it was not written`,
    )
  }
}
