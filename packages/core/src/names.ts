import { describe, TtlRangeError, TtlTypeError } from './errors.ts'
import { foreignSync } from './foreign.ts'

/** The longest namespace, key, group id or member, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 1_024

/** Bytes of the UTF-8 of well-formed text. */
export function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    // A surrogate pair is two units and four bytes: two for each unit.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}

/** Checks a namespace, key, group id or member: well-formed Unicode, 1 byte to 1 KiB of UTF-8. */
export function checkName(name: unknown, what: 'namespace' | 'key' | 'group id' | 'member'): asserts name is string {
  if (typeof name !== 'string') {
    throw new TtlTypeError(
      'TTL_INVALID',
      `a ${what} must be a string, got ${describe(name)}${typeof name === 'number' || typeof name === 'bigint' ? '; write String(value)' : ''}`,
    )
  }
  if (name === '') throw new TtlRangeError('TTL_INVALID', `a ${what} must have at least one character, got ""`)
  if (!name.isWellFormed()) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `a ${what} must be well-formed Unicode, got a lone surrogate; write ${what.split(' ').at(-1)}.toWellFormed() or encode it`,
    )
  }
  // Up to three bytes a unit: most names need no counting.
  if (name.length * 3 > MAX_NAME_BYTES) {
    const bytes = utf8Bytes(name)
    if (bytes > MAX_NAME_BYTES) {
      throw new TtlRangeError(
        'TTL_INVALID',
        `a ${what} has at most ${MAX_NAME_BYTES} bytes of UTF-8, got ${bytes}; use a hash of it`,
      )
    }
  }
}

/** Checks a list of names and drops repetitions. */
export function checkNames(names: Iterable<string>, what: 'key' | 'member' | 'namespace', where: string): string[] {
  const unique = new Set(foreignSync(() => [...checkIterable(names, where)]))
  for (const name of unique) checkName(name, what)
  return [...unique]
}

/** Refuses what is not iterable, and text, whose characters are hardly meant. */
export function checkIterable<T>(items: Iterable<T>, where: string): Iterable<T> {
  if (typeof items === 'object' && items !== null && typeof items[Symbol.iterator] === 'function') return items
  throw new TtlTypeError('TTL_INVALID', `${where} takes an array or another iterable, got ${describe(items)}`)
}
