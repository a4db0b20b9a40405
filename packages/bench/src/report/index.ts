import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Result } from '../result.ts'
import { BACKENDS } from '../subject.ts'
import { judge } from '../targets.ts'
import { WORKLOADS } from '../workloads/index.ts'
import { type Contest, contestOf, losses, ownTable, plotOf, ratioTable, TITLES } from './contests.ts'
import { growthPlot, growthSections } from './growth.ts'
import { table, times } from './markdown.ts'

const DOCS = join(import.meta.dirname, '../../../../docs')
const SHOWN_LOSSES = 25

/** The document and its plots: file names under `docs`, with their text. */
export function reportOf(result: Result): Map<string, string> {
  const contests = BACKENDS.flatMap((backend) => contestOf(backend, result) ?? [])
  const files = new Map<string, string>()
  files.set('benchmarks.md', `${page(result, contests).join('\n').trimEnd()}\n`)
  for (const contest of contests) files.set(`benchmarks/${contest.backend}.svg`, plotOf(contest, result))
  const growth = growthPlot(result)
  if (growth !== undefined) files.set('benchmarks/growth.svg', growth)
  return files
}

/** @returns the files that it wrote */
export function writeReport(result: Result): string[] {
  return [...reportOf(result)].map(([name, text]) => {
    const file = join(DOCS, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  })
}

function page(result: Result, contests: readonly Contest[]): string[] {
  return [
    '# Benchmarks',
    '',
    '<!-- Written by `pnpm bench --from packages/bench/results.json --report`. Do not edit. -->',
    '',
    ...how(result),
    '## Where we lose',
    '',
    ...lost(result, contests),
    '## Targets',
    '',
    ...targets(result),
    ...contests.flatMap((contest) => section(contest, result)),
    ...(result.growth.length === 0 ? [] : ['## Growth', '', ...growthSections(result)]),
    '## Versions',
    '',
    Object.entries(result.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(' · '),
  ]
}

function how({ machine, settings, measuredAt }: Result): string[] {
  const rounds =
    settings === undefined
      ? ''
      : `${settings.keys.toLocaleString('en')} keys, values of ${settings.valueBytes} bytes of JSON, pools of ${settings.poolSize}, ` +
        `medians of ${settings.rounds} interleaved rounds of ${settings.ms} ms. `
  return [
    `${measuredAt.slice(0, 10)}, Node ${machine.node}, ${machine.platform}, ${machine.cpus}, ${machine.memoryGb} GB, client and server on the same machine. ` +
      `${rounds}` +
      'Every subject encodes and parses the same JSON, with the same durability, and has given right answers, expiry included, before it is measured. ' +
      'Absolute figures vary with the machine; ratios are medians of what two subjects did in the same round.',
    '',
    '```sh',
    'pnpm bench --targets                                  # everything, side by side: about an hour',
    "pnpm bench --only redis,get,'@ttl/redis',ioredis      # a part of it",
    'pnpm bench --growth                                   # up to 10 million entries',
    '```',
    '',
  ]
}

function lost(result: Result, contests: readonly Contest[]): string[] {
  const missed = judge(result).filter(({ met }) => met === false)
  const all = contests.flatMap(losses).toSorted((a, b) => a.ratio - b.ratio)
  const shown = all.slice(0, SHOWN_LOSSES).map(({ says }) => `- ${says}`)
  const more = all.length > SHOWN_LOSSES ? [`- and ${all.length - SHOWN_LOSSES} more, in the tables below`] : []
  return [
    `${missed.length} of our own targets missed; ${all.length} comparisons in which somebody is more than 5 % faster (the best of each):`,
    '',
    ...shown,
    ...more,
    '',
  ]
}

function targets(result: Result): string[] {
  const rows = judge(result).map(({ title, bound, limit, measured, met, driver }) => [
    title,
    `${bound === 'least' ? '≥' : '≤'} ${limit}`,
    times(measured),
    met === undefined ? 'not measured' : met ? 'met' : '**missed**',
    times(driver?.(result)),
  ])
  return [table(['', 'target', 'measured', '', 'of the bare driver'], rows), '']
}

function section(contest: Contest, { servers }: Result): string[] {
  const server = servers[contest.backend]
  const replays = contest.rows.some(({ workload }) => workload.startsWith('replay'))
  const notes = contest.subjects.flatMap(({ name, note }) => (note === undefined ? [] : [`- ${name}: ${note}`]))
  const workloads = WORKLOADS.filter(({ name }) => contest.rows.some((row) => row.workload === name))
  return [
    `## ${TITLES[contest.backend]}`,
    '',
    ...(server === undefined || server === 'none' ? [] : [`${server}.`, '']),
    `![${TITLES[contest.backend]}](benchmarks/${contest.backend}.svg)`,
    '',
    ratioTable(contest, false),
    '',
    ...(replays
      ? [
          'Replays with the published parameters of production caches, times to live divided by 1000:',
          '',
          ratioTable(contest, true),
          '',
        ]
      : []),
    ...notes,
    '',
    `<details><summary>All of ours, and what each workload is</summary>`,
    '',
    ownTable(contest),
    '',
    ...workloads.map(({ name, title }) => `- \`${name}\`: ${title}`),
    '',
    '</details>',
    '',
  ]
}
