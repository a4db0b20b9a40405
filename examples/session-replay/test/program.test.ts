import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateDay } from '../src/generate.ts'
import { clf, count, cut } from './count.ts'

const MAIN = join(import.meta.dirname, '..', 'dist', 'main.js')
const KEYS =
  'requests skippedLines lateLines sessionsStarted sessionsContinued endedByIdle endedByCap liveAtEnd sweptRows peakLive'

let directory: string
let temporary: string
beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('build first: pnpm --filter @ttl/example-session-replay build')
  directory = mkdtempSync(join(tmpdir(), 'session-replay-test-'))
  temporary = join(directory, 'tmp')
  mkdirSync(temporary)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly input?: string
  readonly env?: Record<string, string>
  readonly closeStdout?: boolean
}

/** Runs the program as a user would, in a directory of its own. */
function run(args: readonly string[], { input = '', env = {}, closeStdout = false }: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const { npm_lifecycle_event: _, ...inherited } = process.env
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: directory,
      env: { ...inherited, TMPDIR: temporary, ...env },
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    if (closeStdout) child.stdout.destroy()
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

function write(name: string, text: string): string {
  writeFileSync(join(directory, name), text)
  return name
}

const figures = ({ code, stdout, stderr }: Ran): unknown => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.endsWith('}\n')).toBe(true)
  return JSON.parse(stdout)
}

const LOG = [clf('a', 0), clf('b', 60, 2), 'garbage', '', clf('a', 1_800), clf('b', 1_700, -7), clf('c', 86_400)].join(
  '\r\n',
)
const LOG_FIGURES = {
  requests: 5,
  skippedLines: 2,
  lateLines: 1,
  sessionsStarted: 4,
  sessionsContinued: 1,
  endedByIdle: 3,
  endedByCap: 0,
  liveAtEnd: 1,
  sweptRows: 3,
  peakLive: 2,
}

describe('the program', () => {
  test.each(['sqlite', 'memory'])(
    '--json prints the ten figures of the made-up day, nothing else: %s',
    async (backend) => {
      const ran = await run(['--json', '--backend', backend])
      const expected = count([...generateDay({ seed: 1, requests: 10_000 })].map(cut), 1_800_000, 43_200_000)
      expect(figures(ran)).toEqual(expected)
      expect(Object.keys(JSON.parse(ran.stdout)).join(' ')).toBe(KEYS)
    },
  )

  test('memory and SQLite answer the same, byte for byte', async () => {
    const args = ['--json', '--seed', '9', '--requests', '3000', '--idle', '10m', '--max', '45m', '--backend']
    const [one, other] = await Promise.all([run([...args, 'memory']), run([...args, 'sqlite'])])
    expect(one).toEqual(other)
  })

  test('reads a file', async () => {
    expect(figures(await run(['--log', write('access.log', LOG), '--json']))).toEqual(LOG_FIGURES)
    expect(figures(await run(['--json', '--log', write('ended.log', `${LOG}\r\n`)]))).toEqual(LOG_FIGURES)
  })

  test('reads standard input', async () => {
    expect(figures(await run(['--log', '-', '--json'], { input: LOG }))).toEqual(LOG_FIGURES)
    expect(figures(await run(['--log', '-', '--json'], { input: '' }))).toMatchObject({ requests: 0, skippedLines: 0 })
  })

  test('takes a file from where npm was called', async () => {
    mkdirSync(join(directory, 'elsewhere'))
    write('elsewhere/access.log', LOG)
    const env = { npm_lifecycle_event: 'demo', INIT_CWD: join(directory, 'elsewhere') }
    expect(figures(await run(['--', '--log', 'access.log', '--json'], { env }))).toEqual(LOG_FIGURES)
  })

  test('survives bytes that are not text', async () => {
    writeFileSync(
      join(directory, 'binary.log'),
      Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7_919) % 256)),
    )
    expect(figures(await run(['--log', 'binary.log', '--json']))).toMatchObject({ requests: 0, liveAtEnd: 0 })
    const { code, stdout } = await run(['--log', 'binary.log'])
    expect(code).toBe(0)
    expect(stdout).toContain('No requests')
  })

  test('takes --idle and --max in any form of a duration', async () => {
    const log = write('slow.log', [clf('a', 0), clf('a', 4_000), clf('b', 9_000)].join('\n'))
    const answer = async (...args: string[]) => figures(await run(['--log', log, '--json', ...args]))
    expect(await answer()).toMatchObject({ sessionsStarted: 3, endedByIdle: 2 })
    expect(await answer('--idle', '1h30m')).toMatchObject({ sessionsStarted: 2, endedByIdle: 0 })
    expect(await answer('--idle=PT2H', '--max=1h')).toMatchObject({ sessionsStarted: 3, endedByCap: 2 })
    expect(await answer('--idle', '2d', '--max', 'unbounded')).toMatchObject({ sessionsStarted: 2, liveAtEnd: 2 })
  })

  test.each([
    [['--idle', '30'], '--idle: expected a duration, got "30", which has no unit'],
    [['--idle', '0s'], '--idle: a duration must be longer than zero'],
    [['--max', 'soon'], '--max: expected a duration, got "soon"'],
    [['--backend', 'redis'], '--backend: expected sqlite or memory, got "redis"'],
    [['--log', ''], '--log needs a file name'],
    [['--log'], "'--log <value>' argument missing"],
    [['--requests', '-5'], "'--requests'"],
    [['--requests', '1e3'], '--requests: expected a whole number'],
    [['--seed', 'x'], '--seed: expected a whole number'],
    [['--seed', '1', '--log', '-'], '--seed and --requests are for the made-up traffic'],
    [['--jsn'], "Unknown option '--jsn'"],
    [['access.log'], "Unexpected argument 'access.log'"],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await run(args)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test.each([
    ['missing.log', 'session-replay: cannot read missing.log: there is no such file\n'],
    ['.', 'session-replay: cannot read .: it is a directory\n'],
  ])('says why it cannot read %s', async (log, stderr) => {
    expect(await run(['--log', log, '--json'])).toEqual({ code: 1, stdout: '', stderr })
  })

  test('--help explains every option', async () => {
    const { code, stdout, stderr } = await run(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const option of ['--log', '--idle', '--max', '--backend', '--json', '--seed', '--requests', '--help'])
      expect(stdout).toContain(`  ${option} `)
  })

  test('the summary has a plot, lengths, endings; no colour and no line beyond 80 columns in a pipe', async () => {
    const { code, stdout, stderr } = await run([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const part of [
      '10,000 requests',
      'Sessions live at once',
      '█',
      'How long they lasted',
      'half within',
      'How they ended',
      'cap of 12h',
    ])
      expect(stdout).toContain(part)
    expect(stdout).not.toContain('\u001b')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('a reader that stops early is no error', async () => {
    expect(await run(['--requests', '1000'], { closeStdout: true })).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await run(['--requests', '1000', '--json'], { closeStdout: true })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
  })

  test('leaves no file behind, not even when it is interrupted', async () => {
    const child = spawn(process.execPath, [MAIN, '--log', '-'], {
      cwd: directory,
      env: { ...process.env, TMPDIR: temporary },
    })
    const closed = new Promise((resolve) => child.on('close', resolve))
    child.stdin.write(`${clf('a', 0)}\n`)
    while (readdirSync(temporary).length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    child.kill('SIGTERM')
    expect(await closed).toBe(143)
    expect(readdirSync(temporary)).toEqual([])
  })
})

test('README.md shows what the program prints', async () => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
  const shown = /```text\n(.*?)```/s.exec(readme)?.[1]
  const { stdout } = await run([])
  const timeless = (text = '') => text.trim().replace(/[\d.]+ s, [\d,]+ requests\/s/, '')
  expect(timeless(shown)).toBe(timeless(stdout))
})
