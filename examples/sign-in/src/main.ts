#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { createStore, milliseconds } from '@ttl/core'
import { redis } from '@ttl/redis'
import { Server } from '@ttl/redis-server'
import { Redis } from 'ioredis'
import { Screen } from './screen.ts'
import { SignIn, type Spans } from './sign-in.ts'
import { Stalled, Story } from './story.ts'

const HELP = `One-time links, sliding sessions and idempotency keys on Redis, in real time.

Usage: npm run demo:sign-in -- [options]

  --pace N   how fast: 0.5 takes half the time (default: 1, about 9 s; 0.2 to 10)
  --help     this text

REDIS_URL names a server to use. Without it one is started, and killed once on the way.
`

class UsageError extends Error {}

function readPace(args: readonly string[]): number | undefined {
  const options = { pace: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
  let values: { readonly pace?: string | undefined; readonly help?: boolean | undefined }
  try {
    // Some package runners pass the -- on that was meant for themselves.
    values = parseArgs({ args: args[0] === '--' ? args.slice(1) : [...args], options }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  if (values.help) return undefined
  const pace = Number(values.pace ?? 1)
  if (pace >= 0.2 && pace <= 10) return pace
  throw new UsageError(`--pace: expected a number from 0.2 to 10, got ${JSON.stringify(values.pace)}`)
}

async function main(args: readonly string[]): Promise<void> {
  const pace = readPace(args)
  if (pace === undefined) {
    process.stdout.write(HELP)
    return
  }
  const given = process.env.REDIS_URL
  // Every write is on the disk before it is acknowledged, so it survives what happens to this server.
  const own = given === undefined ? await Server.start('--appendonly', 'yes', '--appendfsync', 'always') : undefined
  const url = given ?? (own as Server).url
  try {
    const { stdout } = process
    const look = { width: stdout.columns ?? 100, color: stdout.isTTY === true && stdout.hasColors() }
    const screen = new Screen((text) => stdout.write(text), look)
    const spans: Spans = {
      link: milliseconds(1_500 * pace),
      idle: milliseconds(1_000 * pace),
      max: milliseconds(4_000 * pace),
      payment: milliseconds(3_000 * pace),
    }
    const where = given === undefined ? 'started for this, and killed once on the way' : 'REDIS_URL'
    screen.title('Sign-in, on Redis', [
      `${await version(url)} · ${where} · its clock decides`,
      `links ${spans.link}, once · sessions ${spans.idle} idle, ${spans.max} in any case · payments ${spans.payment} from the first try`,
    ])
    await using store = createStore({ backend: redis({ url, prefix: `sign-in:${process.pid}:` }) })
    await new Story(new SignIn(store, spans), spans, screen).tell(own)
    screen.end()
    if (screen.broken > 0) process.exitCode = 1
  } finally {
    await own?.stop()
  }
}

async function version(url: string): Promise<string> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  client.on('error', () => undefined)
  try {
    return `Redis ${/redis_version:(\S+)/.exec(await client.info('server'))?.[1]}`
  } catch (error) {
    throw new Error(`cannot use the Redis of REDIS_URL: ${(error as Error).message}`, { cause: error })
  } finally {
    client.disconnect()
  }
}

/** Whoever reads us may stop early, as `| head -1` does: no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof UsageError) process.stderr.write(`sign-in: ${error.message}\nSee --help.\n`)
  else if (error instanceof Stalled)
    process.stderr.write('sign-in: this machine stood still for too long; try again, or with --pace 2\n')
  else process.stderr.write(`sign-in: ${(error as Error).message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
