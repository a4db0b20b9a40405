import type { Condition, Payload } from './backend.ts'

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
