import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { directory, run } from './support/run.ts'
import { fillSqlite } from './support/shop.ts'

const cwd = directory()
const ttl = (...args: string[]) => run(args, { cwd })
const COMMANDS = ['stats', 'forecast', 'preview', 'sweep', 'get', 'expiry', 'explain', 'transfer', 'schema']

describe('help', () => {
  it('teaches: what there is, how it is called, what it answers', async () => {
    const { code, stdout, stderr } = await ttl('--help')
    expect([code, stderr]).toEqual([0, ''])
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} [A-Z]`, 'm'))
    expect(stdout).toContain('ttl preview sqlite:app.db --within 1d')
    expect(stdout).toContain('ttl sweep sqlite:app.db --older-than 1d')
    expect(stdout).toMatch(/0 {2}done.*1 {2}failed.*2 {2}called wrongly.*3 {2}done, and more remains/)
    expect(stdout).toContain('postgres://USER:PASSWORD@HOST/DATABASE')
  })

  it('of each command has examples, and fits a terminal', async () => {
    const all = await Promise.all(COMMANDS.map((command) => ttl(command, '--help')))
    for (const [index, { code, stdout }] of all.entries()) {
      expect(code).toBe(0)
      expect(stdout).toMatch(new RegExp(`Examples:\n {2}\\$ ttl ${COMMANDS[index]} `))
      const widest = Math.max(...stdout.split('\n').map((line) => line.length))
      expect(widest, `${COMMANDS[index]} --help`).toBeLessThanOrEqual(110)
    }
  })

  it('is what a call without a command gets, on standard error', async () => {
    const { code, stdout, stderr } = await ttl()
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Usage: ttl COMMAND STORE')
  })

  it('--version', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
      version: string
    }
    expect(await ttl('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('a wrong call', () => {
  for (const [args, said] of [
    ['stat sqlite:app.db', /unknown command 'stat'.*Did you mean stats/s],
    ['stats', /missing required argument 'store'/],
    ['stats sqlite:app.db --limt 5', /unknown option '--limt'/],
    ['stats sqlite:app.db more', /too many arguments/],
    ['stats app.db', /expected sqlite:FILE, postgres:/],
    ['stats mysql://localhost/x', /there is no kind of store mysql:/],
    ['stats sqlite:', /sqlite: does not say where/],
    ['stats sqlite::memory:', /belongs to the process that made it/],
    ['stats postgres:localhost/app', /after postgres: comes \/\/; expected/],
    ['stats redis:localhost:6379', /after redis: comes \/\/; expected/],
    ['stats env:TTL_TEST_NOTHING', /the variable TTL_TEST_NOTHING of env: is not set/],
    ['stats sqlite:app.db --prefix x', /--prefix is for redis, not for sqlite:app.db/],
    ['sweep sqlite:app.db --limit 0', /argument '0' is invalid. Expected a whole number from 1/],
    ['sweep sqlite:app.db --limit 1e3', /argument '1e3' is invalid/],
    ['sweep sqlite:app.db --max-time 50', /Expected a span of time such as 90s.*50 has no unit/],
    ['sweep sqlite:app.db --as-of 2026-01-01', /an instant with its zone such as 2026-12-31T23:59:59Z/],
    ['sweep sqlite:app.db --as-of -1d --older-than 1d', /cannot be used with/],
    ['preview sqlite:app.db --within 1d --as-of +1d', /cannot be used with/],
    ['forecast sqlite:app.db --within 1d,1h', /ascending/],
    [
      `forecast sqlite:app.db --within ${Array.from({ length: 101 }, (_, index) => `${index + 1}m`)}`,
      /at most 100 spans/,
    ],
    ['schema postgres: --cron --prefix x', /--prefix is for redis, not for postgres:/],
    ['schema postgres: --cron --key id', /--key is for a table of your own/],
    ['get sqlite:app.db session', /missing required argument 'key'/],
    ['get sqlite:app.db session s --member m', /--member is for a group/],
    ['explain sqlite:app.db session s --ttl 1h --never', /cannot be used with/],
    ['explain sqlite:app.db session s --jitter 2', /Expected a fraction/],
  ] as const) {
    it(`ttl ${args}`, async () => {
      const { code, stdout, stderr } = await ttl(...args.split(' '))
      expect(stderr).toMatch(said)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/See: ttl/)
    })
  }

  it('with the path of a file says how it is named', async () => {
    await fillSqlite(join(cwd, 'there.db'))
    expect((await ttl('stats', 'there.db')).stderr).toContain('for the file there.db write sqlite:there.db')
  })
})

describe('ttl schema --cron', () => {
  it('names the store in whole', async () => {
    const { stdout } = await run(
      ['schema', 'env:TTL_TEST_URL', '--cron', '--prefix', 'a b:', '--index', '4', '--cluster'],
      {
        env: { TTL_TEST_URL: 'redis://localhost' },
      },
    )
    expect(stdout).toBe(
      "* * * * *  ttl sweep env:TTL_TEST_URL --prefix 'a b:' --index 4 --cluster --max-time 50s --quiet\n",
    )
    expect((await ttl('schema', 'redis:', '--cron', '--index')).stdout).toContain(
      ' env:DATABASE_URL --index --max-time',
    )
  })
})
