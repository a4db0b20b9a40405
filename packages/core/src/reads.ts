import type { Backend, Found, Payload, ReadOptions } from './backend.ts'

/** The ways in which a namespace reads. */
export interface Reads {
  readonly touch: ReadOptions
  readonly peek: ReadOptions
  readonly detail: ReadOptions
  readonly peekDetail: ReadOptions
}

/** @param sliding whether what is read was probably written under 'access' */
export function readsOf(sliding: boolean): Reads {
  return {
    touch: { touch: true, detail: false, sliding },
    peek: { touch: false, detail: false, sliding },
    detail: { touch: true, detail: true, sliding },
    peekDetail: { touch: false, detail: true, sliding },
  }
}

export function detailOf(found: Found, backend: Backend): NonNullable<Found['reading']> {
  if (found.reading === undefined) throw new TypeError(`${backend.name}: read() was asked for detail and gave none`)
  return found.reading
}

/** What was found, beside its key. */
export function pairs(keys: readonly string[], found: readonly (Found | undefined)[]): [string, Payload][] {
  return keys.flatMap((key, index): [string, Payload][] => {
    const payload = found[index]?.payload
    return payload === undefined ? [] : [[key, payload]]
  })
}
