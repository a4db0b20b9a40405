import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, DurationInput, Timers } from '@ttl/core'
import type { Backend } from '@ttl/core/adapter'
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
  /** For `startSweeper`; they fire while time is advanced. */
  readonly timers: Timers
  /** Lets time pass, from timer to timer. */
  advance(span: DurationInput): Promise<void>
  /** On PostgreSQL the schema that it is in, for what looks behind the backend. */
  readonly schema?: string | undefined
  /** The same place as another process would open it; in memory there is only one. */
  open(): Backend
}

export interface SceneOptions {
  readonly redis?: Omit<RedisOptions, 'prefix'> | undefined
}

/**
 * Declares the same tests on every backend, grouped by its name, as docs/seed-systems.md collects them. Time is in the
 * hands of the test on all four. Redis takes no clock, so there its scripts are told the time, on a real server, and
 * what is due is deleted as the server would; see {@link inRealTime} for the real thing.
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

/** Declares the same tests on the servers, by their own clocks: these wait. */
export function inRealTime(
  tests: (open: (options?: SceneOptions) => Promise<RealScene>, name: 'PostgreSQL' | 'Redis') => void,
  names: readonly ('PostgreSQL' | 'Redis')[] = ['PostgreSQL', 'Redis'],
): void {
  for (const name of names) {
    describe(name, () => {
      describe('in real time', () => tests((options) => REAL_SCENES[name](options), name))
    })
  }
}

/** The same on Redis alone. */
export function onRealRedis(tests: Parameters<typeof inRealTime>[0]): void {
  inRealTime(tests, ['Redis'])
}

/** An empty place on a server. */
export type RealScene = Pick<Scene, 'name' | 'backend' | 'open' | typeof Symbol.asyncDispose>

let count = 0
const fresh = () => `t${process.pid}_${process.hrtime.bigint().toString(36)}_${count++}`

const SCENES: Readonly<Record<BackendName, (options?: SceneOptions) => Promise<Scene>>> = {
  async memory() {
    const time = timeInHand()
    const backend = memory({ clock: time.clock })
    return { name: 'memory', ...time, backend, open: () => backend, [Symbol.asyncDispose]: async () => {} }
  },

  async SQLite() {
    const time = timeInHand()
    const folder = mkdtempSync(join(tmpdir(), 'ttl-example-'))
    const places = opening(() => sqlite(join(folder, 'scene.db'), { clock: time.clock }))
    return {
      name: 'SQLite',
      ...time,
      ...places,
      async [Symbol.asyncDispose]() {
        await places.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },

  async PostgreSQL() {
    const time = timeInHand()
    const schema = fresh()
    const pool = connections.postgres()
    const places = opening(() => postgres(pool, { schema, clock: time.clock }))
    return {
      name: 'PostgreSQL',
      ...time,
      ...places,
      schema,
      async [Symbol.asyncDispose]() {
        await places.close()
        await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
      },
    }
  },

  async Redis(options = {}) {
    const { clock, timers, advance } = timeInHand()
    const prefix = `${fresh()}:`
    const server = new VirtualServer(connections.redis(), prefix)
    Object.defineProperty(server, 'at', { get: clock.now, set: () => undefined })
    const expire = () => server.advance(0)
    const places = opening(() => redis(server.client, { prefix, ...options.redis }))
    return {
      name: 'Redis',
      ...places,
      clock,
      timers: { after: (ms, callback) => timers.after(ms, () => expire().then(callback)) },
      advance: (span) => advance(span).then(expire),
      async [Symbol.asyncDispose]() {
        await places.close()
        await server.clear()
      },
    }
  },
}

const REAL_SCENES: Readonly<Record<'PostgreSQL' | 'Redis', (options?: SceneOptions) => Promise<RealScene>>> = {
  async PostgreSQL() {
    const schema = fresh()
    const pool = connections.postgres()
    const places = opening(() => postgres(pool, { schema }))
    return {
      name: 'PostgreSQL',
      ...places,
      async [Symbol.asyncDispose]() {
        await places.close()
        await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
      },
    }
  },

  async Redis(options = {}) {
    const prefix = `${fresh()}:`
    const client = connections.redis()
    const places = opening(() => redis(client, { prefix, ...options.redis }))
    return {
      name: 'Redis',
      ...places,
      async [Symbol.asyncDispose]() {
        await places.close()
        const left = await client.keys(`${prefix}*`)
        if (left.length > 0) await client.unlink(left)
      },
    }
  },
}

function timeInHand(): Pick<Scene, 'clock' | 'timers' | 'advance'> {
  const clock = manualClock(START)
  return { clock, timers: clock, advance: (span) => clock.run(span) }
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
