/** `pnpm bench`: see `options.ts` for what it takes. */
import { resolve } from 'node:path'
import { systemClock } from '@ttl/core/adapter'
import { grow, STUDIES } from './growth/index.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { printFinding, printRows } from './print.ts'
import { writeReport } from './report/index.ts'
import { type Result, readResult, writeResult } from './result.ts'
import type { Row } from './row.ts'
import { run } from './run.ts'
import { select, selectStudies } from './select.ts'
import { SUBJECTS } from './subjects/index.ts'
import { targetTable } from './targets.ts'
import { machine, versionsOf } from './versions.ts'
import { WORKLOADS } from './workloads/index.ts'

const HOUR_MS = 3_600_000

async function workloads(
  { only, keys, rounds, ms, inFlight, quick }: Options,
  keep: (part: Partial<Result>) => void,
): Promise<Partial<Result>> {
  const sharedBuffers = quick ? '64MB' : '1GB'
  const settings = { keys, rounds, ms, inFlight, valueBytes: 256, ttlMs: HOUR_MS, poolSize: 10, sharedBuffers }
  const rows: Row[] = []
  const servers: Record<string, string> = {}
  for (const plan of select(only, SUBJECTS, WORKLOADS)) {
    const found = await run(plan, settings, (some) => {
      printRows(some)
      keep({ settings, rows: some })
    })
    rows.push(...found.rows)
    servers[plan.backend] = found.server
  }
  return { settings, servers, rows }
}

async function growth({ only, sizes, rounds, ms }: Options): Promise<Partial<Result>> {
  const { backends, studies } = selectStudies(only, STUDIES)
  const growthSettings = { sizes, rounds, ms }
  return { growthSettings, growth: await grow(studies, growthSettings, backends, printFinding) }
}

const resultOf = (found: Partial<Result>): Result => ({
  measuredAt: new Date(systemClock.now()).toISOString(),
  machine: machine(),
  versions: versionsOf(SUBJECTS.flatMap(({ packages }) => packages)),
  servers: {},
  rows: [],
  growth: [],
  ...found,
})

async function measured(options: Options): Promise<Result> {
  const { json } = options
  // What was measured is not lost when the rest is interrupted; a study is of one piece.
  const keep = (part: Partial<Result>) => {
    if (json !== undefined) writeResult(place(json), resultOf(part))
  }
  return resultOf(options.growth ? await growth(options) : await workloads(options, keep))
}

/** Files are named from where the command was given. */
const place = (file: string): string => resolve(process.env.INIT_CWD ?? '.', file)

const options = readOptions(process.argv.slice(2))
if (options === 'help') console.log(USAGE)
else {
  const { from, json, targets, report } = options
  const result = from === undefined ? await measured(options) : readResult(place(from))
  if (json !== undefined) writeResult(place(json), result)
  if (targets) console.log(targetTable(result))
  if (report) for (const file of writeReport(result)) console.log(file)
}
