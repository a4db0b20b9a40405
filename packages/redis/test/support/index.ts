import type { Backend, Expiry, Payload, Placement, Write } from '@ttl/core/adapter'
import { Cluster, Redis } from 'ioredis'
import * as v5 from 'ioredis5'
import { afterEach, inject } from 'vitest'
import { type RedisBackend, type RedisClient, type RedisOptions, redis } from '../../src/index.ts'
import { glob } from '../../src/keys.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

export function finallyDo(step: () => unknown): void {
  undo.push(step)
}

let count = 0
/** A prefix that nobody else uses. */
export function freshPrefix(): string {
  return `t${process.pid}.${process.hrtime.bigint().toString(36)}.${count++}:`
}

export type Kind = 'standalone' | 'standalone 5' | 'auto-pipelining' | 'key prefix' | 'cluster' | 'cluster 5'

/** @param db on a server that is no cluster */
export function connect(kind: Kind = 'standalone', db = 0): Redis | Cluster {
  const url = inject('redisUrl')
  const nodes = inject('clusterPorts').map((port) => ({ host: '127.0.0.1', port }))
  switch (kind) {
    case 'standalone':
      return new Redis(url, { db })
    case 'standalone 5':
      return new v5.Redis(url, { db }) as unknown as Redis
    case 'auto-pipelining':
      return new Redis(url, { db, enableAutoPipelining: true })
    case 'key prefix':
      return new Redis(url, { db, keyPrefix: '*app[1]{' })
    case 'cluster':
      return new Cluster(nodes)
    case 'cluster 5':
      return new v5.Cluster(nodes) as unknown as Cluster
  }
}

/** A client that is closed when the test ends. */
export function client(kind?: Kind): Redis | Cluster {
  const connection = connect(kind)
  finallyDo(() => connection.disconnect())
  return connection
}

export function open(options: RedisOptions = {}, on: RedisClient = client()): RedisBackend {
  return redis(on, { prefix: freshPrefix(), ...options })
}

export const rolling = (ttlMs: number | undefined, more: Partial<Expiry> = {}): Placement => ({
  onLive: 'replace',
  expiry: { ttlMs, maxAgeMs: undefined, expiresAt: undefined, restartOn: 'write', refreshAfter: 0, ...more },
  limitMs: undefined,
})

export const sliding = (ttlMs: number, more: Partial<Expiry> = {}): Placement =>
  rolling(ttlMs, { restartOn: 'access', ...more })

export const write = (key: string, payload: Payload = 'v', placement: Placement = rolling(60_000)): Write => ({
  key,
  payload,
  placement,
})

export const READ = { touch: true, detail: false, sliding: false } as const
export const SLIDE = { touch: true, detail: false, sliding: true } as const
export const DETAIL = { touch: true, detail: true, sliding: false } as const
export const PEEK = { touch: false, detail: true, sliding: false } as const

/** Names of a whole scan. */
export async function names(backend: Backend, space: 'entry' | 'group', namespace: string): Promise<string[]> {
  const all: string[] = []
  let cursor: string | undefined
  do {
    const page = await backend.scan(space, namespace, { cursor, limit: 100 })
    all.push(...page.keys)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}

/** Removes what begins with a prefix. */
export async function removeAll(client: Redis | Cluster, prefix: string): Promise<void> {
  await client.time()
  const [own = '', nodes] = [
    client.options.keyPrefix,
    client instanceof Redis || !('nodes' in client) ? [client] : client.nodes('master'),
  ]
  for (const node of nodes as Redis[]) {
    await node.eval(
      "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('UNLINK', key) end",
      0,
      `${glob(own + prefix)}*`,
    )
  }
}
