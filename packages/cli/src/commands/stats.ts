import type { Instant, NamespaceStats, SpaceStats } from '@ttl/core'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { withKept } from '../open/index.ts'
import { type Common, examples, jsonOption, namespaceOption, storeCommand } from '../options.ts'
import type { Place } from '../place.ts'
import { counted, grouped, printable, relative, when } from '../text/humane.ts'
import { table } from '../text/table.ts'

interface Options extends Common {
  readonly namespace?: string | undefined
}

export function statsCommand(context: Context): Command {
  return storeCommand('stats', context)
    .summary('count what is stored, by namespace')
    .description(
      'Counts what is stored, by namespace: what is live, how much of it never expires, what has expired and waits to be removed. Changes nothing.',
    )
    .addOption(namespaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['ttl stats sqlite:app.db', 'all namespaces'],
        ['ttl stats redis://localhost --index', 'Redis, where the application keeps an index'],
        [`ttl stats sqlite:app.db --json`, 'for a monitor'],
      ),
    )
    .action((place: Place, options: Options) =>
      withKept(context, place, options, 'read', async ({ upkeep, now }) => {
        const { namespace } = options
        const namespaces = await upkeep.stats({ namespace })
        const at = await now()
        if (options.json) context.printJson({ store: place.label, now: at, namespaces })
        else
          context.print(
            prose(
              context,
              namespace === undefined ? place.label : `${printable(namespace)} of ${place.label}`,
              namespaces,
              at,
            ),
          )
      }),
    )
}

interface Row extends SpaceStats {
  readonly namespace: string
  readonly kind: string
}

function prose(context: Context, where: string, namespaces: readonly NamespaceStats[], now: Instant): string[] {
  const rows = namespaces.flatMap(({ namespace, entries, groups }): Row[] => [
    { namespace, kind: 'entries', ...entries },
    { namespace, kind: 'groups', ...groups },
  ])
  const filled = rows.filter(({ permanent, active, expired }) => permanent + active + expired > 0)
  if (filled.length === 0) return [`Nothing is stored in ${where}.`]
  const [titles = '', ...lines] = table(
    [
      { title: 'namespace' },
      { title: 'kind' },
      { title: 'live', align: 'right' },
      { title: 'never expire', align: 'right' },
      { title: 'expired', align: 'right' },
      { title: 'next expires' },
      { title: 'last expires' },
    ],
    filled.map((row) => cells(row, now)),
  )
  return [context.style('bold', titles), ...lines, '', ...summary(filled, now)]
}

function cells(row: Row, now: Instant): string[] {
  const { namespace, kind, permanent, active, expired, nextExpiresAt, lastExpiresAt } = row
  const time = (at: Instant | undefined) => (at === undefined ? '' : relative(at, now))
  const counts = [active + permanent, permanent, expired].map(grouped)
  return [printable(namespace), kind, ...counts, time(nextExpiresAt), time(lastExpiresAt)]
}

function summary(rows: readonly Row[], now: Instant): string[] {
  const expired = rows.reduce((sum, row) => sum + row.expired, 0)
  const next = rows.reduce<Row | undefined>((first, row) => (earlier(row, first) ? row : first), undefined)
  return [
    ...(next?.nextExpiresAt === undefined
      ? ['Nothing that is live has a deadline.']
      : [`Next to expire: one in ${printable(next.namespace)}, ${when(next.nextExpiresAt, now)}.`]),
    ...(expired > 0 ? [`${counted(expired, 'has', 'have')} expired and can be removed: ttl sweep`] : []),
  ]
}

function earlier({ nextExpiresAt: at }: Row, than: Row | undefined): boolean {
  return at !== undefined && (than?.nextExpiresAt === undefined || at < than.nextExpiresAt)
}
