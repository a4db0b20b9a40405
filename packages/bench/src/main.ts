/** `pnpm bench`: see `options.ts` for what it takes. */
import { resolve } from 'node:path'
import { systemClock } from '@ttl/core/adapter'
import { type Options, readOptions, USAGE } from './options.ts'
import { type Result, readResult, writeResult } from './result.ts'
import type { Row } from './row.ts'
import { run, type Settings } from './run.ts'
import { select } from './select.ts'
import { SUBJECTS } from './subjects/index.ts'
import { targetTable } from './targets.ts'
import { machine, versionOf } from './versions.ts'
import { WORKLOADS } from './workloads/index.ts'

const HOUR_MS = 3_600_000

function settingsOf({ keys, rounds, ms, inFlight, quick }: Options): Settings {
  return {
    keys,
    rounds,
    ms,
    inFlight,
    valueBytes: 256,
    ttlMs: HOUR_MS,
    poolSize: 10,
    sharedBuffers: quick ? '64MB' : '1GB',
  }
}

async function measured(options: Options): Promise<Result> {
  const settings = settingsOf(options)
  const plans = select(options.only, SUBJECTS, WORKLOADS)
  const rows: Row[] = []
  const servers: Record<string, string> = {}
  for (const plan of plans) {
    const { rows: more, server } = await run(plan, settings, print)
    rows.push(...more)
    servers[plan.backend] = server
  }
  const packages = new Set(plans.flatMap(({ subjects }) => subjects.flatMap((subject) => subject.packages)))
  return {
    measuredAt: new Date(systemClock.now()).toISOString(),
    machine: machine(),
    settings,
    versions: Object.fromEntries([...packages].map((name) => [name, versionOf(name)])),
    servers,
    rows,
  }
}

/** Files are named from where the command was given. */
const place = (file: string): string => resolve(process.env.INIT_CWD ?? '.', file)

/** One workload with one number of callers: a line for each subject. */
function print(rows: readonly Row[]): void {
  const [first] = rows
  if (first === undefined) return
  console.log(`\n${first.backend}  ${first.workload}  ${first.concurrency} in flight`)
  for (const row of rows) {
    const server = row.serverCpuUs === undefined ? '' : `  server ${row.serverCpuUs.toFixed(1)}`
    console.log(
      `  ${row.subject.padEnd(32)} ${Math.round(row.opsPerSec).toLocaleString('en').padStart(11)}/s ±${(row.spread * 100).toFixed(0).padStart(2)} %` +
        `  × driver ${(row.ratioToDriver ?? Number.NaN).toFixed(2).padStart(5)}` +
        `  p50 ${row.p50Ms.toFixed(3)} p99 ${row.p99Ms.toFixed(3)} ms  CPU µs: client ${row.clientCpuUs.toFixed(1)}${server}`,
    )
  }
}

const options = readOptions(process.argv.slice(2))
if (options === 'help') console.log(USAGE)
else {
  const result = options.from === undefined ? await measured(options) : readResult(place(options.from))
  if (options.json !== undefined) writeResult(place(options.json), result)
  if (options.targets) console.log(targetTable(result))
}
