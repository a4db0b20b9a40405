import assert from 'node:assert/strict'
import { TtlError, type TtlErrorCode } from '@ttl/core'
import type { Timing } from '@ttl/core/adapter'

/** Asserts that a call, made or promised, is refused with this code and says these things. */
export async function refused(code: TtlErrorCode, call: () => unknown, ...says: readonly RegExp[]): Promise<TtlError> {
  let error: unknown
  try {
    await call()
  } catch (thrown) {
    error = thrown
  }
  if (error === undefined) assert.fail(`should have been refused with ${code}`)
  if (!(error instanceof TtlError)) throw error
  assert.equal(error.code, code, error.message)
  for (const pattern of says) assert.match(error.message, pattern)
  return error
}

/** `count` names with a common beginning. */
export function names(count: number, prefix = 'k'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}

/** Asserts deep and strict equality. */
export function same(actual: unknown, expected: unknown, message?: string): void {
  assert.deepStrictEqual(actual, expected, message)
}

/** Asserts strict equality. */
export function equal(actual: unknown, expected: unknown, message?: string): void {
  assert.equal(actual, expected, message)
}

export function ok(value: unknown, message?: string): asserts value {
  assert.ok(value, message)
}

/** Asserts that there is something, and gives it. */
export function given<T>(value: T | undefined, what = 'it'): T {
  if (value === undefined) assert.fail(`${what} should be there`)
  return value
}

/** The fields of a timing, those that are absent as `undefined`, and nothing else. */
export const timingOf = ({ expiresAt, bornAt, ttlMs, capAt, restartOn, refreshAfter }: Timing): Timing => ({
  expiresAt,
  bornAt,
  ttlMs,
  capAt,
  restartOn,
  refreshAfter,
})
