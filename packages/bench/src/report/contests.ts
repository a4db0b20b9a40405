/** What the rows say of one backend. */
import type { Result } from '../result.ts'
import type { Row } from '../row.ts'
import type { BackendName, Subject } from '../subject.ts'
import { SUBJECTS } from '../subjects/index.ts'
import { WORKLOADS } from '../workloads/index.ts'
import { count, short, table, times } from './markdown.ts'
import { dotPlot } from './plots.ts'

export const TITLES: Readonly<Record<BackendName, string>> = {
  memory: 'Memory',
  sqlite: 'SQLite',
  redis: 'Redis',
  postgres: 'PostgreSQL',
}

/** How many callers are shown first: an embedded store answers one after another. */
const shownInFlight = (backend: BackendName, rows: readonly Row[]): number => {
  const all = rows.map(({ concurrency }) => concurrency)
  return backend === 'memory' || backend === 'sqlite' ? Math.min(...all) : Math.max(...all)
}

export interface Contest {
  readonly backend: BackendName
  readonly subjects: readonly Subject[]
  readonly rows: readonly Row[]
}

/** Ours first, then drivers, then peers. */
export function contestOf(backend: BackendName, result: Result): Contest | undefined {
  const rows = result.rows.filter((row) => row.backend === backend)
  if (rows.length === 0) return undefined
  const present = SUBJECTS.filter(
    (subject) => subject.backend === backend && rows.some((row) => row.subject === subject.name),
  )
  return { backend, subjects: present, rows }
}

const isReplay = ({ workload }: Row): boolean => workload.startsWith('replay')

const rowOf = (rows: readonly Row[], subject: string, workload: string, inFlight: number) =>
  rows.find((row) => row.subject === subject && row.workload === workload && row.concurrency === inFlight)

export function plotOf({ backend, subjects, rows }: Contest, { machine, servers }: Result): string {
  const inFlight = shownInFlight(
    backend,
    rows.filter((row) => !isReplay(row)),
  )
  const shown = WORKLOADS.filter(({ name }) =>
    rows.some((row) => row.workload === name && row.concurrency === inFlight),
  )
  const driver = subjects.find(({ role }) => role === 'driver')?.name ?? 'the driver'
  const server = servers[backend] === 'none' ? '' : `, ${servers[backend]}`
  return dotPlot({
    title: `${TITLES[backend]}: operations per second, × of ${driver}`,
    subtitle: `${inFlight} in flight; Node ${machine.node}, ${machine.cpus}${server}`,
    axis: `× of ${driver}, logarithmic; further right is faster`,
    series: subjects.map(({ name }) => name),
    rows: shown.map(({ name }) => ({
      label: name,
      dots: subjects.flatMap((subject) => {
        const row = rowOf(rows, subject.name, name, inFlight)
        const value = subject.name === driver ? 1 : row?.ratios[driver]
        return row === undefined || value === undefined ? [] : [{ series: subject.name, value }]
      }),
    })),
  })
}

/** A line for each subject, a column for each workload. */
export function ratioTable({ backend, subjects, rows }: Contest, replays: boolean): string {
  const some = rows.filter((row) => isReplay(row) === replays)
  const inFlight = shownInFlight(backend, some)
  const names = WORKLOADS.map(({ name }) => name).filter((name) =>
    some.some((row) => row.workload === name && row.concurrency === inFlight),
  )
  const driver = subjects.find(({ role }) => role === 'driver')?.name ?? ''
  return table(
    [`${inFlight} in flight, × of ${driver}`, ...names.map((name) => name.replace('replay-', 'cluster '))],
    subjects.map((subject) => {
      const cells = names.map((name) => {
        const row = rowOf(some, subject.name, name, inFlight)
        return subject.name === driver && row !== undefined ? '1' : times(row?.ratios[driver])
      })
      return subject.role === 'ours'
        ? [`**${subject.name}**`, ...cells.map((cell) => `**${cell}**`)]
        : [subject.name, ...cells]
    }),
  )
}

/** Everything that was measured of ours. */
export function ownTable({ subjects, rows }: Contest): string {
  const ours = subjects.find(({ role }) => role === 'ours')?.name
  return table(
    ['workload', 'in flight', 'per second', '± %', 'p50 ms', 'p99 ms', 'client CPU µs', 'server CPU µs', '× of driver'],
    rows
      .filter((row) => row.subject === ours)
      .map((row) => [
        row.workload,
        String(row.concurrency),
        count(row.opsPerSec),
        (row.spread * 100).toFixed(0),
        short(row.p50Ms),
        short(row.p99Ms),
        short(row.clientCpuUs),
        short(row.serverCpuUs),
        times(row.ratioToDriver),
      ]),
  )
}

export interface Loss {
  readonly says: string
  readonly ratio: number
}

/** Where another is more than 5 % faster: the best of each contest. */
export function losses({ backend, subjects, rows }: Contest): Loss[] {
  const ours = subjects.find(({ role }) => role === 'ours')?.name
  return rows
    .filter((row) => row.subject === ours)
    .flatMap((row) => {
      const [best] = Object.entries(row.ratios).toSorted(([, a], [, b]) => a - b)
      if (best === undefined || best[1] >= 0.95) return []
      const [name, ratio] = best
      const where = `${TITLES[backend]}, \`${row.workload}\`, ${row.concurrency} in flight`
      return [{ says: `${where}: ${times(ratio)} × of ${name}`, ratio }]
    })
}
