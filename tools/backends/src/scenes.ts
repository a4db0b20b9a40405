import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DurationInput, duration } from '@ttl/core'
import type { Backend, Clock } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import { manualClock } from '@ttl/core/testing'
import { postgres } from '@ttl/postgres'
import { type RedisOptions, redis } from '@ttl/redis'
import { sqlite } from '@ttl/sqlite'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, describe, inject } from 'vitest'
import { VirtualServer } from '../../../packages/redis/test/support/virtual.ts'
import { BACKENDS, type BackendName, START } from './names.ts'
import './servers.ts'

/** An empty place on one of the backends, and its time. */
export interface Scene extends AsyncDisposable {
  readonly name: BackendName
  /** What stores are made with. */
  readonly backend: Backend
  /** What the backend judges by. Stands at {@link START} at first; moved by {@link Scene.advance}. */
  readonly clock: Clock
  /** Lets time pass. */
  advance(span: DurationInput): Promise<void>
  /** The same place as another process would open it; in memory there is only one. */
  open(): Backend
}

export interface SceneOptions {
  readonly redis?: Omit<RedisOptions, 'prefix'> | undefined
}

/**
 * Declares the same tests on every backend, grouped by its name, as docs/seed-systems.md collects them. Time is in the
 * hands of the test on all four. Redis takes no clock, so there its scripts are told the time, on a real server, and
 * what is due is deleted as the server would; see {@link onRealRedis} for the real thing.
 *
 * @param tests is given what opens a fresh scene: `await using scene = await open()`
 * @param names the backends; default: all
 */
export function onEachBackend(
  tests: (open: (options?: SceneOptions) => Promise<Scene>, name: BackendName) => void,
  names: readonly BackendName[] = BACKENDS,
): void {
  for (const name of names) describe(name, () => tests((options) => SCENES[name](options), name))
}

/** Declares tests on Redis in real time. */
export function onRealRedis(tests: (open: (options?: SceneOptions) => Promise<RealScene>) => void): void {
  describe('Redis', () => {
    describe('in real time', () => tests((options) => realRedis(options)))
  })
}

type RealScene = Pick<Scene, 'backend' | 'open' | typeof Symbol.asyncDispose> & { readonly client: Redis }

let count = 0
const fresh = () => `t${process.pid}_${process.hrtime.bigint().toString(36)}_${count++}`

const SCENES: Readonly<Record<BackendName, (options?: SceneOptions) => Promise<Scene>>> = {
  async memory() {
    const { clock, advance } = timeInHand()
    const backend = memory({ clock })
    return { name: 'memory', backend, clock, advance, open: () => backend, [Symbol.asyncDispose]: async () => {} }
  },

  async SQLite() {
    const { clock, advance } = timeInHand()
    const folder = mkdtempSync(join(tmpdir(), 'ttl-example-'))
    const places = opening(() => sqlite(join(folder, 'scene.db'), { clock }))
    return {
      name: 'SQLite',
      ...places,
      clock,
      advance,
      async [Symbol.asyncDispose]() {
        await places.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },

  async PostgreSQL() {
    const { clock, advance } = timeInHand()
    const schema = fresh()
    const pool = connections.postgres()
    const places = opening(() => postgres(pool, { schema, clock }))
    return {
      name: 'PostgreSQL',
      ...places,
      clock,
      advance,
      async [Symbol.asyncDispose]() {
        await places.close()
        await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
      },
    }
  },

  async Redis(options = {}) {
    const prefix = `${fresh()}:`
    const server = new VirtualServer(connections.redis(), prefix)
    server.at = Date.parse(START)
    const places = opening(() => redis(server.client, { prefix, ...options.redis }))
    return {
      name: 'Redis',
      ...places,
      clock: { now: () => server.at },
      advance: (span) => server.advance(duration(span).ms),
      async [Symbol.asyncDispose]() {
        await places.close()
        await server.clear()
      },
    }
  },
}

async function realRedis(options: SceneOptions = {}): Promise<RealScene> {
  const prefix = `${fresh()}:`
  const client = connections.redis()
  const places = opening(() => redis(client, { prefix, ...options.redis }))
  return {
    ...places,
    client,
    async [Symbol.asyncDispose]() {
      await places.close()
      const left = await client.keys(`${prefix}*`)
      if (left.length > 0) await client.unlink(left)
    },
  }
}

function timeInHand(): Pick<Scene, 'clock' | 'advance'> {
  const clock = manualClock(START)
  return { clock, advance: async (span) => clock.advance(span) }
}

function opening(open: () => Backend) {
  const opened: Backend[] = []
  const another = () => {
    const backend = open()
    opened.push(backend)
    return backend
  }
  return {
    backend: another(),
    open: another,
    close: async () => void (await Promise.all(opened.map((backend) => backend.close()))),
  }
}

/** One of each for a file of tests. */
const connections = {
  postgres: once(
    () => new pg.Pool({ connectionString: inject('postgresUrl') }),
    (pool) => pool.end(),
  ),
  redis: once(
    () => new Redis(inject('redisUrl')),
    async (client) => client.disconnect(),
  ),
}

function once<T>(make: () => T, end: (made: T) => Promise<void>): () => T {
  let made: T | undefined
  afterAll(async () => {
    if (made !== undefined) await end(made)
    made = undefined
  })
  return () => {
    made ??= make()
    return made
  }
}
