import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createStore } from '@ttl/core'
import { manualClock } from '@ttl/core/testing'
import { sqlite } from '@ttl/sqlite'
import { beforeAll, describe, expect, it } from 'vitest'
import { directory, MAIN, run } from './support/run.ts'

const cwd = directory()

beforeAll(async () => {
  await using store = createStore({
    backend: sqlite(join(cwd, 'big.db'), { clock: manualClock('2026-01-01T00:00:00Z') }),
  })
  const ns = store.namespace('n')
  for (let from = 0; from < 60_000; from += 5_000)
    await ns.setMany(Array.from({ length: 5_000 }, (_, index) => [`key ${from + index}`, 1, { ttl: '1m' }] as const))
})

/** Runs the program at a terminal of its own, and answers all that it wrote there. */
async function atTerminal(args: string, env: Record<string, string> = {}): Promise<string> {
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...inherited } = process.env
  const { stdout } = await promisify(execFile)(
    'script',
    ['-qec', `"${process.execPath}" "${MAIN}" ${args}`, '/dev/null'],
    {
      cwd,
      env: { ...inherited, TERM: 'xterm-256color', ...env },
    },
  )
  return stdout
}

const ESCAPE = '\u001b['

describe('at a terminal', () => {
  it('titles are bold, unless the user says NO_COLOR', async () => {
    expect(await atTerminal('stats sqlite:big.db')).toContain(`${ESCAPE}1mnamespace`)
    expect(await atTerminal('stats sqlite:big.db', { NO_COLOR: '1' })).not.toContain(ESCAPE)
  })

  it('long work shows how far it is, on a line that is gone afterwards', async () => {
    const seen = await atTerminal('sweep sqlite:big.db --limit 40000 || true')
    expect(seen).toMatch(/Removing [━╌]{30} +\d+ % {2}[\d,]+/)
    expect(seen).toContain(`\r${ESCAPE}KRemoved 40,000 items from sqlite:big.db.`)
  })

  it('elsewhere neither', async () => {
    const ran = await run(['sweep', 'sqlite:big.db'], { cwd })
    expect(ran).toEqual({ code: 0, stdout: 'Removed 20,000 items from sqlite:big.db.\n', stderr: '' })
  })
})
