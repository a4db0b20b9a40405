/** What may be given to reach a server. */
import { TtlTypeError } from '@ttl/core'
import { type Clock, describe } from '@ttl/core/adapter'
import { $, inTurn, isConnection, type PostgresClient } from './client.ts'
import { openPool } from './own-pool.ts'
import type { Common } from './session.ts'
import { SERVER_CLOCK } from './statements/rules.ts'

/** A way to the server, and how to end what was opened for it. */
export interface Reached {
  readonly client: () => PostgresClient | Promise<PostgresClient>
  readonly end: () => Promise<void>
}

/**
 * A client as it is, never to be closed; or a pool that is opened on first use.
 * @param own the options within a configuration that are not for the pool
 */
export function reach(
  target: string | PostgresClient | Readonly<Record<string, unknown>>,
  where: string,
  own: readonly string[],
): Reached {
  if (typeof target === 'string' ? target.trim() === '' : typeof target !== 'object' || target === null) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `${where} takes a Pool or Client of pg, a connection string or a configuration, got ${describe(target)}`,
    )
  }
  if (isClient(target)) {
    const client = isConnection(target) ? inTurn(target) : target
    return { client: () => client, end: async () => {} }
  }
  const config = typeof target === 'string' ? { connectionString: target } : target
  return openPool(Object.fromEntries(Object.entries(config).filter(([name]) => !own.includes(name))))
}

function isClient(target: unknown): target is PostgresClient {
  return typeof (target as Partial<PostgresClient>).query === 'function'
}

/** @throws {@link TtlTypeError} `TTL_INVALID` for options of every target that cannot be used */
export function checkSettings(
  { clock, prepare }: { readonly clock?: unknown; readonly prepare?: unknown },
  where: string,
) {
  if (clock !== undefined && typeof (clock as Partial<Clock> | null)?.now !== 'function')
    throw new TtlTypeError('TTL_INVALID', `clock of ${where} must have a now() method, got ${describe(clock)}`)
  if (prepare !== undefined && typeof prepare !== 'boolean')
    throw new TtlTypeError('TTL_INVALID', `prepare of ${where} must be true or false, got ${describe(prepare)}`)
}

/** What the sessions of one target have in common, beside its tables. */
export function commonOf(
  { clock, prepare = true }: { readonly clock?: Clock | undefined; readonly prepare?: boolean | undefined },
  ready: Common['ready'],
): Common {
  const clockSql = clock === undefined ? SERVER_CLOCK : `${$('now')}::bigint`
  return { ready, clockSql, clock, prepare, statements: new Map() }
}
