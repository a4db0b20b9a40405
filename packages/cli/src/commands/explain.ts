import {
  after,
  at,
  type Duration,
  type Expiration,
  type ExpiryOptions,
  type Explanation,
  earliest,
  type Instant,
  type Lifetime,
  maxAge,
  never,
  type RestartOn,
} from '@ttl/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { withStore } from '../open/index.ts'
import { examples, instantOf, jsonOption, span } from '../options.ts'
import type { Place } from '../place.ts'
import { printable } from '../text/humane.ts'
import { type EntryOptions, entryCommand, expirationOf, json, notThere, prose } from './entry.ts'

interface Options extends EntryOptions {
  readonly ttl?: Duration | undefined
  readonly maxAge?: Duration | undefined
  readonly at?: Instant | undefined
  readonly never?: boolean | undefined
  readonly restartOn?: RestartOn | undefined
  readonly refreshAfter?: number | undefined
  readonly jitter?: number | undefined
  readonly max?: Duration | undefined
}

const POLICY = ['ttl', 'maxAge', 'at', 'never', 'restartOn', 'refreshAfter', 'jitter', 'max'] as const

export function explainCommand(context: Context): Command {
  const policy = (option: Option) => option.helpGroup('A write to explain:')
  return entryCommand('explain', context)
    .summary('why an entry expires when it does, or would after a write')
    .description(
      'Tells what is stored about the expiry of an entry or group. With a policy: which deadline a set with it would give, and where each part of that comes from. Writes nothing.',
    )
    .addOption(policy(new Option('--ttl <span>', 'so long from the write').argParser(span)))
    .addOption(policy(new Option('--max-age <span>', 'never longer than that from birth').argParser(span)))
    .addOption(policy(new Option('--at <instant>', 'until then: 2026-12-31T23:59:59Z').argParser(instantOf)))
    .addOption(policy(new Option('--never', 'no deadline').conflicts(['ttl', 'maxAge', 'at'])))
    .addOption(
      policy(new Option('--restart-on <event>', 'what restarts the ttl').choices(['create', 'write', 'access'])),
    )
    .addOption(
      policy(
        new Option('--refresh-after <fraction>', 'reads restart once so much of it has passed').argParser(fraction),
      ),
    )
    .addOption(policy(new Option('--jitter <fraction>', 'shorten the ttl by up to so much').argParser(fraction)))
    .addOption(policy(new Option('--max <span>', 'under limits: { max } of the store').argParser(span)))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['ttl explain sqlite:app.db session s1', 'what is stored'],
        ['ttl explain sqlite:app.db session s1 --ttl 2h', 'and what set(…, { ttl: "2h" }) would do'],
        ['ttl explain sqlite:app.db session s1 --ttl 30m --max 1d', '… under limits: { max: "1d" }'],
      ),
    )
    .action((place: Place, namespace: string, key: string, options: Options) => {
      const asked = POLICY.some((name) => options[name] !== undefined)
      if (asked && options.group)
        throw new UsageError('a write is explained for an entry, not for a group: leave --group out')
      return withStore(context, place, options, 'read', async ({ store, now }) => {
        const { max } = options
        const ns = store.namespace(namespace, max === undefined ? {} : { limits: { max } })
        const stored = await expirationOf(ns, key, options.group)
        if (stored.state === 'absent' && !asked) throw notThere(namespace, key, options.group)
        const write = asked ? await ns.explain(key, policyOf(options)) : undefined
        if (options.json) context.printJson({ store: place.label, namespace, key, ...facts(stored, write) })
        else context.print(story(context, key, stored, write, await now()))
      })
    })
}

function fraction(text: string): number {
  const value = /^0?\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value < 1) return value
  throw new InvalidArgumentError('Expected a fraction from 0 to below 1, such as 0.5.')
}

function policyOf({ restartOn, refreshAfter, jitter, ...options }: Options): ExpiryOptions {
  const scalars = { restartOn, refreshAfter, jitter }
  const lifetimes: Lifetime[] = [
    ...(options.ttl === undefined ? [] : [after(options.ttl)]),
    ...(options.maxAge === undefined ? [] : [maxAge(options.maxAge)]),
    ...(options.at === undefined ? [] : [at(options.at)]),
  ]
  const [first, ...others] = lifetimes
  if (first !== undefined) return { ...scalars, lifetime: earliest(first, ...others) }
  return options.never ? { ...scalars, ttl: never } : scalars
}

function facts(stored: Expiration, write: Explanation | undefined): object {
  return { stored: stored.state === 'absent' ? stored : json(stored), write }
}

function story(
  context: Context,
  key: string,
  stored: Expiration,
  write: Explanation | undefined,
  now: Instant,
): string[] {
  const heading = (text: string) => context.style('bold', text)
  const found = stored.state === 'absent' ? [printable(key), '  is not there'] : prose(key, stored, now)
  if (write === undefined) return found
  return [
    ...found,
    '',
    heading('After a set with this policy'),
    ...String(write)
      .split('\n')
      .map((line) => `  ${line}`),
  ]
}
