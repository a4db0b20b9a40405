/** A process of its own, started by processes.test.ts: waits for 'go', works, reports. */
import pg from 'pg'
import { postgres } from '../src/index.ts'

const [job, url, table] = process.argv.slice(2) as [string, string, string]
const pool = new pg.Pool({ connectionString: url, max: 2 })
const backend = postgres(pool, { table })
const placement = {
  onLive: 'replace',
  expiry: { ttlMs: 600_000, maxAgeMs: undefined, expiresAt: undefined, restartOn: 'write', refreshAfter: 0 },
  limitMs: undefined,
} as const
const say = (message: unknown) => process.send?.(message)

const jobs: Record<string, () => Promise<unknown>> = {
  /** Sweeps until nothing is left; reports what it deleted. */
  async sweep() {
    let [deleted, more] = [0, true]
    while (more) {
      const swept = await backend.sweep({ limit: 1_000 })
      for (const count of swept.deleted.values()) deleted += count
      more = swept.more
    }
    return deleted
  },

  /** Writes batches and groups, each under the next number, until it is killed; reports each that is stored. */
  async batches() {
    for (let n = 1; ; n++) {
      await backend.write(
        'batch',
        Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, payload: `${n}`, placement })),
      )
      await backend.writeGroup(
        'batch',
        'g',
        Array.from({ length: 20 }, (_, i) => [`m${i}`, `${n}`] as const),
        placement,
      )
      say(n)
    }
  },
}

process.once('message', () => {
  const work = jobs[job]?.()
  work?.then(async (result) => {
    say({ result })
    await pool.end()
    process.disconnect()
  }, console.error)
})
say('ready')
