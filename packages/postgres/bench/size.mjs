// What dead rows cost: reads at 1 000 000 rows, half of them expired and unswept, against 10 000 live rows, and
// 1 000 000 live ones beside them to tell what is due to death from what is due to size.
//   node bench/size.mjs [rounds=5] [ms=2000]
import { postgres } from '@ttl/postgres'
import { fill, interleaved, rate, ratio, table, withServer } from './support.mjs'

const [rounds = 5, ms = 2_000] = process.argv.slice(2).map(Number)
const READ = { touch: true, detail: false, sliding: false }

/** Which of so many keys is read next: any, or few most of the time (Zipf with an exponent of 1, scattered). */
const PICKS = {
  uniform: (count) => Math.floor(Math.random() * count),
  Zipf: (count) => (Math.floor(count ** Math.random()) * 7_919) % count,
}

/** Each connection maps each page of the server's memory when it first meets it, which costs it several reads. */
async function warm(pool, name) {
  const clients = await Promise.all(Array.from({ length: 10 }, () => pool.connect()))
  for (const client of clients) {
    await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off')
    await client.query(`SELECT sum(length(body)) FROM ${name} WHERE ns = 'bench' AND space = 0`)
    await client.query('RESET enable_seqscan; RESET enable_bitmapscan')
  }
  for (const client of clients) client.release()
}

await withServer(async (connect) => {
  const setup = connect()
  const open = async (name, rows, expired) => {
    const pool = connect()
    const backend = postgres(pool, { table: name })
    await backend.migrate()
    await fill(setup, name, rows, { expired })
    await warm(pool, name)
    // Odd keys live in all of them.
    return (pick) => () => backend.read('bench', [`key-${2 * pick(rows / 2) + 1}`], READ)
  }
  const subjects = {
    '10 000 live': await open('small', 10_000, 0),
    '1 000 000 live': await open('live', 1_000_000, 0),
    '1 000 000, half expired': await open('large', 1_000_000, 0.5),
  }
  const report = []
  for (const [keys, pick] of Object.entries(PICKS)) {
    for (const inFlight of [1, 16]) {
      const rates = await interleaved(subjects, rounds, (work) => rate(work(pick), inFlight, ms))
      const [small, ...others] = [...rates.values()]
      const [live, half] = others.map((each) => ratio(small / each))
      report.push({
        keys,
        'in flight': inFlight,
        '10 000 live /s': Math.round(small),
        'cost at 1 000 000 live': live,
        'half expired': half,
      })
    }
  }
  table(report)
})
