// What it costs to keep the exact deadline in an index, against the split that @ttl/sqlite uses: `expires_at` without an
// index, and an indexed lower bound `sweep_at` that refreshes and overwrites leave alone.
//
//   node bench/deadline-index.mjs [rows=100000] [operations=20000] [rounds=9]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'

const [rows = 100_000, operations = 20_000, rounds = 9] = process.argv.slice(2).map(Number)
const TTL_MS = 1_800_000
const directory = mkdtempSync(join(tmpdir(), 'ttl-bench-'))

function layout(name, index, overwriteGuard) {
  const db = new Database(join(directory, `${name}.db`))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec(`
    CREATE TABLE ttl (id INTEGER PRIMARY KEY, ns TEXT NOT NULL, space INTEGER NOT NULL, key TEXT NOT NULL,
      expires_at INTEGER, sweep_at INTEGER, ttl_ms INTEGER, value ANY, UNIQUE (ns, space, key)) STRICT;
    CREATE INDEX ttl_sweep ON ttl (${index}) WHERE ${index} IS NOT NULL`)
  const insert = db.prepare(
    `INSERT INTO ttl (ns, space, key, expires_at, sweep_at, ttl_ms, value) VALUES ('session', 0, ?, ?, ?, ${TTL_MS}, ?)`,
  )
  db.transaction(() => {
    for (let i = 0; i < rows; i++) insert.run(keyOf(i), 1e12 + i, 1e12 + i, VALUE)
  })()
  db.pragma('wal_checkpoint(TRUNCATE)')
  return {
    refresh: db.prepare(`UPDATE ttl SET expires_at = ? WHERE ns = 'session' AND space = 0 AND key = ?`),
    overwrite: db.prepare(`
      INSERT INTO ttl (ns, space, key, expires_at, sweep_at, ttl_ms, value) VALUES ('session', 0, ?, ?, ?, ${TTL_MS}, ?)
      ON CONFLICT (ns, space, key) DO UPDATE SET expires_at = excluded.expires_at, value = excluded.value ${overwriteGuard}`),
  }
}

const VALUE = JSON.stringify({ user: 'u'.repeat(200) })
const keyOf = (i) => `session-${(i * 2654435761) % 4294967296}`
const layouts = {
  exact: layout('exact', 'expires_at', ''),
  split: layout('split', 'sweep_at', 'WHERE sweep_at <= excluded.expires_at'),
}

let now = 2e12
const work = {
  refresh: ({ refresh }, key) => refresh.run(now++, key),
  overwrite: ({ overwrite }, key) => overwrite.run(key, now++, now, VALUE),
}

const samples = {}
for (let round = 0; round < rounds; round++) {
  for (const [operation, run] of Object.entries(work)) {
    for (const [name, statements] of Object.entries(layouts)) {
      const keys = Array.from({ length: operations }, () => keyOf(Math.floor(Math.random() * rows)))
      const start = process.hrtime.bigint()
      for (const key of keys) run(statements, key)
      samples[`${operation} ${name}`] ??= []
      samples[`${operation} ${name}`].push(Number(process.hrtime.bigint() - start) / operations / 1000)
    }
  }
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
for (const operation of Object.keys(work)) {
  const [exact, split] = [median(samples[`${operation} exact`]), median(samples[`${operation} split`])]
  console.log(
    `${operation.padEnd(9)}  exact deadline indexed ${exact.toFixed(1)} µs  split ${split.toFixed(1)} µs  ratio ${(exact / split).toFixed(2)}`,
  )
}
rmSync(directory, { recursive: true, force: true })
