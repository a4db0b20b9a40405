/** Backends that the day can take place on, each left as it was found. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStore } from '@ttl/core'
import type { Backend } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import { type ManualClock, manualClock } from '@ttl/core/testing'
import { postgres } from '@ttl/postgres'
import { redis } from '@ttl/redis'
import { sqlite } from '@ttl/sqlite'
import pg from 'pg'
import { OPENS, type Place } from './day.ts'

/** A place, and what has to be done when the day is over. */
export interface Opened extends Place, AsyncDisposable {
  readonly name: string
}

export type Target =
  | { readonly kind: 'memory' | 'sqlite' }
  | { readonly kind: 'postgres' | 'redis'; readonly url: string }

const START = '2100-01-01T00:00:00Z'
/** Redis has a clock of its own: there an hour takes 600 milliseconds. */
const SPEED = 6_000

export async function open(target: Target): Promise<Opened> {
  switch (target.kind) {
    case 'memory':
      return inHand(
        'memory',
        (clock) => memory({ clock }),
        async () => {},
      )
    case 'sqlite': {
      const folder = mkdtempSync(join(tmpdir(), 'graph-checkpoints-'))
      const remove = async () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
      return inHand('SQLite', (clock) => sqlite(join(folder, 'threads.db'), { clock }), remove)
    }
    case 'postgres': {
      const pool = new pg.Pool({ connectionString: target.url })
      const schema = `graph_checkpoints_${process.pid}`
      return inHand(
        'PostgreSQL',
        (clock) => postgres(pool, { schema, clock }),
        async () => {
          await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`).finally(() => pool.end())
        },
      )
    }
    case 'redis': {
      const store = createStore({ backend: redis({ url: target.url, prefix: `graph-checkpoints-${process.pid}:` }) })
      let started: number | undefined
      return {
        name: 'Redis',
        store,
        speed: SPEED,
        async until(minute) {
          started ??= performance.now()
          await sleep(Math.max(0, started + ((minute - OPENS) * 60_000) / SPEED - performance.now()))
        },
        async [Symbol.asyncDispose]() {
          try {
            for (const name of ['langgraph:threads', 'langgraph:items']) await store.namespace(name).clear()
          } finally {
            await store.close()
          }
        },
      }
    }
  }
}

/** Where the backend takes a clock, the day takes no time at all. */
function inHand(name: string, backend: (clock: ManualClock) => Backend, after: () => Promise<void>): Opened {
  const clock = manualClock(START)
  const store = createStore({ backend: backend(clock) })
  return {
    name,
    store,
    speed: 1,
    until: async (minute) => clock.set(new Date(Date.parse(START) + minute * 60_000)),
    async [Symbol.asyncDispose]() {
      await store.close()
      await after()
    },
  }
}
