import type { Duration, Instant, SweepReport, Upkeep } from '@ttl/core'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { EXIT, UsageError } from '../exit.ts'
import { type Kept, withKept } from '../open/index.ts'
import { type Common, count, examples, jsonOption, namespaceOption, span, storeCommand, type Time } from '../options.ts'
import type { Place } from '../place.ts'
import { Progress } from '../progress.ts'
import { counted, utc } from '../text/humane.ts'
import { asOfOption, cutOffOf, json, namespaces, olderThanOption, prose } from './preview.ts'

interface Options extends Common {
  readonly namespace?: string | undefined
  readonly limit?: number | undefined
  readonly maxTime?: Duration | undefined
  readonly olderThan?: Duration | undefined
  readonly asOf?: Time | undefined
  readonly dryRun?: boolean | undefined
  readonly quiet?: boolean | undefined
}

export function sweepCommand(context: Context): Command {
  return storeCommand('sweep', context)
    .summary('remove what has expired')
    .description(
      'Removes what has expired, in small batches that leave room for others, checking each deadline once more as it goes. What is live is never touched. May run any number of times, and several at once.',
    )
    .addOption(new Option('--dry-run', 'list what would be removed, and remove nothing'))
    .addOption(new Option('-l, --limit <count>', 'remove so many, at most').argParser(count))
    .addOption(new Option('-t, --max-time <span>', 'begin no batch after that long').argParser(span))
    .addOption(olderThanOption())
    .addOption(asOfOption('-1d'))
    .addOption(namespaceOption())
    .addOption(new Option('-q, --quiet', 'print nothing, unless it fails'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `${examples(
        ['ttl sweep sqlite:app.db --dry-run', 'see first'],
        ['ttl sweep sqlite:app.db', 'then remove'],
        ['ttl sweep sqlite:app.db --older-than 1d', 'only what expired more than a day ago'],
        ['ttl sweep postgres://localhost/app --limit 10000', 'no more than that'],
      )}

From cron, every minute, for at most 50 seconds (exit code 3: more remains for the next run):
  * * * * *  ttl sweep env:DATABASE_URL --max-time 50s --quiet`,
    )
    .action((place: Place, options: Options) =>
      withKept(context, place, options, options.dryRun ? 'read' : 'change', async (kept) => {
        const now = await kept.now()
        const asOf = cutOffOf(options, now)
        if (asOf > now)
          throw new UsageError(
            `--as-of ${utc(asOf)} is still to come, and a sweep removes only what has expired; ttl preview looks ahead`,
          )
        await (options.dryRun
          ? rehearse(context, place, kept, options, now, asOf)
          : sweep(context, place, kept, options, asOf))
      }),
    )
}

async function rehearse(
  context: Context,
  { label }: Place,
  { upkeep }: Kept,
  { namespace, limit, ...options }: Options,
  now: Instant,
  asOf: Instant,
): Promise<void> {
  const preview = await upkeep.preview({ namespace, limit, asOf })
  if (options.quiet) return
  if (options.json) context.printJson({ dryRun: true, ...json(label, preview, undefined) })
  else context.print(prose(context, `Would be removed from ${label}`, preview, now, 20))
}

async function sweep(
  context: Context,
  { label }: Place,
  { upkeep }: Kept,
  { namespace, limit, maxTime, ...options }: Options,
  asOf: Instant,
): Promise<void> {
  const progress = new Progress(context.stderr, 'Removing')
  const total = Progress.shows(context.stderr) ? await expiredIn(upkeep, namespace) : undefined
  let deleted = 0
  const off = await upkeep.on('sweep.batch', (batch) => {
    deleted += batch.deleted
    progress.update(deleted, total === undefined ? limit : Math.min(total, limit ?? total))
  })
  let report: SweepReport
  try {
    report = await context.stoppable((signal) => upkeep.sweep({ namespace, limit, maxTime, asOf, signal }))
  } catch (error) {
    progress.end()
    if (deleted > 0) context.note(`ttl: ${counted(deleted, 'item was', 'items were')} removed before that`)
    throw error
  } finally {
    progress.end()
    await off()
  }
  const { byNamespace, more } = report
  if (more) context.exitCode = EXIT.more
  if (options.quiet) return
  if (options.json)
    context.printJson({ store: label, asOf, deleted, byNamespace: Object.fromEntries(byNamespace), more })
  else context.print(outcome(label, report))
}

/** How much waits, where that can be counted: it is for the progress bar alone. */
async function expiredIn(upkeep: Upkeep, namespace: string | undefined): Promise<number | undefined> {
  try {
    const all = await upkeep.stats({ namespace })
    return all.reduce((sum, { entries, groups }) => sum + entries.expired + groups.expired, 0)
  } catch {
    return undefined
  }
}

function outcome(label: string, { deleted, byNamespace, more }: SweepReport): string[] {
  return [
    `Removed ${counted(deleted, 'item', 'items')} from ${label}.`,
    ...(byNamespace.size > 1 ? namespaces(byNamespace) : []),
    ...(more ? ['More remains: run it again (exit code 3).'] : []),
  ]
}
