// One of several processes that boot at once: writes through a backend of its own.
import pg from 'pg'
import { postgres } from '../src/index.ts'

const [url, table, schema, name] = process.argv.slice(2) as [string, string, string, string]
const pool = new pg.Pool({ connectionString: url, max: 3 })
const backend = postgres(pool, { table, schema })
const expiry = {
  ttlMs: 60_000,
  maxAgeMs: undefined,
  expiresAt: undefined,
  restartOn: 'write',
  refreshAfter: 0,
} as const
const placement = { onLive: 'replace', expiry, limitMs: undefined } as const
// All of them begin at the same moment.
await new Promise((resolve) => process.stdin.once('data', resolve))
const stored = await Promise.all(
  ['a', 'b', 'c'].map((key) => backend.write('boot', [{ key: `${name}${key}`, payload: name, placement }])),
)
await backend.writeGroup('boot', name, [['m', 'v']], placement)
process.stdout.write(JSON.stringify(stored.flat()))
await pool.end()
process.exit()
