// How many refreshes are HOT, and what they write: the split deadline against an index on the deadline itself.
//   node bench/hot.mjs [rows=100000] [seconds=8]
import { postgres } from '@ttl/postgres'
import { fill, rate, table, withServer } from './support.mjs'

const [rows = 100_000, seconds = 8] = process.argv.slice(2).map(Number)
const SLIDE = { touch: true, detail: false, sliding: true }

await withServer(async (connect) => {
  const setup = connect()
  const report = []
  for (const name of ['split', 'indexed']) {
    const backend = postgres(connect(), { table: name })
    await backend.migrate()
    await fill(setup, name, rows, { mode: 2 })
    if (name === 'indexed') await setup.query('CREATE INDEX ON indexed (expires_at)')
    const lsn = async () => (await setup.query('SELECT pg_current_wal_lsn() AS lsn')).rows[0].lsn
    await setup.query('CHECKPOINT')
    const before = await lsn()
    const perSecond = await rate(
      () => backend.read('bench', [`key-${Math.floor(Math.random() * 5_000)}`], SLIDE),
      16,
      seconds * 1_000,
    )
    const {
      rows: [wal],
    } = await setup.query('SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1)::float8 AS bytes', [before])
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const {
      rows: [stat],
    } = await setup.query(
      `SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot, pg_indexes_size(relid)::int AS indexes FROM pg_stat_user_tables WHERE relname = '${name}'`,
    )
    report.push({
      layout: name,
      'sliding reads /s': Math.round(perSecond),
      updates: stat.updates,
      'HOT %': Number(((100 * stat.hot) / stat.updates).toFixed(1)),
      'WAL bytes / update': Math.round(wal.bytes / stat.updates),
      'indexes MB': Number((stat.indexes / 1e6).toFixed(1)),
    })
  }
  table(report)
})
