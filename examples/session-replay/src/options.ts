import { parseArgs } from 'node:util'
import { type Duration, duration, TtlError } from '@ttl/core'

/** A mistake in how the program was called. */
export class UsageError extends Error {}

export type Source =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'generated'; readonly seed: number; readonly requests: number }

export interface Options {
  readonly source: Source
  readonly idle: Duration
  readonly max: Duration | 'unbounded'
  readonly backend: 'sqlite' | 'memory'
  readonly json: boolean
  readonly help: boolean
}

export const HELP = `Turns a web access log into visitor sessions, in the log's own time.

Usage: npm run demo -- [options]

  --log FILE       an access log in the Common or Combined Log Format; - reads standard input
                   (default: a day of made-up traffic)
  --idle TIME      a session ends after this long without a request (default: 30m)
  --max TIME       … and this long after its first request in any case, or unbounded (default: 12h)
  --backend NAME   sqlite (a temporary file) or memory (default: sqlite)
  --json           print one object with the figures, nothing else
  --seed N         of the made-up traffic: other people, another day (default: 1)
  --requests N     of the made-up traffic: how many requests (default: 10000)
  --help           this text

TIME is a duration such as 90s, 30m, 1h30m, 7d or PT30M.
`

const DEFAULTS = { idle: '30m', max: '12h', backend: 'sqlite', seed: '1', requests: '10000' }
const MOST_REQUESTS = 1_000_000

/** @throws {@link UsageError} for anything that cannot be used */
export function readOptions(args: readonly string[]): Options {
  const { seed, requests, ...given } = parse(args)
  return {
    source: readSource(given.log, seed, requests),
    idle: readDuration('--idle', given.idle ?? DEFAULTS.idle),
    max: given.max === 'unbounded' ? given.max : readDuration('--max', given.max ?? DEFAULTS.max),
    backend: readBackend(given.backend ?? DEFAULTS.backend),
    json: given.json ?? false,
    help: given.help ?? false,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      // Some package runners pass the -- on that was meant for themselves.
      args: args[0] === '--' ? args.slice(1) : [...args],
      options: {
        log: { type: 'string' },
        idle: { type: 'string' },
        max: { type: 'string' },
        backend: { type: 'string' },
        json: { type: 'boolean' },
        seed: { type: 'string' },
        requests: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function readSource(log: string | undefined, seed: string | undefined, requests: string | undefined): Source {
  if (log === undefined) {
    return {
      kind: 'generated',
      seed: readCount('--seed', seed ?? DEFAULTS.seed, 0, 2 ** 32 - 1),
      requests: readCount('--requests', requests ?? DEFAULTS.requests, 1, MOST_REQUESTS),
    }
  }
  if (seed !== undefined || requests !== undefined)
    throw new UsageError('--seed and --requests are for the made-up traffic; leave them out with --log')
  if (log === '') throw new UsageError('--log needs a file name, or - for standard input')
  return log === '-' ? { kind: 'stdin' } : { kind: 'file', path: log }
}

function readDuration(option: string, text: string): Duration {
  try {
    return duration(text)
  } catch (error) {
    if (error instanceof TtlError) throw new UsageError(`${option}: ${error.message}`)
    throw error
  }
}

function readBackend(text: string): Options['backend'] {
  if (text === 'sqlite' || text === 'memory') return text
  throw new UsageError(`--backend: expected sqlite or memory, got ${JSON.stringify(text)}`)
}

function readCount(option: string, text: string, least: number, most: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (count >= least && count <= most) return count
  throw new UsageError(`${option}: expected a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`)
}
