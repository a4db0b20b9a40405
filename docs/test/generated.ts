/** The parts of the documentation that are written by what they describe. `pnpm --filter @ttl/docs generate` writes them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LAWS } from '@ttl/conformance'
import type { Capabilities } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { postgres } from '@ttl/postgres'
import { redis } from '@ttl/redis'
import { sqlite } from '@ttl/sqlite'
import { laws as kernelLaws } from '../../packages/core/test/laws/index.ts'
import { ROOT } from './blocks.ts'
import { transcripts } from './cli.ts'
import { SEEDS, seedTable } from './seed-systems.ts'

const SAYS: { readonly [Fact in keyof Capabilities]: (value: Capabilities[Fact]) => string } = {
  clock: (clock) => ({ host: 'this machine’s, or yours', injected: 'yours', server: 'the server’s' })[clock],
  resolutionMs: (ms) => (ms === 0 ? 'exact to the millisecond' : `up to ${ms} ms late, never early`),
  reclaims: (who) => ({ sweep: '`sweep`', native: 'the store itself' })[who],
  batch: (scope) => ({ all: 'all or nothing', each: 'entry by entry' })[scope],
  clear: (how) => ({ atomic: 'one step', paged: 'page by page' })[how],
  groups: (has) => (has ? 'yes' : 'no'),
  scan: (how) => ({ once: 'yes', repeats: 'yes', none: 'no' })[how],
  stats: (has) => (has ? 'yes' : 'no'),
  due: (has) => (has ? 'yes' : 'no'),
  persistent: (is) => (is ? 'yes' : 'no'),
  shared: (is) => (is ? 'yes' : 'no'),
  maxPayloadBytes: (bytes) => (bytes === Number.POSITIVE_INFINITY ? 'memory' : `${Math.floor(bytes / 1e6)} MB`),
}

const ROWS: readonly [fact: keyof Capabilities, title: string][] = [
  ['clock', 'whose clock judges'],
  ['resolutionMs', 'deadlines'],
  ['reclaims', 'who frees the expired'],
  ['batch', 'a batch of writes'],
  ['clear', '`clear`'],
  ['groups', 'groups'],
  ['scan', '`keys`, `entries`'],
  ['stats', '`stats`'],
  ['due', '`preview`, `forecast`'],
  ['persistent', 'outlives the process'],
  ['shared', 'several processes'],
  ['maxPayloadBytes', 'largest value'],
]

function capabilityTable(): string {
  const backends = [
    memory(),
    sqlite('ttl.db'),
    postgres('postgres://localhost/ttl'),
    redis({ url: 'redis://localhost' }),
    redis({ url: 'redis://localhost', index: true }),
  ]
  const cell = <Fact extends keyof Capabilities>(fact: Fact, facts: Capabilities) => SAYS[fact](facts[fact])
  const rows = ROWS.map(([fact, title]) => [title, ...backends.map(({ capabilities }) => cell(fact, capabilities))])
  return [
    '| | `@ttl/core/memory` | `@ttl/sqlite` | `@ttl/postgres` | `@ttl/redis` | …, `index: true` |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}

interface Stated {
  readonly id: string
  readonly title: string
  readonly why: string
}

function lawTable(laws: readonly Stated[]): string {
  const inCell = (text: string) => text.replaceAll('|', '\\|')
  return [
    '| law | what holds | why it matters |',
    '|---|---|---|',
    ...laws.map(({ id, title, why }) => `| \`${id}\` | ${inCell(title)} | ${inCell(why)} |`),
  ].join('\n')
}

const commands = await transcripts()

/** Each document, with the text that belongs between its `<!-- name -->` and `<!-- /name -->`. */
export const PARTS: readonly { readonly document: string; readonly name: string; readonly text: () => string }[] = [
  { document: 'README.md', name: 'capabilities', text: capabilityTable },
  { document: 'docs/laws.md', name: 'kernel', text: () => lawTable(kernelLaws) },
  { document: 'docs/laws.md', name: 'backends', text: () => lawTable(LAWS) },
  ...[...commands].map(([name, text]) => ({ document: 'docs/cli.md', name, text: () => text })),
  ...Object.entries(SEEDS).map(([name, seed]) => ({
    document: 'docs/seed-systems.md',
    name,
    text: () => seedTable(seed),
  })),
]

const pattern = (name: string) => new RegExp(`(<!-- ${name} -->\n)[^]*?(?=<!-- /${name} -->)`)

/** The document as it should be. */
export function generated(document: string): string {
  const parts = PARTS.filter((part) => part.document === document)
  return parts.reduce(
    (text, part) => {
      if (!pattern(part.name).test(text))
        throw new Error(`${document} has no <!-- ${part.name} --> … <!-- /${part.name} -->`)
      return text.replace(pattern(part.name), (_, open: string) => `${open}${part.text()}\n`)
    },
    readFileSync(join(ROOT, document), 'utf8'),
  )
}

if (process.argv[1] === import.meta.filename) {
  for (const document of new Set(PARTS.map((part) => part.document)))
    writeFileSync(join(ROOT, document), generated(document))
}
