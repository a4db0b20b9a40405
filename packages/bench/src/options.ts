import { parseArgs } from 'node:util'

export const USAGE = `pnpm bench [options]

  --only WORDS   subjects, backends or workloads whose names contain one of these words of each kind,
                 such as --only redis,get,sliding-get or --only 'postgres,set,pg,@ttl/postgres'
  --quick        few keys, short rounds: shows that it works, measures nothing
  --growth       instead of workloads: core, packages, memory, space, expired, sweep, sweeper, entries (words for --only)
  --sizes LIST   of growth, default 10000,1000000,10000000
  --targets      the targets, the measured ratios, and whether they are met
  --json FILE    writes the result as JSON, or adds it to what is there
  --from FILE    takes the result from a file instead of measuring
  --report       writes docs/benchmarks.md and its plots
  --rounds N     default 5        --ms N        length of a round, default 300
  --keys N       default 100000   --in-flight   default 1,16,64

A server is started for the run unless REDIS_URL or DATABASE_URL names one.`

export interface Options {
  readonly only: readonly string[]
  readonly quick: boolean
  readonly growth: boolean
  readonly sizes: readonly number[]
  readonly targets: boolean
  readonly report: boolean
  readonly json: string | undefined
  readonly from: string | undefined
  readonly rounds: number
  readonly ms: number
  readonly keys: number
  readonly inFlight: readonly number[]
}

/** @throws {@link Error} when an argument cannot be used */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      sizes: { type: 'string' },
      targets: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      json: { type: 'string' },
      from: { type: 'string' },
      rounds: { type: 'string' },
      ms: { type: 'string' },
      keys: { type: 'string' },
      'in-flight': { type: 'string', default: '1,16,64' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  })
  if (values.help) return 'help'
  const { quick } = values
  return {
    only: listOf(values.only),
    quick,
    growth: values.growth,
    sizes: listOf(values.sizes ?? (quick ? '1000,10000' : '10000,1000000,10000000')).map((each) =>
      whole('--sizes', each),
    ),
    targets: values.targets,
    report: values.report,
    json: values.json,
    from: values.from,
    rounds: whole('--rounds', values.rounds ?? (quick ? '3' : '5')),
    ms: whole('--ms', values.ms ?? (quick ? '40' : '300')),
    keys: whole('--keys', values.keys ?? (quick ? '2000' : '100000'), LEAST_KEYS),
    inFlight: listOf(values['in-flight']).map((each) => whole('--in-flight', each)),
  }
}

/** A batch of a hundred has no key twice. */
const LEAST_KEYS = 200

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

function whole(name: string, text: string, least = 1): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least) throw new Error(`${name} takes a whole number ≥ ${least}, got ${text}`)
  return value
}
