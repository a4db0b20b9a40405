import { type Duration, plotForecast } from '@ttl/core'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { withKept } from '../open/index.ts'
import { type Common, examples, jsonOption, namespaceOption, spans, storeCommand } from '../options.ts'
import type { Place } from '../place.ts'
import { printable, utc } from '../text/humane.ts'

interface Options extends Common {
  readonly namespace?: string | undefined
  readonly within?: readonly Duration[] | undefined
}

export function forecastCommand(context: Context): Command {
  return storeCommand('forecast', context)
    .summary('plot how much expires when')
    .description(
      'Plots how much expires when, if nothing is refreshed until then: in the next hour, day, week … and never. Changes nothing.',
    )
    .addOption(
      new Option('-w, --within <spans>', 'ends of the bars, from now (default: 1h,1d,7d,30d,90d,365d)').argParser(
        spans,
      ),
    )
    .addOption(namespaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['ttl forecast sqlite:app.db', 'by hour, day, week …'],
        ['ttl forecast sqlite:app.db --within 6h,12h,18h,1d', 'a day in quarters'],
        ['ttl forecast postgres://localhost/app -n session', 'one namespace'],
      ),
    )
    .action((place: Place, options: Options) =>
      withKept(context, place, options, 'read', async ({ upkeep }) => {
        const { namespace, within } = options
        const forecast = await upkeep.forecast({ namespace, within })
        if (options.json) {
          const buckets = forecast.buckets.map(({ within, ...bucket }) => ({ withinMs: within?.ms, ...bucket }))
          context.printJson({ store: place.label, namespace, ...forecast, buckets })
          return
        }
        const where = namespace === undefined ? place.label : `${printable(namespace)} of ${place.label}`
        const title = `What expires when in ${where}, if nothing is refreshed; now is ${utc(forecast.asOf)}`
        context.print([context.style('bold', title), '', plotForecast(forecast, { width: context.width })])
      }),
    )
}
