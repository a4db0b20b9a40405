// Reads while a backlog is swept in the background, with the defaults of `startSweeper`: 1 000 000 expired of 2 000 000 rows, 16 reads
// in flight, with and without the sweep by turns, then until nothing is left.
//   node bench/sweep.mjs [rows=2000000] [windows=5] [seconds=8] [duty cycle]
import { createStore } from '@ttl/core'
import { postgres } from '@ttl/postgres'
import { fill, median, quantile, ratio, table, withServer } from './support.mjs'

const [rows = 2_000_000, windows = 5, seconds = 8, dutyCycle] = process.argv.slice(2).map(Number)
const READ = { touch: true, detail: false, sliding: false }
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Timers that can be held, and count the time that they run. */
function holdable() {
  let [held, since, runMs] = [true, 0, 0]
  const waiting = new Set()
  return {
    after(ms, callback) {
      const timer = setTimeout(() => (held ? waiting.add(callback) : callback()), ms)
      return () => clearTimeout(timer)
    },
    hold() {
      held = true
      runMs += performance.now() - since
    },
    release() {
      held = false
      since = performance.now()
      for (const callback of waiting) callback()
      waiting.clear()
    },
    get seconds() {
      return runMs / 1_000
    },
  }
}

await withServer(async (connect) => {
  const setup = connect()
  const backend = postgres(connect(), { table: 'backlog' })
  await backend.migrate()
  await fill(setup, 'backlog', rows, { expired: 0.5 })
  /** p50 and p99 of reads, 16 in flight, for some seconds. */
  const read = async () => {
    const latencies = []
    let run = true
    const worker = async () => {
      while (run) {
        const start = performance.now()
        await backend.read('bench', [`key-${2 * Math.floor((Math.random() * rows) / 2) + 1}`], READ)
        latencies.push(performance.now() - start)
      }
    }
    const workers = Array.from({ length: 16 }, worker)
    await sleep(seconds * 1_000)
    run = false
    await Promise.all(workers)
    return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), perSecond: latencies.length / seconds }
  }
  const timers = holdable()
  const store = createStore({ backend: postgres(connect(1), { table: 'backlog' }) })
  let [done, batches] = [false, 0]
  await store.on('sweep.batch', () => batches++)
  await store.on('sweep.end', ({ deleted }) => {
    done ||= deleted > 0
  })
  store.startSweeper({ timers, ...(dutyCycle === undefined ? {} : { dutyCycle }) })
  const swept = async () => (await store.sweeperStatus()).deleted
  await read()
  const report = []
  for (let window = 1; window <= windows && !done; window++) {
    const quiet = await read()
    const before = await swept()
    timers.release()
    const busy = await read()
    timers.hold()
    report.push({
      window,
      'p99 quiet ms': ratio(quiet.p99),
      'p99 sweeping ms': ratio(busy.p99),
      ratio: ratio(busy.p99 / quiet.p99),
      'p50 ratio': ratio(busy.p50 / quiet.p50),
      'reads /s': Math.round(busy.perSecond),
      'swept /s': Math.round(((await swept()) - before) / seconds),
    })
  }
  table(report)
  console.log('median of the ratios of p99:', median(report.map((row) => row.ratio)))
  timers.release()
  // The reads go on until the last batch.
  while (!done) await read()
  timers.hold()
  console.log(
    `${await swept()} rows in ${batches} batches, in ${timers.seconds.toFixed(0)} s of sweeping beside 16 reads in flight`,
  )
  await store.close()
})
