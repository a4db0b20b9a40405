import type { Duration, Instant, Preview } from '@ttl/core'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { withKept } from '../open/index.ts'
import {
  type Common,
  count,
  examples,
  jsonOption,
  namespaceOption,
  shifted,
  span,
  storeCommand,
  type Time,
  time,
} from '../options.ts'
import type { Place } from '../place.ts'
import { counted, grouped, printable, relative, utc } from '../text/humane.ts'
import { table } from '../text/table.ts'

interface Options extends Common {
  readonly namespace?: string | undefined
  readonly within?: Duration | undefined
  readonly olderThan?: Duration | undefined
  readonly asOf?: Time | undefined
  readonly limit?: number | undefined
  readonly show: number
}

export function previewCommand(context: Context): Command {
  return storeCommand('preview', context)
    .summary('list what will expire, or what a sweep would remove')
    .description(
      'Lists what has expired and a sweep would remove now; with --within, what will expire soon. Changes nothing, and restarts nothing.',
    )
    .addOption(
      new Option('-w, --within <span>', 'what is live now and expires within that time')
        .argParser(span)
        .conflicts(['olderThan', 'asOf']),
    )
    .addOption(olderThanOption())
    .addOption(asOfOption('-1d, +1d'))
    .addOption(namespaceOption())
    .addOption(new Option('-l, --limit <count>', 'look at so many, at most').argParser(count).default(1000))
    .addOption(new Option('--show <count>', 'print so many lines, at most').argParser(count).default(20))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['ttl preview sqlite:app.db', 'what ttl sweep would remove now'],
        ['ttl preview sqlite:app.db --within 1d', 'what will expire in the next 24 hours'],
        ['ttl preview sqlite:app.db --older-than 1d', 'what expired more than a day ago'],
        ['ttl preview sqlite:app.db --as-of 2026-12-31T23:59:59Z', 'what will be gone by the end of the year'],
      ),
    )
    .action((place: Place, options: Options) =>
      withKept(context, place, options, 'read', async (kept) => {
        const now = await kept.now()
        const { namespace, limit, within } = options
        const cutOff = within === undefined ? cutOffOf(options, now) : shifted(now, within.ms)
        const after = within === undefined ? undefined : now
        const preview = await kept.upkeep.preview({ namespace, limit, asOf: cutOff, after })
        if (options.json) context.printJson(json(place.label, preview, after))
        else context.print(prose(context, headline(preview, now, place.label, within), preview, now, options.show))
      }),
    )
}

export function olderThanOption(): Option {
  return new Option('--older-than <span>', 'only what expired longer ago than that').argParser(span).conflicts('asOf')
}

/** @param spans examples of times from now */
export function asOfOption(spans: string): Option {
  return new Option('--as-of <time>', `only what has expired by then: ${spans}, or 2026-12-31T23:59:59Z`).argParser(
    time,
  )
}

/** The cut-off that `--older-than` or `--as-of` name. */
export function cutOffOf(
  { olderThan, asOf }: { readonly olderThan?: Duration | undefined; readonly asOf?: Time | undefined },
  now: Instant,
): Instant {
  return olderThan === undefined ? (asOf?.(now) ?? now) : shifted(now, -olderThan.ms)
}

/** A preview for programs. */
export function json(store: string, preview: Preview, after: Instant | undefined): object {
  return { store, after, ...preview, byNamespace: Object.fromEntries(preview.byNamespace) }
}

function headline({ asOf }: Preview, now: Instant, label: string, within: Duration | undefined): string {
  if (within !== undefined) return `Expires within ${within} in ${label}, unless it is refreshed`
  if (asOf > now) return `Will have expired in ${label} ${relative(asOf, now)}, unless it is refreshed`
  if (asOf < now) return `Expired in ${label} by ${utc(asOf)}`
  return `Expired in ${label}`
}

/** A preview for people. */
export function prose(context: Context, title: string, preview: Preview, now: Instant, show: number): string[] {
  const { found, more, samples, byNamespace } = preview
  const head = context.style(
    'bold',
    `${title}: ${more ? `${grouped(found)} and more` : counted(found, 'item', 'items')}`,
  )
  if (found === 0) return [head]
  const nearest = samples.toSorted((a, b) => a.expiresAt.epochMilliseconds - b.expiresAt.epochMilliseconds)
  const lines = table(
    [{ title: 'expires' }, { title: 'at' }, { title: 'namespace' }, { title: 'kind' }, { title: 'key' }],
    nearest
      .slice(0, show)
      .map(({ kind, namespace, key, expiresAt }) => [
        relative(expiresAt, now),
        utc(expiresAt),
        printable(namespace),
        kind,
        printable(key),
      ]),
  )
  const rest = found - show
  return [
    head,
    ...(byNamespace.size > 1 ? namespaces(byNamespace) : []),
    '',
    ...lines,
    ...(rest > 0
      ? [`… and ${grouped(rest)} more; ttl preview with the same options and --show ${found} prints them`]
      : []),
    ...(more ? [`There is more than ${grouped(found)}; --limit looks further.`] : []),
  ]
}

export function namespaces(byNamespace: ReadonlyMap<string, number>): string[] {
  const most = [...byNamespace].sort(([, a], [, b]) => b - a)
  const [, ...lines] = table(
    [{ title: '' }, { title: '', align: 'right' }],
    most.map(([name, found]) => [`  ${printable(name)}`, grouped(found)]),
  )
  return lines
}
