/** What the commands have in common: how arguments are read, and the options that say which store is meant. */
import { type Duration, duration, epochMs, type Instant, instant, TtlError } from '@ttl/core'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import type { Context } from './context.ts'
import type { Own } from './open/index.ts'
import { type Place, readPlace } from './place.ts'

export interface Common extends Own {
  readonly json?: boolean | undefined
}

/** A command on one store. */
export function storeCommand(name: string, context: Context): Command {
  return new Command(name).addArgument(storeArgument('store', STORE, context))
}

const STORE = 'sqlite:FILE, postgres://…, redis://…, or env:NAME for a variable that holds one of these'

export function storeArgument(name: string, description: string, context: Context): Argument {
  const variable = (of: string) => {
    const value = context.env[of]
    if (value !== undefined) context.secrets.learn(value)
    return value
  }
  return new Argument(`<${name}>`, description).argParser((text: string): Place => readPlace(text, variable))
}

const WHICH: readonly (readonly [flags: string, description: string, parse?: (text: string) => unknown])[] = [
  ['table <name>', 'SQL: the name of the table (default: ttl)'],
  ['schema <name>', 'PostgreSQL: where the table is (default: the search path)'],
  ['prefix <text>', 'Redis: what every key begins with (default: ttl:)'],
  ['index [shards]', 'Redis: the application keeps an index of deadlines', count],
  ['cluster', 'Redis: the server is one of a cluster'],
]

/** Adds the options that tell stores apart, each with something before its name where a command has two stores. */
export function withWhich(command: Command, before = ''): Command {
  for (const [flags, description, parse] of WHICH) {
    const option = new Option(`--${before}${flags}`, description).helpGroup('Which store:')
    command.addOption(parse === undefined ? option : option.argParser(parse))
  }
  return command
}

const OWN: readonly (readonly [flags: string, description: string])[] = [
  ['--expires-at <column>', 'the column of the deadline; NULL is never'],
  ['--key <columns>', 'what names a row: a column, or several with commas'],
  [
    '--type <type>',
    'what the deadline is: epoch-ms, epoch-s; PostgreSQL: timestamptz (default); SQLite: iso, datetime',
  ],
  ['--namespace-column <column>', 'what rows are counted by (default: the whole table)'],
  ['--namespace-sql <sql>', 'the same as an expression, put in as it stands'],
  ['--where <sql>', 'only these rows, a condition put in as it stands'],
]

/** Adds the options that name a table of the application's own. */
export function withOwn(command: Command): Command {
  for (const [flags, description] of OWN) {
    const option = new Option(flags, description).helpGroup('Of a table of your own, with --table:')
    if (flags.startsWith('--key')) option.argParser((text: string) => text.split(','))
    if (flags.startsWith('--namespace-sql')) option.conflicts('namespaceColumn')
    command.addOption(option)
  }
  return command
}

export function jsonOption(): Option {
  return new Option('--json', 'one object for programs, on one line')
}

export function namespaceOption(): Option {
  return new Option('-n, --namespace <name>', 'only this namespace')
}

/** `1`, `20`, `1000` … */
export function count(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new InvalidArgumentError('Expected a whole number from 1.')
}

const SPANS = 'Expected a span of time such as 90s, 15m, 1h30m, 7d or PT15M'

export function span(text: string): Duration {
  try {
    return duration(text)
  } catch (error) {
    if (!(error instanceof TtlError)) throw error
    throw new InvalidArgumentError(/^\d+$/.test(text) ? `${SPANS}; ${text} has no unit.` : `${SPANS}.`)
  }
}

/** As `forecast` of a store takes them. */
const MOST_SPANS = 100

/** `1h,1d,7d` */
export function spans(text: string): Duration[] {
  const all = text.split(',').map((part) => span(part.trim()))
  if (all.length > MOST_SPANS) throw new InvalidArgumentError(`Expected at most ${MOST_SPANS} spans.`)
  if (all.some((each, index) => index > 0 && each <= (all[index - 1] as Duration)))
    throw new InvalidArgumentError('Expected ascending spans such as 1h,1d,7d.')
  return all
}

/** A point in time: fixed, or so far from now. */
export type Time = (now: Instant) => Instant

/** `2026-12-31T23:59:59Z`, `now`, `+1d`, `-1d` */
export function time(text: string): Time {
  if (text === 'now') return (now) => now
  const [, sign, amount] = /^([+-])(.+)$/.exec(text) ?? []
  if (amount !== undefined && !/^\d{6}-/.test(amount)) {
    const { ms } = span(amount)
    return (now) => shifted(now, sign === '-' ? -ms : ms)
  }
  const at = instantOf(text)
  return () => at
}

/** `2026-12-31T23:59:59Z` */
export function instantOf(text: string): Instant {
  try {
    return instant(text)
  } catch (error) {
    if (!(error instanceof TtlError)) throw error
    throw new InvalidArgumentError('Expected +1d, -1d, now, or an instant with its zone such as 2026-12-31T23:59:59Z.')
  }
}

export function shifted(now: Instant, ms: number): Instant {
  return epochMs(now.epochMilliseconds + ms)
}

/** Worked examples, at the end of a help. */
export function examples(...lines: readonly (readonly [command: string, what: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length))
  return `\nExamples:\n${lines.map(([command, what]) => `  $ ${command.padEnd(width)}  # ${what}`).join('\n')}`
}
