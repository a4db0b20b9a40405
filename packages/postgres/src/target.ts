/** What may be given to reach a server. */
import { TtlTypeError } from '@ttl/core'
import { inTurn, isConnection, type PostgresClient } from './client.ts'
import { openPool } from './own-pool.ts'

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
      `${where} takes a Pool or Client of pg, a connection string or a configuration, got ${kindOf(target)}`,
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

/** @throws {@link TtlTypeError} `TTL_INVALID` for what is no options object, or has options that are not there */
export function checkOptions(options: unknown, known: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null)
    throw new TtlTypeError('TTL_INVALID', `${where} takes an options object, got ${kindOf(options)}`)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new TtlTypeError(
      'TTL_INVALID',
      `${where} has no option ${JSON.stringify(unknown)}; it has ${known.join(', ')}`,
    )
}

export function kindOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return value === null ? 'null' : typeof value
}
