/** The tables of docs/seed-systems.md, from what the tests of the examples recorded. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Shown } from '../../tools/backends/src/behaviours.ts'
import { BACKENDS, type BackendName } from '../../tools/backends/src/names.ts'
import { ROOT } from './blocks.ts'

interface Seed {
  /** The letter of its numbers. */
  readonly letter: string
  readonly behaviours: number
  readonly traps: number
  readonly example: string
}

/** How many behaviours and traps each has. */
export const SEEDS: Readonly<Record<string, Seed>> = {
  popoto: { letter: 'P', behaviours: 35, traps: 12, example: 'model-records' },
  'langgraph-redis': { letter: 'R', behaviours: 19, traps: 10, example: 'graph-checkpoints' },
  'langgraph-store': { letter: 'S', behaviours: 10, traps: 7, example: 'graph-checkpoints' },
  memori: { letter: 'M', behaviours: 17, traps: 8, example: 'skill-checkpoints' },
  'durable-agents': { letter: 'D', behaviours: 17, traps: 12, example: 'durable-agents' },
}

/** `reasons.json` of an example: what its tests do not show and why, and where ours differs on purpose. */
interface Reasons {
  readonly absent: Readonly<Record<string, string | Partial<Record<BackendName, string>>>>
  readonly differs: Readonly<Record<string, string>>
}

interface Row {
  readonly number: string
  readonly shown: Shown | undefined
  readonly absent: string | Partial<Record<BackendName, string>> | undefined
  readonly differs: string | undefined
}

function rowsOf(seed: Seed): Row[] {
  const folder = join(ROOT, 'examples', seed.example)
  const read = <T>(file: string, none: T): T =>
    existsSync(join(folder, file)) ? (JSON.parse(readFileSync(join(folder, file), 'utf8')) as T) : none
  const shown = read<Readonly<Record<string, Shown>>>('behaviours.json', {})
  const reasons = read<Reasons>('reasons.json', { absent: {}, differs: {} })
  const numbered = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`)
  const numbers = [...numbered(seed.behaviours, seed.letter), ...numbered(seed.traps, `trap ${seed.letter}`)]
  return numbers.map((number) => ({
    number,
    shown: shown[number],
    absent: reasons.absent[number],
    differs: reasons.differs[number],
  }))
}

type Cell = 'shown' | 'absent' | 'missing'

function cell({ shown, absent }: Row, backend: BackendName): Cell {
  if (shown?.on === 'any' || shown?.on.includes(backend)) return 'shown'
  return typeof absent === 'string' || absent?.[backend] !== undefined ? 'absent' : 'missing'
}

/** Numbers that are neither shown nor have a reason, and reasons for what is shown. */
export function problems(seed: Seed): string[] {
  return rowsOf(seed).flatMap((row) => {
    const missing = BACKENDS.filter((backend) => cell(row, backend) === 'missing')
    const idle = BACKENDS.filter(
      (backend) =>
        cell(row, backend) === 'shown' && (typeof row.absent === 'string' || row.absent?.[backend] !== undefined),
    )
    return [
      ...missing.map((backend) => `${row.number} has neither a test nor a reason on ${backend}`),
      ...idle.map((backend) => `${row.number} has a reason on ${backend}, where it is shown`),
    ]
  })
}

const SIGNS: Readonly<Record<Cell, string>> = { shown: '✓', absent: '–', missing: ' ' }

export function seedTable(seed: Seed): string {
  const rows = rowsOf(seed).map((row) => {
    const { number, shown, absent, differs } = row
    const why =
      typeof absent === 'string'
        ? [`*${absent}*`]
        : Object.entries(absent ?? {}).map(([backend, reason]) => `*${backend}: ${reason}*`)
    const says = [...(shown?.shows ?? []), ...why, ...(differs === undefined ? [] : [`**Differs:** ${differs}`])]
    const cells = BACKENDS.map((backend) => SIGNS[cell(row, backend)])
    return `| ${number.replace(' ', '&nbsp;')} | ${says.join('<br>').replaceAll('|', '\\|')} | ${cells.join(' | ')} |`
  })
  return [`| | | ${BACKENDS.join(' | ')} |`, `|---|---|${BACKENDS.map(() => ':-:|').join('')}`, ...rows].join('\n')
}
