#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { Context } from './context.ts'
import { EXIT, Failure, Interrupted, UsageError } from './exit.ts'
import { programOf } from './program.ts'
import { reasonOf } from './reason.ts'
import { Secrets } from './secrets.ts'
import { printable } from './text/humane.ts'

const { version, engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
  engines: { node: string }
}

const args = process.argv.slice(2)
const secrets = new Secrets()
for (const text of args) secrets.learn(text)
if (process.env.PGPASSWORD) secrets.learnSecret(process.env.PGPASSWORD)
const context = new Context(process, secrets)

/** Whoever reads us may stop early, as `| head -1` does: no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  note(`the answer cannot be written: ${reasonOf(error, secrets)}`)
  process.exit(EXIT.failed)
})

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  // What can stop in between does so, and reports; asked twice, or busy with anything else, it ends at once.
  process.on(signal, () => {
    if (!context.interrupt(new Interrupted(128 + number))) process.exit(128 + number)
  })
}

try {
  checkNode(process.versions.node, engines.node.replace('>=', ''))
  await programOf(context, version).parseAsync(args, { from: 'user' })
  process.exitCode = context.exitCode
} catch (error) {
  process.exitCode = report(error)
}

/** Drivers of older ones end the process without a word. */
function checkNode(version: string, oldest: string): void {
  if (version.localeCompare(oldest, 'en', { numeric: true }) < 0)
    throw new Failure(`this needs Node ${oldest} or newer, and runs on ${version}`)
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (error instanceof Interrupted) {
    note('interrupted')
    return error.exitCode
  }
  if (error instanceof UsageError) {
    note(`${secrets.hide(error.message)}\nSee: ttl --help`)
    return EXIT.usage
  }
  note(error instanceof Failure ? secrets.hide(error.message) : reasonOf(error, secrets))
  return EXIT.failed
}

/** What is said may quote the store, or the words of a driver. */
function note(text: string): void {
  context.note(`ttl: ${text}`.split('\n').map(printable).join('\n'))
}
