import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { checkWhich, type Own } from '../open/index.ts'
import { checkOwn } from '../open/own-table.ts'
import { ddlOf, grantsFor, pgCronOf } from '../open/schema.ts'
import { type Common, examples, jsonOption, storeCommand } from '../options.ts'
import type { Place } from '../place.ts'
import { word } from '../text/humane.ts'

interface Options extends Common {
  readonly grants?: string | undefined
  readonly cron?: boolean | undefined
  readonly pgCron?: boolean | undefined
}

export function schemaCommand(context: Context): Command {
  return storeCommand('schema', context)
    .summary('print the tables that a store needs, grants, a line for cron')
    .description(
      'Prints the tables that a store needs, or the index that a sweep of a table of your own needs, for those who keep their migrations themselves; else they are made on first use. Connects to nothing: postgres: and sqlite: are enough.',
    )
    .addOption(new Option('--grants <role>', 'instead: what a role of PostgreSQL needs that makes no tables'))
    .addOption(new Option('--cron', 'instead: a line for crontab that sweeps every minute').conflicts('grants'))
    .addOption(
      new Option('--pg-cron', 'instead: the same as a job of pg_cron, of a table of your own').conflicts([
        'grants',
        'cron',
      ]),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['ttl schema postgres: --schema app > 0007_ttl.sql', 'a migration'],
        ['ttl schema postgres: --schema app --grants web', 'what the role web needs'],
        ['ttl schema env:DATABASE_URL --cron', 'a line for crontab'],
        ['ttl schema postgres: --table carts --expires-at until --key id', 'the index that a sweep needs'],
      ),
    )
    .action(async (place: Place, options: Options) => {
      const { grants, cron, pgCron } = options
      checkWhich(place, options)
      checkOwn(place, options)
      if (grants !== undefined && place.kind !== 'postgres')
        throw new UsageError(`--grants is for postgres, not for ${place.label}`)
      const [name, text] = cron
        ? ['cron', cronLine(place, options)]
        : pgCron
          ? ['cron', await pgCronOf(place, options)]
          : grants === undefined
            ? ['ddl', await ddlOf(place, options)]
            : ['grants', grantsFor(grants, options)]
      if (options.json) context.printJson({ [name]: text })
      else context.print([text])
    })
}

const SWITCHES = {
  table: '--table',
  schema: '--schema',
  prefix: '--prefix',
  index: '--index',
  cluster: '--cluster',
  expiresAt: '--expires-at',
  key: '--key',
  type: '--type',
  namespaceColumn: '--namespace-column',
  namespaceSql: '--namespace-sql',
  where: '--where',
} as const

/** A line for crontab. A password stands in no crontab: it comes from a variable. */
function cronLine({ kind, target, variable = 'DATABASE_URL' }: Place, own: Own): string {
  const store = kind === 'sqlite' ? quoted(`sqlite:${resolve(target || 'FILE')}`) : `env:${variable}`
  const switches = Object.entries(SWITCHES).flatMap(([name, flag]) => {
    const value = own[name as keyof typeof SWITCHES]
    if (value === undefined) return []
    return value === true ? [` ${flag}`] : [` ${flag} ${quoted(String(value))}`]
  })
  return `* * * * *  ttl sweep ${store}${switches.join('')} --max-time 50s --quiet`
}

/** For a shell, within a crontab, where % is a line end. */
function quoted(text: string): string {
  return word(text).replaceAll('%', '\\%')
}
