import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { Server } from '@ttl/redis-server'
import { expect, test } from 'vitest'
import { Comparison, type Subject, subjects } from '../bench/measure.ts'
import { finallyDo } from './support/index.ts'

/** × of bare ioredis with 64 in flight. Floors: `pnpm bench` on a quiet machine gives more. */
const FLOORS = { set: 0.95, get: 0.95, 'sliding get, × of GETEX': 0.75 }

test('get, set and sliding get are not slower than ioredis by hand, 64 in flight', async () => {
  const server = await Server.start()
  finallyDo(() => server.stop())
  const { all, close } = await subjects(server.url)
  finallyDo(close)
  const notes: string[] = []
  for (const [name, floor] of Object.entries(FLOORS)) {
    const comparison = new Comparison(all[name] as Subject, 64, 2_000)
    // Others have the machine as well: a median that is too low gets more rounds.
    do await comparison.rounds(7)
    while (comparison.medians.ratio < floor && comparison.count < 70)
    const { ratio } = comparison.medians
    notes.push(`${name} ${ratio.toFixed(2)} ×`)
    expect(ratio, name).toBeGreaterThanOrEqual(floor)
  }
  const note = `@ttl/redis with 64 in flight, of bare ioredis: ${notes.join(', ')}\n`
  appendFileSync(join(process.env.TTL_NOTES_DIR as string, 'redis-throughput.txt'), note)
})
