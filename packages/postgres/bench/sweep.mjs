// Reads while a backlog is swept: 1 000 000 expired of 2 000 000 rows, 16 reads in flight, with and without the sweep by turns.
//   node bench/sweep.mjs [rows=2000000] [windows=5] [duty=0.05]
import { postgres } from '@ttl/postgres'
import { fill, median, quantile, ratio, table, withServer } from './support.mjs'

const [rows = 2_000_000, windows = 5, duty = 0.05] = process.argv.slice(2).map(Number)
const READ = { touch: true, detail: false, sliding: false }
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

await withServer(async (connect) => {
  const setup = connect()
  const backend = postgres(connect(), { table: 'backlog' })
  await backend.migrate()
  await fill(setup, 'backlog', rows, { expired: 0.5 })
  const sweeper = postgres(connect(1), { table: 'backlog' })
  const asOf = await backend.now()
  let [deleted, batches, more, swept] = [0, 0, true, 0]
  /** Sweeps at the duty cycle until told to stop. */
  const sweep = async (signal) => {
    while (more && !signal.stop) {
      const start = performance.now()
      const batch = await sweeper.sweep({ limit: 1_000, asOf })
      for (const count of batch.deleted.values()) deleted += count
      batches++
      more = batch.more
      const took = performance.now() - start
      swept += took / duty
      await sleep((took * (1 - duty)) / duty)
    }
  }
  /** p50 and p99 of paced reads, 16 in flight, as long as `until` runs. */
  const read = async (until) => {
    const latencies = []
    const signal = { stop: false }
    const worker = async () => {
      while (!signal.stop) {
        const start = performance.now()
        await backend.read('bench', [`key-${2 * Math.floor((Math.random() * rows) / 2) + 1}`], READ)
        latencies.push(performance.now() - start)
      }
    }
    const workers = Array.from({ length: 16 }, worker)
    await until()
    signal.stop = true
    await Promise.all(workers)
    return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), perSecond: latencies.length }
  }
  await read(() => sleep(2_000))
  const report = []
  for (let window = 1; window <= windows && more; window++) {
    const quiet = await read(() => sleep(6_000))
    const busy = await read(async () => {
      const signal = { stop: false }
      const running = sweep(signal)
      await sleep(6_000)
      signal.stop = true
      await running
    })
    report.push({
      window,
      'p99 quiet ms': ratio(quiet.p99),
      'p99 sweeping ms': ratio(busy.p99),
      ratio: ratio(busy.p99 / quiet.p99),
      'p50 ratio': ratio(busy.p50 / quiet.p50),
      deleted,
    })
  }
  table(report)
  console.log('median of the ratios of p99:', median(report.map((row) => row.ratio)))
  await sweep({ stop: false })
  console.log(
    `${deleted} rows in ${batches} batches, ${(swept / 1000).toFixed(1)} s of sweeping at a duty cycle of ${duty}, without the quiet windows`,
  )
})
