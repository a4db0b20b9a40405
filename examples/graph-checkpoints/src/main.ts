#!/usr/bin/env node
import { parseArgs, styleText } from 'node:util'
import { TtlError } from '@ttl/core'
import { day } from './day.ts'
import { open, type Target } from './places.ts'
import { report } from './report.ts'

const HELP = `usage: graph-checkpoints [--memory | --sqlite | --postgres <url> | --redis <url>]

A day at a support desk that runs on LangGraph.js, with threads that expire. Default: --sqlite, in a temporary file.
Redis has a clock of its own, so there the day takes six seconds.
`

class UsageError extends Error {}

function targetOf(args: string[]): Target | 'help' {
  const flag = { type: 'boolean', default: false } as const
  const options = {
    memory: flag,
    sqlite: flag,
    postgres: { type: 'string' },
    redis: { type: 'string' },
    help: flag,
  } as const
  const { memory, sqlite, postgres, redis, help } = parse(() => parseArgs({ args, options })).values
  if (help) return 'help'
  const chosen: Target[] = [
    ...(memory ? [{ kind: 'memory' } as const] : []),
    ...(sqlite ? [{ kind: 'sqlite' } as const] : []),
    ...(postgres === undefined ? [] : [{ kind: 'postgres', url: postgres } as const]),
    ...(redis === undefined ? [] : [{ kind: 'redis', url: redis } as const]),
  ]
  if (chosen.length > 1) throw new UsageError('one of --memory, --sqlite, --postgres and --redis, not several')
  return chosen[0] ?? { kind: 'sqlite' }
}

function parse<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function main(args: string[]): Promise<void> {
  const target = targetOf(args)
  if (target === 'help') {
    process.stdout.write(HELP)
    return
  }
  await using place = await open(target)
  process.stdout.write(
    report(await day(place), place.name, (color, text) => styleText(color, text, { stream: process.stdout })),
  )
}

main(process.argv.slice(2)).catch((thrown: unknown) => {
  // Where even leaving failed, what went wrong first is of interest.
  const error = (thrown as { suppressed?: unknown }).suppressed ?? thrown
  if (error instanceof UsageError) process.stderr.write(`graph-checkpoints: ${error.message}\n\n${HELP}`)
  else if (error instanceof TtlError) process.stderr.write(`graph-checkpoints: ${error.message}: ${reason(error)}\n`)
  else throw error
  process.exitCode = error instanceof UsageError ? 2 : 1
})

function reason(error: TtlError): string {
  const { cause } = error as { cause?: { message?: string; code?: string } }
  return cause?.message || cause?.code || error.code
}
