import { TtlError } from '@ttl/core'
import type { Payload, RestartOn, Timing } from '@ttl/core/adapter'

/**
 * What is stored is the payload, a space, and a trailer of printable ASCII without a space:
 *
 *     {"user":1} a1800000/0.5^1767225600000@1767182400000
 *
 * A letter says what restarts the entry, `c`reate, `w`rite or `a`ccess, and is a capital when the payload is bytes. Then,
 * where there is one: the window in milliseconds, `/` refreshAfter, `^` the cap, `@` the birth. The deadline is not in it:
 * it is that of the key. A group has the same trailer in its field '', and one character after the payload of each member.
 */

/** No trailer is longer, so a script that needs no payload reads only so much. */
export const TAIL_BYTES = 96

/** A timing without its deadline. */
export type Rest = Omit<Timing, 'expiresAt'>

const LETTERS: Readonly<Record<RestartOn, string>> = { create: 'c', write: 'w', access: 'a' }
const MODES: Readonly<Record<string, RestartOn>> = { c: 'create', w: 'write', a: 'access' }
const SHAPE = /^([cwaCWA])(\d*)(?:\/([\d.e+-]+))?(?:\^(-?\d+))?(?:@(-?\d+))?$/
const SPACE = 0x20

/** The trailer, with the space before it, of a write that neither has a cap nor keeps a birth. */
export function plainTrailer(
  payload: Payload,
  restartOn: RestartOn,
  ttlMs: number | undefined,
  refreshAfter: number,
): string {
  const letter = LETTERS[restartOn]
  return ` ${typeof payload === 'string' ? letter : letter.toUpperCase()}${ttlMs ?? ''}${refreshAfter === 0 ? '' : `/${refreshAfter}`}`
}

export function letterOf(restartOn: RestartOn): string {
  return LETTERS[restartOn]
}

/** A stored value, taken apart only as far as asked. */
export class Stored {
  readonly #value: Buffer
  /** Where the trailer begins. */
  readonly #start: number

  /** @throws {@link TtlError} `TTL_CODEC` when the value was not written by this package */
  constructor(value: Buffer) {
    this.#value = value
    let start = value.length - 1
    while (isDigit(value[start])) start--
    // Mostly a letter and digits. Whatever else it may be takes an expression, which costs more than reading the payload.
    if (value[start - 1] !== SPACE || !LETTER_CODES.has(value[start])) {
      start = value.lastIndexOf(SPACE) + 1
      if (start === 0 || !SHAPE.test(value.toString('latin1', start))) throw foreign()
    }
    this.#start = start
  }

  get slides(): boolean {
    return this.#letter.toLowerCase() === LETTERS.access
  }

  get payload(): Payload {
    const end = this.#start - 1
    return this.#letter > 'Z' ? this.#value.toString('utf8', 0, end) : new Uint8Array(this.#value.subarray(0, end))
  }

  get rest(): Rest {
    const [, letter = '', ttl, gate, cap, born] = SHAPE.exec(this.#value.toString('latin1', this.#start)) ?? []
    const number = (text: string | undefined): number | undefined =>
      text === undefined || text === '' ? undefined : Number(text)
    return {
      restartOn: MODES[letter.toLowerCase()] as RestartOn,
      ttlMs: number(ttl),
      refreshAfter: number(gate) ?? 0,
      capAt: number(cap),
      bornAt: number(born),
    }
  }

  get #letter(): string {
    return String.fromCharCode(this.#value[this.#start] as number)
  }
}

const LETTER_CODES: ReadonlySet<number | undefined> = new Set(Buffer.from('cwaCWA'))

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

const TEXT = 0x20
const BYTES = 0x21

/** A member's payload and its kind: a space after text, `!` after bytes. */
export function memberValue(payload: Payload): string | Buffer {
  return typeof payload === 'string' ? `${payload} ` : Buffer.concat([payload, Buffer.of(BYTES)])
}

/** @throws {@link TtlError} `TTL_CODEC` when the value was not written by this package */
export function memberPayload(value: Buffer): Payload {
  const end = value.length - 1
  if (value[end] === TEXT) return value.toString('utf8', 0, end)
  if (value[end] === BYTES) return new Uint8Array(value.subarray(0, end))
  throw foreign()
}

export function foreign(): TtlError {
  return new TtlError('TTL_CODEC', 'what is stored under this key was not written by @ttl/redis; is the prefix shared?')
}
