import { TtlTypeError } from '@ttl/core'
import { type Clock, describe } from '@ttl/core/adapter'
import type { SqliteDatabase } from './client.ts'

/** @throws {@link TtlTypeError} `TTL_INVALID` */
export function checkTarget(target: unknown, where: string): void {
  if (typeof target === 'string' ? target.trim() !== '' : isDatabase(target)) return
  throw new TtlTypeError(
    'TTL_INVALID',
    `${where} takes a path, ':memory:' or a Database of better-sqlite3, got ${describe(target)}`,
  )
}

/** @throws {@link TtlTypeError} `TTL_INVALID` */
export function checkClock(clock: Clock, where: string): void {
  if (typeof clock?.now === 'function') return
  throw new TtlTypeError('TTL_INVALID', `clock of ${where} must have a now() method, got ${describe(clock)}`)
}

function isDatabase(value: unknown): value is SqliteDatabase {
  if (typeof value !== 'object' || value === null) return false
  const { prepare, exec, transaction } = value as Record<string, unknown>
  return [prepare, exec, transaction].every((method) => typeof method === 'function')
}

export function isMemory(target: string | SqliteDatabase): boolean {
  if (typeof target !== 'string') return target.memory
  return target.trim() === ':memory:' || /^file:(:memory:|.*[?&]mode=memory)/.test(target)
}
