/** The example program: what it prints, and that it leaves every place as it was. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import pg from 'pg'
import { describe, expect, inject, it } from 'vitest'
import '@ttl/backends'
import { CLOSES, type Day, day, OPENS, QUARTER } from '../src/day.ts'
import { open, type Target } from '../src/places.ts'
import { report } from '../src/report.ts'

const run = promisify(execFile)
const program = join(import.meta.dirname, '../dist/main.js')
const plain = { env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined } }

async function dayOn(target: Target): Promise<{ day: Day; printed: string }> {
  await using place = await open(target)
  const result = await day(place)
  return { day: result, printed: report(result, 'it', (_, text) => text) }
}

const quarters = (day: Day, thread: string) => [...(day.lives.get(thread) ?? [])].map((minute) => minute / 60)

it('prints a day at the support desk', async () => {
  const { stdout } = await run('node', [program], plain)
  expect(stdout).toMatch(/LangGraph.js on SQLite/)
  expect(stdout).toContain('09:30  ? session:bob      I want my 80 back. → Give 80 back to bob?  · 2h left')
  expect(stdout).toContain('11:00  ● session:bob      yes → 80 are on their way, bob.  · 2h left')
  expect(stdout).toContain('16:15  ! session:eve      yes … but nothing waits for it any more')
  expect(stdout).toContain('session:ada      ●━━━━━○━━━━━○━━━━━○━━━━━●━━━━━○━✕·●━━')
  expect(stdout).toContain('admin:dashboard  ●━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━●')
  expect(stdout).toContain('One sweep freed 5 dead threads and drafts')
})

it.each([
  [['--bogus'], 2, /Unknown option '--bogus'[\s\S]*usage:/],
  [['--redis', 'redis://127.0.0.1:1'], 1, /^graph-checkpoints: redis failed/],
])('says what is wrong: %j', async (args, code, message) => {
  await expect(run('node', [program, ...args], plain)).rejects.toMatchObject({
    code,
    stderr: expect.stringMatching(message),
  })
})

it('is the same day wherever the backend takes its clock', async () => {
  const [first, ...others] = await Promise.all([
    dayOn({ kind: 'memory' }),
    dayOn({ kind: 'sqlite' }),
    dayOn({ kind: 'postgres', url: inject('postgresUrl') }),
  ])
  for (const other of others) expect(other).toEqual(first)
  expect(quarters(first.day, 'session:bob')).toEqual([
    9.5, 9.75, 10, 10.25, 10.5, 10.75, 11, 11.25, 11.5, 11.75, 12, 12.25, 12.5, 12.75,
  ])
  const pool = new pg.Pool({ connectionString: inject('postgresUrl') })
  const { rows } = await pool.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'graph_checkpoints%'")
  await pool.end()
  expect(rows).toEqual([])
})

describe('on Redis, in real time', () => {
  it('the pinned thread outlives the others, and nothing is left behind', async () => {
    const { day, printed } = await dayOn({ kind: 'redis', url: inject('redisUrl') })
    expect(quarters(day, 'admin:dashboard')).toHaveLength((CLOSES - OPENS) / QUARTER + 1)
    expect(quarters(day, 'session:bob')).not.toContain(CLOSES / 60)
    expect(quarters(day, 'session:eve')).not.toContain(CLOSES / 60)
    expect(printed).toContain('Nothing to sweep')
    const client = new Redis(inject('redisUrl'))
    expect(await client.keys('graph-checkpoints-*')).toEqual([])
    client.disconnect()
  })
})
