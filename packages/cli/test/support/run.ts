import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll } from 'vitest'

export const MAIN = join(import.meta.dirname, '../../dist/main.js')

/** When the tests that compare text take place. */
export const NOW = '2026-06-01T12:00:00Z'

const STILL = pathToFileURL(join(import.meta.dirname, 'still.mjs')).href

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Another user that it runs as. */
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /** Another copy of the program. */
  readonly main?: string | undefined
  /** Does something while it runs. */
  readonly meanwhile?: ((child: ReturnType<typeof spawn>) => void) | undefined
}

/** Runs the real program in a process of its own, without a terminal. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  // A package manager's NODE_PATH finds what is not installed.
  const { NO_COLOR: _, FORCE_COLOR: __, COLUMNS: ___, NODE_PATH: ____, ...inherited } = process.env
  const child = spawn(process.execPath, [options.main ?? MAIN, ...args], {
    cwd: options.cwd,
    uid: options.uid,
    gid: options.gid,
    env: { ...inherited, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  options.meanwhile?.(child)
  const bytes: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
  child.stdout.on('data', (chunk: Buffer) => bytes.stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => bytes.stderr.push(chunk))
  const text = (name: 'stdout' | 'stderr') => Buffer.concat(bytes[name]).toString('utf8')
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout: text('stdout'), stderr: text('stderr') }))
  })
}

/** The same at {@link NOW}, by a clock that stands still. */
export function runStill(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run(args, { ...options, env: { ...options.env, NODE_OPTIONS: `--import ${STILL}`, TTL_TEST_NOW: NOW } })
}

/** A directory for a file of tests. */
export function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'ttl-cli-'))
  afterAll(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** What an answer is compared with: a text, with its margin cut off. */
export function text(template: { raw: readonly string[] }): string {
  return `${String.raw(template)
    .replace(/^\n|\n *$/g, '')
    .replaceAll(/^ {6}/gm, '')}\n`
}
