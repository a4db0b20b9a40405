import { type ChildProcess, fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  dropWitness,
  freshPlace,
  PEEK,
  poolOf,
  quoted,
  rolling,
  sleep,
  sweepAll,
  urlOf,
  witness,
  write,
} from './support.ts'

/** A million by hand: TTL_POSTGRES_ROWS=1000000. */
const ROWS = Number(process.env.TTL_POSTGRES_ROWS ?? 20_000)
const KILLS = Number(process.env.TTL_POSTGRES_KILLS ?? 5)
const LIMIT = { timeout: 120_000 + ROWS }

async function worker(job: string, url: string, table: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [job, url, table])
  await once(child, 'message')
  return child
}

function note(line: string): void {
  const folder = process.env.TTL_NOTES_DIR
  if (folder !== undefined) writeFileSync(join(folder, 'postgres-processes.txt'), `${line}\n`, { flag: 'a' })
}

describe.each([18, 15] as const)('PostgreSQL %i', (version) => {
  const url = urlOf(version)
  const pool = poolOf(url)

  /** Fills a table with what has expired, beside what lives. */
  async function backlog(rows: number) {
    const place = freshPlace({}, pool)
    await place.backend.write('live', [
      write('never', 'v', rolling(undefined)),
      write('later', 'v', rolling(3_600_000)),
    ])
    for (let from = 0; from < rows; from += 5_000) {
      const size = Math.min(5_000, rows - from)
      await place.backend.write(
        `ns${from % 3}`,
        Array.from({ length: size }, (_, i) => write(`k${from + i}`, 'v'.repeat(50), rolling(1))),
      )
    }
    await sleep(5)
    return place
  }

  test('ten sweepers in ten processes delete each expired entry exactly once, and nothing else', LIMIT, async () => {
    const { table } = await backlog(ROWS)
    await witness(pool, table)
    const sweepers = await Promise.all(Array.from({ length: 10 }, () => worker('sweep', url, table)))
    const from = performance.now()
    const reports = await Promise.all(
      sweepers.map(async (child) => {
        child.send('go')
        const [{ result }] = (await once(child, 'message')) as [{ result: number }]
        return result
      }),
    )
    const seconds = ((performance.now() - from) / 1_000).toFixed(1)
    expect(reports.reduce((sum, each) => sum + each, 0)).toBe(ROWS)
    const { rows } = await pool.query(`SELECT key FROM ${quoted(table)} ORDER BY key`)
    expect(rows).toEqual([{ key: 'later' }, { key: 'never' }])
    expect((await pool.query(`SELECT count(*)::int FROM ${quoted(`${table}_lost`)}`)).rows).toEqual([{ count: 0 }])
    await dropWitness(pool, table)
    note(`postgres ${version}, ten sweepers in ten processes: ${ROWS} rows in ${seconds} s (${reports.join(', ')})`)
  })

  test('a sweep that is killed leaves what lives, and another goes on', LIMIT, async () => {
    const seed = randomInt(2 ** 31)
    const { table, backend } = await backlog(10_000)
    for (let kill = 0; kill < KILLS; kill++) {
      const child = await worker('sweep', url, table)
      child.send('go')
      await sleep((seed >> kill) % 30)
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect((await backend.read('live', ['never', 'later'], PEEK)).filter(Boolean), `seed ${seed}`).toHaveLength(2)
    }
    await sweepAll(backend)
    expect((await pool.query(`SELECT count(*)::int FROM ${quoted(table)}`)).rows).toEqual([{ count: 2 }])
  })

  test(
    'a writer that is killed leaves whole batches and whole groups, and loses none that it was told of',
    LIMIT,
    async () => {
      const seed = randomInt(2 ** 31)
      const { table, backend } = freshPlace({}, pool)
      for (let kill = 0; kill < KILLS; kill++) {
        const child = await worker('batches', url, table)
        let told = 0
        child.on('message', (n: number) => {
          told = n
        })
        child.send('go')
        await once(child, 'message')
        await sleep((seed >> kill) % 50)
        child.kill('SIGKILL')
        await once(child, 'exit')
        const keys = Array.from({ length: 100 }, (_, i) => `k${i}`)
        const numbers = new Set((await backend.read('batch', keys, PEEK)).map((found) => found?.payload))
        const group = await backend.readGroup('batch', 'g', undefined, PEEK)
        const members = new Set(group?.members.map(([, payload]) => payload))
        expect([numbers.size, members.size], `seed ${seed}`).toEqual([1, 1])
        expect(Number([...numbers][0]), `seed ${seed}`).toBeGreaterThanOrEqual(told)
        expect(Number([...members][0]), `seed ${seed}`).toBeGreaterThanOrEqual(told)
      }
    },
  )
})
