/** `@ttl/redis`: the Redis backend, on ioredis. */
import { TtlTypeError } from '@ttl/core'
import { Redis } from 'ioredis'
import { RedisBackend } from './backend.ts'
import type { RedisClient } from './client.ts'
import { Commands } from './commands.ts'
import { Keys } from './keys.ts'

export type { RedisBackend } from './backend.ts'
export type { RedisClient, RedisCluster, RedisNode } from './client.ts'

export interface RedisOptions {
  /**
   * What every key begins with. Two prefixes on one database must not begin with one another. In a cluster a `{hash tag}`
   * here puts everything on one node. Default `'ttl:'`.
   */
  readonly prefix?: string | undefined
  /**
   * Keeps the deadlines in sorted sets as well, so that `count`, `stats` and `keys` read those instead of the whole
   * keyspace. Every write is a script then. Entries written with and without it do not see each other. Default `false`.
   */
  readonly index?: boolean | { readonly shards?: number | undefined } | undefined
}

/** How to connect. The connection is opened on first use, and closed by `close`. */
export interface RedisConnection extends RedisOptions {
  /** `redis://…`, `rediss://…` or a path, as ioredis takes it. */
  readonly url: string
}

const OPTIONS = ['prefix', 'index']
const METHODS = ['getBuffer', 'set', 'mgetBuffer', 'evalshaBuffer', 'unlink', 'scanBuffer'] as const

/**
 * A backend that keeps everything in Redis 7 or newer, standalone or as a cluster.
 *
 * A client of yours is used as it is and never closed. One made from a `url` does not send commands again whose reply was lost.
 *
 * @param target a `Redis` or `Cluster` of ioredis 5 or 6, or `{ url }`
 * @throws {@link TtlTypeError} `TTL_INVALID` at once when an argument cannot be used
 */
export function redis(target: RedisClient, options?: RedisOptions): RedisBackend
export function redis(target: RedisConnection): RedisBackend
export function redis(target: RedisClient | RedisConnection, options: RedisOptions = {}): RedisBackend {
  if (isClient(target)) return backendOn(target, options, async () => undefined)
  if (typeof target !== 'object' || target === null || typeof target.url !== 'string' || target.url === '') {
    throw new TtlTypeError('TTL_INVALID', `redis() takes a client of ioredis or { url }, got ${kindOf(target)}`)
  }
  const { url, ...own } = target
  const keys = keysFor({ ...own, ...options })
  // Without retries ioredis fails what was under way when a connection is lost. With them it sends it again, and with
  // `autoResendUnfulfilledCommands: false` it never answers.
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0 })
  // Without a listener ioredis prints what every call reports anyway.
  client.on('error', () => undefined)
  return new RedisBackend(new Commands(client, keys), async () => {
    if (client.status === 'ready') await client.quit()
    else client.disconnect()
  })
}

function backendOn(client: RedisClient, options: RedisOptions, release: () => Promise<void>): RedisBackend {
  return new RedisBackend(new Commands(client, keysFor(options)), release)
}

function keysFor(options: RedisOptions): Keys {
  if (typeof options !== 'object' || options === null) {
    throw new TtlTypeError('TTL_INVALID', `redis() takes an options object, got ${kindOf(options)}`)
  }
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `redis() has no option ${JSON.stringify(unknown)}; it has ${OPTIONS.join(', ')}`,
    )
  }
  const { prefix = 'ttl:', index = false } = options
  if (typeof prefix !== 'string' || !/^[^{}]*(?:\{[^{}]+\}[^{}]*)?$/.test(prefix) || !prefix.isWellFormed()) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `prefix of redis() must be text with at most one {hash tag}, got ${kindOf(prefix)}`,
    )
  }
  const sharded = typeof index === 'object' && index !== null && Object.keys(index).every((name) => name === 'shards')
  const shards = sharded ? (index.shards ?? SHARDS) : index === true ? SHARDS : 0
  if (!Number.isInteger(shards) || shards > 4_096 || (shards < 1 && index !== false)) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `index of redis() must be true, false or { shards: 1 … 4096 }, got ${kindOf(index)}`,
    )
  }
  return new Keys(prefix, shards)
}

const SHARDS = 16

function isClient(target: unknown): target is RedisClient {
  if (typeof target !== 'object' || target === null) return false
  return METHODS.every((method) => typeof (target as Record<string, unknown>)[method] === 'function')
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return value === null ? 'null' : typeof value
}
