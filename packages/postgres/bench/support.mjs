// What the benches share: a server with default durability, medians of interleaved rounds, ratios.
import pg from 'pg'
import { embedded } from '../test/server/binaries.ts'
import { startServer } from '../test/server/server.ts'

/** Runs work against DATABASE_URL, or a throwaway PostgreSQL 18. */
export async function withServer(work) {
  const server = process.env.DATABASE_URL
    ? { url: process.env.DATABASE_URL, end: async () => {} }
    : await startServer(embedded(), { shared_buffers: '1GB', max_wal_size: '8GB' })
  const pools = []
  const connect = (max = 10) => {
    const pool = new pg.Pool({ connectionString: server.url, max })
    pool.on('error', () => {})
    pools.push(pool)
    return pool
  }
  try {
    await work(connect)
  } finally {
    await Promise.all(pools.map((pool) => pool.end()))
    await server.end()
  }
}

export const sorted = (values) => values.toSorted((a, b) => a - b)
export const quantile = (values, q) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * q))]
export const median = (values) => quantile(values, 0.5)

/** Operations per second of a loop of `inFlight` callers, for some milliseconds. */
export async function rate(operation, inFlight, ms) {
  let [count, run] = [0, true]
  const worker = async (id) => {
    for (let turn = 0; run; turn++) {
      await operation(id, turn)
      count++
    }
  }
  const start = performance.now()
  const workers = Array.from({ length: inFlight }, (_, id) => worker(id))
  await new Promise((resolve) => setTimeout(resolve, ms))
  run = false
  await Promise.all(workers)
  return (count / (performance.now() - start)) * 1000
}

/** Medians of interleaved rounds of named subjects; the first round warms up. */
export async function interleaved(subjects, rounds, measure) {
  const results = new Map(Object.keys(subjects).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    const names = Object.keys(subjects)
    for (const name of round % 2 ? names : names.toReversed()) {
      const value = await measure(subjects[name], name)
      if (round > 0) results.get(name).push(value)
    }
  }
  return new Map([...results].map(([name, values]) => [name, median(values)]))
}

export const table = (rows) => console.table(rows)
export const ratio = (value) => Number(value.toFixed(2))

/** Fills a table through the server; `expired` is the fraction that is dead already. */
export async function fill(pool, name, rows, { expired = 0, ttlMs = 3_600_000, mode = 1, from = 0 } = {}) {
  const now = `floor(date_part('epoch', clock_timestamp()) * 1000)::bigint`
  const every = expired === 0 ? 'false' : `n % ${Math.round(1 / expired)} = 0`
  await pool.query(`
    INSERT INTO ${name} (ns, space, key, expires_at, sweep_at, ttl_ms, restart_on, refresh_after, body)
    SELECT 'bench', 0, 'key-' || n, at, at, ${ttlMs}, ${mode}, 0, repeat('v', 240) || n
    FROM (SELECT n, ${now} + CASE WHEN ${every} THEN -60000 - n ELSE ${ttlMs} + n END AS at
      FROM generate_series(${from}, ${from + rows - 1}) n ORDER BY hashint4(n)) s`)
  await pool.query(`VACUUM ANALYZE ${name}`)
  await pool.query('CHECKPOINT')
}
