// What dead rows cost: reads at 1 000 000 rows, half of them expired and unswept, against 10 000 live rows.
//   node bench/size.mjs [rounds=5] [ms=2000]
import { postgres } from '@ttl/postgres'
import { fill, interleaved, rate, ratio, table, withServer } from './support.mjs'

const [rounds = 5, ms = 2_000] = process.argv.slice(2).map(Number)
const READ = { touch: true, detail: false, sliding: false }

await withServer(async (connect) => {
  const setup = connect()
  const open = async (name, rows, expired) => {
    const backend = postgres(connect(), { table: name })
    await backend.migrate()
    await fill(setup, name, rows, { expired })
    // Odd keys live in both.
    return () => backend.read('bench', [`key-${2 * Math.floor((Math.random() * rows) / 2) + 1}`], READ)
  }
  const subjects = {
    '10 000 rows': await open('small', 10_000, 0),
    '1 000 000 rows, half expired': await open('large', 1_000_000, 0.5),
  }
  const report = []
  for (const inFlight of [1, 16]) {
    const rates = await interleaved(subjects, rounds, (work) => rate(work, inFlight, ms))
    const [small, large] = [...rates.values()]
    report.push({
      'in flight': inFlight,
      '10 000 rows /s': Math.round(small),
      '1 000 000 rows, half expired /s': Math.round(large),
      'cost ratio': ratio(small / large),
    })
  }
  table(report)
})
