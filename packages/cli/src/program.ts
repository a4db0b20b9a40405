import { Command } from 'commander'
import { expiryCommand } from './commands/expiry.ts'
import { explainCommand } from './commands/explain.ts'
import { forecastCommand } from './commands/forecast.ts'
import { getCommand } from './commands/get.ts'
import { previewCommand } from './commands/preview.ts'
import { schemaCommand } from './commands/schema.ts'
import { statsCommand } from './commands/stats.ts'
import { sweepCommand } from './commands/sweep.ts'
import { transferCommand } from './commands/transfer.ts'
import type { Context } from './context.ts'
import { examples, withOwn, withWhich } from './options.ts'

const AFTER = `
${examples(
  ['ttl stats sqlite:app.db', 'what is stored, and what has expired'],
  ['ttl preview sqlite:app.db --within 1d', 'what will expire in the next 24 hours'],
  ['ttl sweep sqlite:app.db --dry-run', 'what a clean-up would remove'],
  ['ttl sweep sqlite:app.db --older-than 1d', 'remove what expired more than a day ago'],
).trim()}

A store:
  sqlite:FILE  postgres://USER:PASSWORD@HOST/DATABASE  redis://:PASSWORD@HOST:PORT/NUMBER
  env:NAME     the same from a variable, so that no password stands in the list of processes
  any of the first two with --table, --expires-at and --key: a table of your own

Exit codes:
  0  done    1  failed, or not there    2  called wrongly    3  done, and more remains (sweep)

ttl COMMAND --help tells more, with examples; ttl --version which one this is.`

export function programOf(context: Context, version: string): Command {
  const program = new Command('ttl')
    .usage('COMMAND STORE [options]')
    .description('See what expires in a store, preview a clean-up, run it from cron.')
    .version(version, '-V, --version', 'the version of this program')
    .helpCommand(false)
    .addHelpText('after', AFTER)
  const groups: readonly (readonly [heading: string, commands: readonly Command[]])[] = [
    ['See:', [statsCommand, forecastCommand, previewCommand].map((command) => withOwn(withWhich(command(context))))],
    ['Clean up:', [withOwn(withWhich(sweepCommand(context)))]],
    ['One entry:', [getCommand, expiryCommand, explainCommand].map((command) => withWhich(command(context)))],
    ['Move, set up:', [transferCommand(context), withOwn(withWhich(schemaCommand(context)))]],
  ]
  for (const [heading, commands] of groups)
    for (const command of commands) program.addCommand(command.helpGroup(heading))
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .helpOption('-h, --help', 'this text')
      .configureHelp({
        helpWidth: Math.max(60, Math.min(100, context.width)),
        subcommandTerm: (sub) =>
          [sub.name(), ...sub.registeredArguments.map((argument) => argument.name().toUpperCase())].join(' '),
        ...(command === program ? { visibleOptions: () => [] } : {}),
      })
      .configureOutput({ writeErr: (text) => void context.stderr.write(context.secrets.hide(text)) })
      .showHelpAfterError(`See: ${command === program ? 'ttl' : `ttl ${command.name()}`} --help`)
  }
  return program
}
