import type { Codec, Namespace } from '@ttl/core'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { withStore } from '../open/index.ts'
import { examples, jsonOption } from '../options.ts'
import type { Place } from '../place.ts'
import { printable } from '../text/humane.ts'
import { type EntryOptions, entryCommand, notThere } from './entry.ts'

/** What is stored, as it is stored: this program does not know the codec of the application. */
type Stored = string | Uint8Array

const AS_STORED: Codec = {
  encode: (value) => value as Stored,
  decode: (payload) => payload,
}

interface Options extends EntryOptions {
  readonly member?: string | undefined
  readonly raw?: boolean | undefined
}

export function getCommand(context: Context): Command {
  return entryCommand('get', context)
    .summary('print the value of one entry, or the members of a group')
    .description(
      'Prints the value of one entry, or the members of a group, as it is stored: text as it is, bytes as base64. Restarts nothing. Exit code 1 when it is not there.',
    )
    .addOption(new Option('-m, --member <name>', 'of a group: only this member'))
    .addOption(new Option('-r, --raw', 'the very bytes, without a line end').conflicts('json'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['ttl get sqlite:app.db session s1', 'an entry'],
        ['ttl get sqlite:app.db file logo --raw > logo.png', 'bytes'],
        ['ttl get sqlite:app.db thread t1 --group', 'all members of a group'],
      ),
    )
    .action((place: Place, namespace: string, key: string, options: Options) => {
      if (options.member !== undefined && !options.group) throw new UsageError('--member is for a group: add --group')
      if (options.raw && options.group && options.member === undefined)
        throw new UsageError('--raw prints one value: say which with --member')
      return withStore(context, place, options, 'read', async ({ store }) => {
        const ns = store.namespace<Stored>(namespace, { codec: AS_STORED })
        const values = await read(ns, key, options)
        if (values.size === 0) throw notThere(namespace, key, options.group)
        if (options.json) context.printJson({ store: place.label, namespace, key, ...json(values, options) })
        else if (options.raw) for (const value of values.values()) context.stdout.write(value)
        else if (options.group && options.member === undefined)
          context.print([...values].map(([member, value]) => `${printable(member)}\t${shown(value, context)}`))
        else context.print([...values.values()].map((value) => shown(value, context)))
      })
    })
}

/** An entry's value under its key, or the members of a group under their names. */
async function read(ns: Namespace<Stored>, key: string, { group, member }: Options): Promise<Map<string, Stored>> {
  const names = member === undefined ? undefined : [member]
  return group ? ns.group(key).getMany(names, { touch: false }) : ns.getMany([key], { touch: false })
}

function shown(value: Stored, context: Context): string {
  if (typeof value !== 'string') return Buffer.from(value).toString('base64')
  return context.stdout.isTTY ? printable(value) : value
}

function json(values: ReadonlyMap<string, Stored>, { group, member }: Options): object {
  const all = [...values].map(([name, value]) => [name, encoded(value)] as const)
  if (group && member === undefined) return { members: Object.fromEntries(all) }
  return { member, ...all[0]?.[1] }
}

/** The JSON of a text, with numbers that print as they stand there, even those that JavaScript has no number for. */
function exact(text: string): unknown {
  const { parse, rawJSON } = JSON as unknown as SourceAware
  return parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value,
  )
}

/** What TypeScript does not know of JSON yet. */
interface SourceAware {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): unknown
}

function encoded(value: Stored): { readonly encoding: 'json' | 'text' | 'base64'; readonly value: unknown } {
  if (typeof value !== 'string') return { encoding: 'base64', value: Buffer.from(value).toString('base64') }
  try {
    return { encoding: 'json', value: exact(value) }
  } catch {
    return { encoding: 'text', value }
  }
}
