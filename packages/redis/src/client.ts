/**
 * The part of an ioredis client that is used, so that no version of it is locked in. Named methods, because ioredis with
 * auto-pipelining loses the command of `callBuffer`.
 */
export type Arg = string | Buffer | number

interface Commands {
  getBuffer(key: string): Promise<Buffer | null>
  mgetBuffer(...keys: string[]): Promise<(Buffer | null)[]>
  exists(...keys: string[]): Promise<number>
  set(key: string, value: string | Buffer): Promise<unknown>
  set(key: string, value: string | Buffer, px: 'PX', milliseconds: number): Promise<unknown>
  unlink(key: string): Promise<number>
  hmgetBuffer(key: string, ...fields: string[]): Promise<(Buffer | null)[]>
  smembersBuffer(key: string): Promise<Buffer[]>
  scanBuffer(
    cursor: string,
    match: 'MATCH',
    pattern: string,
    count: 'COUNT',
    limit: number,
  ): Promise<[cursor: Buffer, keys: Buffer[]]>
  time(): Promise<unknown>
  evalsha(sha: string, keyCount: number, ...args: Arg[]): Promise<unknown>
  eval(script: string, keyCount: number, ...args: Arg[]): Promise<unknown>
  config(get: 'GET', parameter: string): Promise<unknown>
  quit(): Promise<unknown>
  disconnect(): void
}

/** One connection to one server: an ioredis `Redis`. */
export interface RedisNode extends Commands {
  readonly options: {
    readonly keyPrefix?: string | undefined
    readonly db?: number | undefined
    readonly host?: string | undefined
    readonly port?: number | undefined
    readonly path?: string | null | undefined
    readonly enableAutoPipelining?: boolean | undefined
  }
  duplicate(): RedisNode
  subscribe(...channels: string[]): Promise<unknown>
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** A connection to a cluster: an ioredis `Cluster`. */
export interface RedisCluster extends Commands {
  readonly options: {
    readonly keyPrefix?: string | undefined
    readonly enableAutoPipelining?: boolean | undefined
  }
  nodes(role: 'master'): RedisNode[]
}

/** A client of ioredis 5 or 6. */
export type RedisClient = RedisNode | RedisCluster

export function isCluster(client: RedisClient): client is RedisCluster {
  return 'nodes' in client && typeof client.nodes === 'function'
}

/** Whether nothing is under way on a connection, so that there is nothing to collect. Of a cluster nobody knows. */
export function isIdle(client: RedisClient): boolean {
  return (client as { commandQueue?: { length?: unknown } }).commandQueue?.length === 0
}

/** All masters, once they are known: a cluster that is not connected yet names none. */
export async function allMasters(client: RedisClient): Promise<readonly RedisNode[]> {
  if (mastersOf(client).length === 0) await client.time()
  const masters = mastersOf(client)
  if (masters.length === 0) throw new Error('Connection is closed: the cluster names no masters')
  return masters
}

/** The connections to the masters, as far as they are known. */
export function mastersOf(client: RedisClient): readonly RedisNode[] {
  return isCluster(client) ? client.nodes('master') : [client]
}
