// Store operations against bare pg with named prepared statements, on pools of the same size.
//   node bench/reads.mjs [rows=100000] [rounds=5] [ms=2000]
import { createStore, rolling, sliding } from '@ttl/core'
import { postgres } from '@ttl/postgres'
import { fill, interleaved, rate, ratio, table, withServer } from './support.mjs'

const [rows = 100_000, rounds = 5, ms = 2_000] = process.argv.slice(2).map(Number)
const key = () => `key-${Math.floor(Math.random() * rows)}`
const VALUE = JSON.stringify({ v: 'v'.repeat(240) })

await withServer(async (connect) => {
  const setup = connect()
  await setup.query(
    'CREATE TABLE bare (ns text COLLATE "C", key text COLLATE "C", body text, at timestamptz, PRIMARY KEY (ns, key)) WITH (fillfactor = 90)',
  )
  await setup.query(
    `INSERT INTO bare SELECT 'bench', 'key-' || n, repeat('v', 240) || n, now() + interval '1h' FROM generate_series(0, ${rows - 1}) n ORDER BY hashint4(n)`,
  )
  await setup.query('VACUUM ANALYZE bare')
  const json = { encode: (value) => value, decode: (payload) => payload }
  const subject = async (name, policy, mode) => {
    const backend = postgres(connect(), { table: name })
    await backend.migrate()
    await fill(setup, name, rows, { mode })
    return createStore({ backend, policy, codec: json }).namespace('bench')
  }
  const plain = await subject('plain', rolling('1h'), 1)
  const slid = await subject('slid', sliding('1h', { max: 'unbounded' }), 2)
  const pool = connect()
  const select = { name: 'bare_get', text: 'SELECT body FROM bare WHERE ns = $1 AND key = $2' }
  const upsert = {
    name: 'bare_set',
    text: `INSERT INTO bare VALUES ($1, $2, $3, now() + interval '1h') ON CONFLICT (ns, key) DO UPDATE SET body = excluded.body, at = excluded.at`,
  }
  const slide = {
    name: 'bare_slide',
    text: `UPDATE bare SET at = now() + interval '1h' WHERE ns = $1 AND key = $2 AND at > now() RETURNING body`,
  }
  const pairs = {
    get: { bare: () => pool.query({ ...select, values: ['bench', key()] }), ttl: () => plain.get(key()) },
    set: { bare: () => pool.query({ ...upsert, values: ['bench', key(), VALUE] }), ttl: () => plain.set(key(), VALUE) },
    'sliding get': { bare: () => pool.query({ ...slide, values: ['bench', key()] }), ttl: () => slid.get(key()) },
  }
  const report = []
  for (const [operation, subjects] of Object.entries(pairs)) {
    for (const inFlight of [1, 16, 64]) {
      const rates = await interleaved(subjects, rounds, (work) => rate(work, inFlight, ms))
      const [bare, ttl] = [rates.get('bare'), rates.get('ttl')]
      report.push({
        operation,
        'in flight': inFlight,
        'bare pg /s': Math.round(bare),
        '@ttl/postgres /s': Math.round(ttl),
        ratio: ratio(ttl / bare),
      })
    }
  }
  table(report)
})
