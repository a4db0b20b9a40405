import { type ChildProcess, execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createStore } from '@ttl/core'
import { manualClock } from '@ttl/core/testing'
import { sqlite } from '@ttl/sqlite'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { directory, MAIN, run } from './support/run.ts'

const cwd = directory()

const ROWS = 60_000

async function fill(file: string): Promise<void> {
  await using store = createStore({ backend: sqlite(join(cwd, file), { clock: manualClock('2026-01-01T00:00:00Z') }) })
  const ns = store.namespace('n')
  for (let from = 0; from < ROWS; from += 5_000)
    await ns.setMany(Array.from({ length: 5_000 }, (_, index) => [`key ${from + index}`, 1, { ttl: '1m' }] as const))
}

beforeAll(() => fill('big.db'))

/** Interrupts a program once it is seen to have removed something. */
function interruptOnce(file: string) {
  return (child: ChildProcess) => {
    const db = new Database(file, { readonly: true })
    const count = db.prepare('SELECT count(*) FROM ttl').pluck()
    const timer = setInterval(() => {
      if (child.exitCode === null && count.get() === ROWS) return
      child.kill('SIGINT')
      clearInterval(timer)
      db.close()
    }, 5)
  }
}

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

  it('Ctrl-C stops between two batches, and tells what was removed', async () => {
    await fill('stopped.db')
    const ran = await run(['sweep', 'sqlite:stopped.db'], { cwd, meanwhile: interruptOnce(join(cwd, 'stopped.db')) })
    expect(ran).toMatchObject({ code: 130, stdout: '' })
    expect(ran.stderr).toMatch(/^ttl: [\d,]+ items were removed before that\nttl: interrupted\n$/)
    expect(await run(['sweep', 'sqlite:stopped.db', '--quiet'], { cwd })).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('elsewhere neither', async () => {
    const ran = await run(['sweep', 'sqlite:big.db'], { cwd })
    expect(ran).toEqual({ code: 0, stdout: 'Removed 20,000 items from sqlite:big.db.\n', stderr: '' })
  })
})
