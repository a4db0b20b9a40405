/** What the studies of growth say. */
import type { Finding } from '../growth/index.ts'
import { STUDIES } from '../growth/index.ts'
import type { Result } from '../result.ts'
import { TITLES } from './contests.ts'
import { count, short, table } from './markdown.ts'
import { linePlot } from './plots.ts'

const HEADINGS: Readonly<Record<string, string>> = {
  core: 'What core costs',
  packages: 'Size and import time',
  memory: 'Memory',
  space: 'Disk, and memory of a server',
  expired: 'Expired, and not swept yet',
  sweep: 'Sweeping',
  entries: 'With the number of entries',
}

const placeOf = ({ backend }: Finding): string => (backend === 'core' ? '' : TITLES[backend])

function tableOf(findings: readonly Finding[]): string {
  const names = [...new Set(findings.flatMap(({ figures }) => Object.keys(figures)))]
  const shows = (cell: (finding: Finding) => string) => findings.some((finding) => cell(finding) !== '')
  const columns: readonly [string, (finding: Finding) => string][] = [
    ['backend', placeOf],
    ['subject', ({ subject }) => subject],
    ['what', ({ variant }) => variant ?? ''],
    ['entries', ({ size }) => (size === undefined ? '' : count(size))],
  ]
  const shown = columns.filter(([, cell]) => shows(cell))
  return table(
    [...shown.map(([name]) => name), ...names],
    findings.map((finding) => [
      ...shown.map(([, cell]) => cell(finding)),
      ...names.map((name) => short(finding.figures[name])),
    ]),
  )
}

export function growthSections({ growth, growthSettings }: Result): string[] {
  return STUDIES.flatMap((study) => {
    const found = growth.filter((finding) => finding.study === study.name)
    if (found.length === 0) return []
    const plot =
      study.name === 'entries' && growthSettings !== undefined ? ['![Growth](benchmarks/growth.svg)', ''] : []
    return [
      `### ${HEADINGS[study.name] ?? study.name}`,
      '',
      `${study.title[0]?.toUpperCase()}${study.title.slice(1)}.`,
      '',
      ...plot,
      tableOf(found),
      '',
    ]
  })
}

/** `get` by popularity, ours and the drivers. */
export function growthPlot({ growth, machine }: Result): string | undefined {
  const entries = growth.filter(({ study }) => study === 'entries')
  if (entries.length === 0) return undefined
  const names = [...new Set(entries.map(({ subject }) => subject))]
  return linePlot({
    title: 'get with the number of entries: Zipf 0.99, warm',
    subtitle: `values of 100 bytes; SQLite 1 in flight, servers 16; Node ${machine.node}, ${machine.cpus}`,
    xAxis: 'entries, logarithmic',
    yAxis: 'µs of an operation',
    lines: names.map((name) => ({
      name,
      dashed: !name.startsWith('@ttl/'),
      points: entries
        .filter(({ subject }) => subject === name)
        .map(({ size = 1, figures }) => [size, figures.getZipfUs ?? 0] as const),
    })),
  })
}
