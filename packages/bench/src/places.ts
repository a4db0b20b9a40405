import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server } from '@ttl/redis-server'
import { Redis } from 'ioredis'
import pg from 'pg'
import { embedded } from '../../postgres/test/server/binaries.ts'
import { startServer } from '../../postgres/test/server/server.ts'
import { cpuOf, parentOf } from './cpu.ts'
import type { BackendName, Place } from './subject.ts'

/** A {@link Place} with a way to leave it. */
export interface Ground extends Place {
  /** What runs there, for the report. */
  readonly server: string
  /** CPU time of the server so far, in milliseconds; `undefined` without a server that can be seen. */
  serverCpu(): number | undefined
  /** Lets the server finish what filling it has begun, so that none of it falls into what is measured. */
  settle(): Promise<void>
  leave(): Promise<void>
}

export interface PlaceOptions {
  readonly ttlMs: number
  readonly poolSize: number
  readonly sharedBuffers: string
}

const refuse = (what: string) => (): never => {
  throw new Error(`this backend has no ${what}`)
}

/** A fresh place for the subjects of a backend: a directory, and the server of `REDIS_URL` or `DATABASE_URL` or a throwaway one. */
export async function enter(backend: BackendName, options: PlaceOptions): Promise<Ground> {
  const directory = mkdtempSync(join(tmpdir(), 'ttl-bench-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  const { ttlMs, poolSize } = options
  const common: Place = {
    name: '',
    ttlMs,
    poolSize,
    file: (name) => join(directory, `${name}.db`),
    redisUrl: refuse('Redis'),
    postgresUrl: refuse('PostgreSQL'),
  }
  try {
    if (backend === 'redis') return await onRedis(common, remove)
    if (backend === 'postgres') return await onPostgres(common, options.sharedBuffers, remove)
    return {
      ...common,
      server: 'none',
      serverCpu: () => undefined,
      settle: async () => {},
      leave: async () => remove(),
    }
  } catch (error) {
    remove()
    throw error
  }
}

async function onRedis(common: Place, remove: () => void): Promise<Ground> {
  const given = process.env.REDIS_URL
  const server = given === undefined ? await Server.start() : undefined
  const url = given ?? (server as Server).url
  const client = new Redis(url)
  const info = await client.info('server')
  client.disconnect()
  const fact = (name: string) => info.match(new RegExp(`^${name}:(.*?)\\r?$`, 'm'))?.[1] ?? ''
  return {
    ...common,
    redisUrl: () => url,
    server: `Redis ${fact('redis_version')}, nothing persisted`,
    serverCpu: watch(Number(fact('process_id')), 'redis-server'),
    settle: async () => {},
    async leave() {
      await server?.stop()
      remove()
    },
  }
}

async function onPostgres(common: Place, sharedBuffers: string, remove: () => void): Promise<Ground> {
  const given = process.env.DATABASE_URL
  const server =
    given === undefined
      ? await startServer(embedded(), { shared_buffers: sharedBuffers, max_wal_size: '8GB' })
      : undefined
  const url = given ?? (server as { readonly url: string }).url
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ pid: number; version: string }>(
    `SELECT pg_backend_pid() AS pid, current_setting('server_version') || ', fsync ' || current_setting('fsync') ||
      ', synchronous_commit ' || current_setting('synchronous_commit') || ', shared_buffers ' || current_setting('shared_buffers') AS version`,
  )
  const { pid = 0, version = '' } = rows[0] ?? {}
  const postmaster = parentOf(pid) ?? 0
  await client.end()
  return {
    ...common,
    postgresUrl: () => url,
    server: `PostgreSQL ${version}`,
    serverCpu: watch(postmaster, 'postgres'),
    settle: () => once(url, 'CHECKPOINT'),
    async leave() {
      await server?.end()
      remove()
    },
  }
}

async function once(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(sql)
  await client.end()
}

/** The CPU time of a server on this machine: the process of that id has to be what it should be. */
function watch(pid: number, name: string): () => number | undefined {
  try {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim().startsWith(name)) return () => cpuOf(pid)
  } catch {
    // Not on this machine, or not on Linux.
  }
  return () => undefined
}
