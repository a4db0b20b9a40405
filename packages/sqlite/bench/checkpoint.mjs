// Whether checkpoints in a worker thread lower the longest stall of the event loop. `inside` is SQLite's own way, within
// a commit (what happens on a Database of the caller); `worker` is what sqlite(path) does. First a backlog is swept as
// store.sweep() does it, then single entries are written at a steady pace.
//
//   node bench/checkpoint.mjs [rows=100000] [rounds=5]
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sqlite } from '@ttl/sqlite'
import Database from 'better-sqlite3'

const [rows = 100_000, rounds = 5] = process.argv.slice(2).map(Number)
const directory = mkdtempSync(join(tmpdir(), 'ttl-bench-'))
const clock = { at: 1e12, now: () => clock.at }
const keyOf = (i) => `session-${(i * 2654435761) % 4294967296}`
const write = (i, ttlMs) => ({
  key: keyOf(i),
  payload: 'v'.repeat(120),
  placement: { onLive: 'replace', expiry: { ttlMs, restartOn: 'write', refreshAfter: 0 } },
})
const at = (values, q) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))]

function openInside(file) {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  const backend = sqlite(db, { clock })
  return { backend, close: () => db.close() }
}

function openWorker(file) {
  const backend = sqlite(file, { clock })
  return { backend, close: () => backend.close() }
}

async function lags(work) {
  const all = []
  let [last, watching] = [performance.now(), true]
  const watch = () => {
    all.push(performance.now() - last - 1)
    last = performance.now()
    if (watching) setTimeout(watch, 1)
  }
  setTimeout(watch, 1)
  await work()
  watching = false
  return all
}

async function run(file, open) {
  clock.at = 1e12
  const filler = openInside(file)
  for (let i = 0; i < rows * 2; i += 1000) {
    filler.backend.write(
      'session',
      Array.from({ length: 1000 }, (_, j) => write(i + j, (i + j) % 2 ? 1000 : 1e9)),
    )
  }
  filler.close()
  clock.at += 1e6
  const { backend, close } = open(file)
  let [deleted, wal] = [0, 0]
  const watchWal = () => {
    wal = Math.max(wal, statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0)
  }
  const start = performance.now()
  const sweeping = await lags(async () => {
    for (let more = true; more; ) {
      const swept = await backend.sweep({ limit: 1000 })
      for (const count of swept.deleted.values()) deleted += count
      more = swept.more
      watchWal()
      await sleep(0)
    }
  })
  const took = performance.now() - start
  if (deleted !== rows) throw new Error(`deleted ${deleted} of ${rows}`)
  const sets = []
  const setting = await lags(async () => {
    for (let i = 0; i < 20_000; i++) {
      const begun = performance.now()
      await backend.write('session', [write(Math.floor(Math.random() * rows * 2), 1e9)])
      sets.push(performance.now() - begun)
      if (i % 5 === 4) await new Promise(setImmediate)
      if (i % 500 === 0) watchWal()
    }
  })
  await close()
  return {
    'swept rows/s': (deleted / took) * 1000,
    'lag p99': at(sweeping, 0.99),
    'lag max': at(sweeping, 1),
    'set p50': at(sets, 0.5),
    'set p99.9': at(sets, 0.999),
    'set max': at(sets, 1),
    'lag max (sets)': at(setting, 1),
    'WAL MB': wal / 1e6,
  }
}

const variants = { inside: openInside, worker: openWorker }
const samples = { inside: [], worker: [] }
for (let round = 0; round < rounds; round++) {
  for (const [name, open] of Object.entries(variants)) {
    const file = join(directory, `${name}-${round}.db`)
    samples[name].push(await run(file, open))
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
  }
}
rmSync(directory, { recursive: true, force: true })
console.log('medians, milliseconds unless named otherwise')
for (const key of Object.keys(samples.inside[0])) {
  const [inside, worker] = ['inside', 'worker'].map((name) =>
    at(
      samples[name].map((sample) => sample[key]),
      0.5,
    ),
  )
  console.log(
    key.padEnd(16),
    `inside ${inside.toFixed(2)}  worker ${worker.toFixed(2)}  ratio ${(inside / worker).toFixed(2)}`,
  )
}
