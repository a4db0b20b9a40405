import { createStore, type Store, type TransferCounts, type TransferReport } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { Absent, UsageError } from '../exit.ts'
import { type Which, withStore } from '../open/index.ts'
import { examples, jsonOption, storeArgument, withWhich } from '../options.ts'
import { type Place, whereabouts } from '../place.ts'
import { Progress } from '../progress.ts'
import { counted, grouped } from '../text/humane.ts'

interface Options {
  readonly namespace?: readonly string[] | undefined
  readonly dryRun?: boolean | undefined
  readonly overwrite?: boolean | undefined
  readonly json?: boolean | undefined
}

export function transferCommand(context: Context): Command {
  const command = new Command('transfer')
    .summary('copy what is live to another store, with its remaining life')
    .description(
      'Copies live entries and groups to another store with their remaining life. What lives there already is skipped, so it can be run again after a failure and goes on. Removes nothing.',
    )
    .addArgument(storeArgument('from', 'where it is', context))
    .addArgument(storeArgument('to', 'where it goes; made if it does not exist', context))
    .addOption(new Option('--dry-run', 'count what would be copied, and copy nothing'))
    .addOption(new Option('--overwrite', 'replace what lives there already'))
    .addOption(new Option('-n, --namespace <names...>', 'only these namespaces'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['ttl transfer sqlite:app.db redis://localhost --dry-run', 'count first'],
        ['ttl transfer sqlite:app.db redis://localhost', 'then copy'],
        ['ttl transfer env:OLD_URL env:NEW_URL -n session token', 'two namespaces'],
        ['ttl transfer sqlite:a.db sqlite:b.db --to-table sessions', 'to a table of another name'],
      ),
    )
    .action((from: Place, to: Place, options: Options & Record<string, unknown>) => {
      const [source, target] = [whichOf('from', options), whichOf('to', options)]
      if (identity(from, source) === identity(to, target))
        throw new UsageError(`${from.label} and ${to.label} are the same store; name another one to copy to`)
      return withStore(context, from, source, 'read', (opened) =>
        withTarget(context, to, target, options, (store) => run(context, from, to, opened.store, store, options)),
      )
    })
  return withWhich(withWhich(command, 'from-'), 'to-')
}

function whichOf(side: 'from' | 'to', options: Readonly<Record<string, unknown>>): Which {
  return {
    table: options[`${side}Table`] as string | undefined,
    schema: options[`${side}Schema`] as string | undefined,
    prefix: options[`${side}Prefix`] as string | undefined,
    index: options[`${side}Index`] as boolean | number | undefined,
    cluster: options[`${side}Cluster`] as boolean | undefined,
  }
}

/** What is equal for the same store, however it is written. */
function identity(place: Place, { table = 'ttl', schema = '', prefix = 'ttl:' }: Which): string {
  return JSON.stringify([whereabouts(place), place.kind === 'sqlite' ? table.toLowerCase() : table, schema, prefix])
}

/** A dry run makes no store: one that does not exist is as good as an empty one. */
async function withTarget(
  context: Context,
  to: Place,
  which: Which,
  { dryRun }: Options,
  use: (target: Store) => Promise<void>,
): Promise<void> {
  try {
    return await withStore(context, to, which, dryRun ? 'read' : 'fill', ({ store }) => use(store))
  } catch (error) {
    if (!dryRun || !(error instanceof Error && error.cause instanceof Absent)) throw error
    return use(createStore({ backend: memory() }))
  }
}

async function run(
  context: Context,
  from: Place,
  to: Place,
  source: Store,
  target: Store,
  { namespace: namespaces, dryRun, overwrite, json }: Options,
): Promise<void> {
  const progress = new Progress(context.stderr, 'Copying')
  let report: TransferReport
  try {
    report = await context.stoppable((signal) =>
      source.transfer(target, {
        namespaces,
        dryRun,
        overwrite,
        signal,
        onProgress: ({ copied, skipped, gone, total }) =>
          progress.update(
            [copied, skipped, gone].reduce((sum, counts) => sum + totalOf(counts), 0),
            total,
          ),
      }),
    )
  } finally {
    progress.end()
  }
  if (json) context.printJson({ from: from.label, to: to.label, dryRun: dryRun ?? false, ...report })
  else context.print(prose(from, to, report, dryRun))
}

const totalOf = ({ entries, groups }: TransferCounts): number => entries + groups

function prose(
  from: Place,
  to: Place,
  { copied, skipped, gone }: TransferReport,
  dryRun: boolean | undefined,
): string[] {
  const { entries, groups } = copied
  const what = `${counted(entries, 'entry', 'entries')}${groups > 0 ? ` and ${counted(groups, 'group', 'groups')}` : ''}`
  return [
    `${dryRun ? 'Would copy' : 'Copied'} ${what} from ${from.label} to ${to.label}.`,
    ...(totalOf(skipped) > 0
      ? [`${grouped(totalOf(skipped))} skipped, live there already; --overwrite replaces them.`]
      : []),
    ...(totalOf(gone) > 0 ? [`${grouped(totalOf(gone))} ended meanwhile.`] : []),
  ]
}
