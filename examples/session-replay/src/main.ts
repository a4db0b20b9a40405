#!/usr/bin/env node
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Backend, TtlError } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { sqlite } from '@ttl/sqlite'
import { figuresOf } from './figures.ts'
import { generateDay } from './generate.ts'
import { linesOf } from './lines.ts'
import { HELP, type Options, readOptions, type Source, UsageError } from './options.ts'
import { Progress } from './progress.ts'
import { replay } from './replay.ts'
import { summary } from './summary.ts'

/** Something outside of this program that went wrong: said in one line, without a stack. */
class Failure extends Error {
  static of(what: string, cause: unknown): Failure {
    const { code = '', message } = cause as NodeJS.ErrnoException
    return new Failure(`${what}: ${REASONS[code] ?? message}`, { cause })
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
}

interface Input {
  readonly name: string
  readonly lines: Iterable<string> | AsyncIterable<string>
  /** How much of it was read, 0 … 1. */
  readonly share: () => number | undefined
}

async function openInput(source: Source): Promise<Input> {
  switch (source.kind) {
    case 'generated': {
      let read = 0
      const counted = function* () {
        for (const line of generateDay(source)) {
          read++
          yield line
        }
      }
      return { name: `a made-up day (seed ${source.seed})`, lines: counted(), share: () => read / source.requests }
    }
    case 'stdin': {
      const name = 'standard input'
      return { name, lines: linesOf(text(process.stdin.setEncoding('utf8'), name)), share: () => undefined }
    }
    case 'file': {
      const name = source.path
      const file = await open(locate(name)).catch((error: unknown) => {
        throw Failure.of(`cannot read ${name}`, error)
      })
      const { size } = await file.stat()
      const stream = file.createReadStream({ encoding: 'utf8' })
      return {
        name,
        lines: linesOf(text(stream, name)),
        share: () => (size > 0 ? stream.bytesRead / size : undefined),
      }
    }
  }
}

/** Run through npm or pnpm, a path means what it meant where the command was typed. */
function locate(path: string): string {
  const from = process.env.npm_lifecycle_event === 'demo' ? process.env.INIT_CWD : undefined
  return resolve(from ?? '.', path)
}

async function* text(stream: AsyncIterable<unknown>, name: string): AsyncGenerator<string, void, undefined> {
  try {
    for await (const chunk of stream) yield String(chunk)
  } catch (error) {
    throw Failure.of(`cannot read ${name}`, error)
  }
}

function backendFor(name: Options['backend']): (clock: { now(): number }) => Backend {
  if (name === 'memory') return (clock) => memory({ clock })
  const directory = temporaryDirectory()
  // However the program ends.
  process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  return (clock) => sqlite(join(directory, 'sessions.db'), { clock })
}

function temporaryDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'session-replay-'))
  } catch (error) {
    throw Failure.of(`cannot write to ${tmpdir()}`, error)
  }
}

/** Older ones crash in the native part of better-sqlite3, without a word. */
const OLDEST_NODE = 22

async function main(args: readonly string[]): Promise<void> {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new Failure(`needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}`)
  }
  const options = readOptions(args)
  if (options.help) {
    process.stdout.write(HELP)
    return
  }
  const input = await openInput(options.source)
  const progress = new Progress(process.stderr, input.share)
  process.once('exit', () => progress.clear())
  const startedAt = performance.now()
  const result = await replay(progress.watch(input.lines), {
    ...options,
    backend: backendFor(options.backend),
  }).finally(() => progress.clear())
  const elapsedMs = performance.now() - startedAt
  const figures = figuresOf(result)
  if (options.json) {
    process.stdout.write(`${JSON.stringify(figures)}\n`)
    return
  }
  const { stdout } = process
  const look = { width: stdout.columns ?? 80, color: stdout.isTTY === true && stdout.hasColors() }
  stdout.write(summary({ replay: result, figures, name: input.name, ...options, elapsedMs }, look))
}

/** Whoever reads us may stop early, as `| head -1` does: no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.once(signal, () => process.exit(128 + number))
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof UsageError) process.stderr.write(`session-replay: ${error.message}\nSee --help.\n`)
  else if (error instanceof Failure || error instanceof TtlError)
    process.stderr.write(`session-replay: ${error.message}\n`)
  else throw error
  process.exitCode = error instanceof UsageError ? 2 : 1
})
