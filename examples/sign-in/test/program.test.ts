import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { Server } from '@ttl/redis-server'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '..', 'dist', 'main.js')

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(args: readonly string[], url?: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const { REDIS_URL: _, ...env } = process.env
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: url === undefined ? env : { ...env, REDIS_URL: url },
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

// A machine that is busy may stand still for longer than somebody's session: the program says so, and that is no verdict.
describe.concurrent('the program', { retry: 3 }, () => {
  test('keeps all promises on a server of its own, which it kills', async () => {
    const { code, stdout, stderr } = await run(['--pace', '0.5'])
    expect([stderr, code]).toEqual(['', 0])
    expect(stdout.match(/✓/g)).toHaveLength(12)
    expect(stdout).toContain('12 promises, all kept')
    expect(stdout).toContain('the server is killed')
    expect(stdout).toMatch(/ada's session +━+ +cap\n/)
  })

  test('uses REDIS_URL, leaves that server alone, and leaves nothing there', async () => {
    const server = await Server.start()
    const client = new Redis(server.url)
    try {
      const { code, stdout, stderr } = await run(['--pace', '0.4'], server.url)
      expect([stderr, code]).toEqual(['', 0])
      expect(stdout).toContain('8 promises, all kept')
      expect(stdout).not.toContain('killed')
      await expect.poll(() => client.keys('*'), { timeout: 5_000 }).toEqual([])
    } finally {
      client.disconnect()
      await server.stop()
    }
  })

  test('says in a line what is wrong', async () => {
    const gone = await run([], 'redis://127.0.0.1:1')
    expect([gone.code, gone.stderr]).toEqual([
      1,
      expect.stringMatching(/^sign-in: cannot use the Redis of REDIS_URL: .+\n$/),
    ])
    for (const args of [['--pace', '0'], ['--pace', 'fast'], ['--speed', '1'], ['now']]) {
      const { code, stdout, stderr } = await run(args)
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^sign-in: .+\nSee --help\.\n$/)])
    }
    const { code, stdout } = await run(['--', '--help'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('npm run demo:sign-in')])
  })
})
