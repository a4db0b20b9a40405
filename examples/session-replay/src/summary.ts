import { styleText } from 'node:util'
import { type Duration, milliseconds } from '@ttl/core'
import { area, bar, day, time, timeAxis } from './chart.ts'
import { type Figures, liveIn } from './figures.ts'
import type { Replay } from './replay.ts'

export interface Report {
  readonly replay: Replay
  readonly figures: Figures
  /** Of the log. */
  readonly name: string
  readonly backend: string
  readonly idle: Duration
  readonly max: Duration | 'unbounded'
  readonly elapsedMs: number
}

export interface Look {
  /** Of the terminal, in columns. */
  readonly width: number
  readonly color: boolean
}

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

const PLOT_ROWS = 6
const MARGIN = '  '

/** A replay for people to read. */
export function summary(report: Report, look: Look): string {
  const paint: Paint = (style, text) =>
    look.color && text !== '' ? styleText(style, text, { validateStream: false }) : text
  const width = Math.min(Math.max(look.width, 48), 110) - 2 * MARGIN.length
  const { requests, skippedLines } = report.figures
  const blocks =
    requests === 0
      ? [
          heading(report, width, paint),
          flow([`No requests in ${count(skippedLines, 'line')}`, 'expected the Common or Combined Log Format'], width),
        ]
      : [
          heading(report, width, paint),
          totals(report, width),
          live(report, width, paint),
          lengths(report, width, paint),
          endings(report, width, paint),
          work(report, width, paint),
        ]
  return `\n${blocks.map((block) => block.map((line) => `${MARGIN}${line}`.trimEnd().concat('\n')).join('')).join('\n')}\n`
}

function heading({ replay, name, idle, max, backend }: Report, width: number, paint: Paint): string[] {
  const offset = offsetOf(replay.zone)
  const [first, last] = [day(replay.from, offset), day(replay.to, offset)]
  const until = first === last ? '' : `${last} `
  const span =
    replay.requests === 0
      ? []
      : [`${first} ${time(replay.from, offset)} – ${until}${time(replay.to, offset)} ${replay.zone}`]
  const policy = `sliding('${idle}', { max: '${max}' })`
  return [
    paint('bold', 'Session replay'),
    ...flow([`${name}`, ...span, policy, `on ${backend}`], width).map((line) => paint('dim', line)),
  ]
}

function totals({ figures, replay }: Report, width: number): string[] {
  const { requests, sessionsStarted, skippedLines, lateLines } = figures
  const visitors = new Set(replay.visits.map((visit) => visit.address)).size
  const odd = [
    ...(skippedLines > 0 ? [`${count(skippedLines, 'line')} skipped`] : []),
    ...(lateLines > 0 ? [`${count(lateLines, 'line')} late`] : []),
  ]
  return flow(
    [
      `${count(requests, 'request')} from ${count(visitors, 'address', 'addresses')}`,
      `${count(sessionsStarted, 'session')}`,
      ...odd,
    ],
    width,
  )
}

function live({ replay, figures }: Report, width: number, paint: Paint): string[] {
  const { visits, from, to } = replay
  const scale = number(figures.peakLive).length
  const columns = width - scale - 2
  const rows = area(liveIn(visits, from, to, columns), PLOT_ROWS)
  const [ticks, labels] = timeAxis(from, to, columns, offsetOf(replay.zone))
  const label = (row: number) => (row === 0 ? number(figures.peakLive) : '').padStart(scale)
  return [
    paint('bold', 'Sessions live at once'),
    ...rows.map((row, index) => `${paint('dim', `${label(index)} ${index === 0 ? '┤' : '│'}`)}${paint('cyan', row)}`),
    paint('dim', `${'0'.padStart(scale)} └${ticks}`),
    paint('dim', ' '.repeat(scale + 2) + labels),
  ]
}

const BUCKETS: readonly [label: string, below: number][] = [
  ['one moment', 1],
  ['under 1m', 60_000],
  ['1m – 5m', 300_000],
  ['5m – 15m', 900_000],
  ['15m – 30m', 1_800_000],
  ['30m – 1h', 3_600_000],
  ['1h – 3h', 10_800_000],
  ['3h – 12h', 43_200_000],
  ['12h or more', Number.POSITIVE_INFINITY],
]

function lengths({ replay }: Report, width: number, paint: Paint): string[] {
  const spans = replay.visits.map((visit) => visit.lastAt - visit.startedAt).sort((a, b) => a - b)
  const counts = BUCKETS.map(
    ([, below], index) => spans.filter((span) => span < below && span >= (BUCKETS[index - 1]?.[1] ?? 0)).length,
  )
  const used = BUCKETS.slice(0, counts.findLastIndex((each) => each > 0) + 1)
  const quantile = (share: number) => elapsed(spans[Math.max(0, Math.ceil(spans.length * share) - 1)] ?? 0)
  return [
    `${paint('bold', 'How long they lasted')}${paint('dim', ', first to last request')}`,
    ...bars(
      used.map(([label], index) => ({ label, count: counts[index] ?? 0, style: 'green' })),
      spans.length,
      width,
      paint,
    ),
    ...flow(
      [
        `half within ${quantile(0.5)}`,
        `90 % within ${quantile(0.9)}`,
        `99 % within ${quantile(0.99)}`,
        `the longest ${quantile(1)}`,
      ],
      width,
    ),
  ]
}

function endings({ replay, figures, idle, max }: Report, width: number, paint: Paint): string[] {
  const ends: Row[] = [
    { label: `idle for ${idle}`, count: figures.endedByIdle, style: 'blue' },
    { label: max === 'unbounded' ? 'cap (none)' : `cap of ${max}`, count: figures.endedByCap, style: 'yellow' },
    { label: 'live at the end', count: figures.liveAtEnd, style: 'cyan' },
  ]
  return [
    paint('bold', 'How they ended'),
    ...bars(ends, replay.visits.length, width, paint),
    ...capped(replay, width, paint),
  ]
}

/** Who would have kept a session for ever. */
function capped({ visits, to }: Replay, width: number, paint: Paint): string[] {
  const stopped = visits.filter((visit) => visit.capped && visit.expiresAt <= to)
  const [busiest] = stopped.toSorted((a, b) => b.requests - a.requests)
  if (busiest === undefined) return []
  const { address, requests, startedAt, lastAt } = busiest
  const facts = [`stopped by the cap: ${address}`, `${count(requests, 'request')} in ${elapsed(lastAt - startedAt)}`]
  return flow(facts, width).map((line) => paint('dim', line))
}

function work({ figures, replay, elapsedMs }: Report, width: number, paint: Paint): string[] {
  const { sessionsContinued, sessionsStarted, sweptRows, endedByCap, endedByIdle, requests } = figures
  const replaced = endedByCap + endedByIdle - sweptRows
  const seconds = (elapsedMs / 1_000).toFixed(elapsedMs < 10_000 ? 2 : 0)
  const facts = [
    `${number(sessionsContinued)} hits`,
    `${number(sessionsStarted)} misses`,
    `${count(replay.sweeps, 'sweep')} removed ${count(sweptRows, 'row')}`,
    ...(replaced > 0 ? [`${number(replaced)} more were replaced by the next session`] : []),
    `${seconds} s, ${number(Math.round((requests / elapsedMs) * 1_000))} requests/s`,
  ]
  return flow(facts, width).map((line) => paint('dim', line))
}

interface Row {
  readonly label: string
  readonly count: number
  readonly style: Style
}

/** One bar per row, the longest as long as there is room. */
function bars(rows: readonly Row[], total: number, width: number, paint: Paint): string[] {
  const most = Math.max(...rows.map((row) => row.count), 1)
  const labels = Math.max(...rows.map((row) => row.label.length), 15)
  const counts = Math.max(...rows.map((row) => number(row.count).length))
  const room = Math.min(width - labels - counts - 12, 60)
  return rows.map(({ label, count: each, style }) => {
    const share = (each / total) * 100
    const percent = `${share > 0 && share < 0.1 ? '<0.1' : share.toFixed(1)} %`.padStart(8)
    return `${label.padEnd(labels)}  ${number(each).padStart(counts)} ${paint('dim', percent)}  ${paint(style, bar(each / most, room))}`
  })
}

/** Facts in a row, wrapped between two of them; one that is too long on its own is cut. */
function flow(facts: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const fact of facts) {
    const line = `${lines.at(-1)} · ${fact}`
    if (lines.length > 0 && line.length <= width) lines[lines.length - 1] = line
    else lines.push(fact.length <= width ? fact : `${fact.slice(0, width - 1)}…`)
  }
  return lines
}

const number = (value: number): string => value.toLocaleString('en')
const count = (value: number, one: string, many = `${one}s`): string => `${number(value)} ${value === 1 ? one : many}`
/** To the second. */
const elapsed = (ms: number): string => (ms < 1_000 ? '0s' : `${milliseconds(Math.floor(ms / 1_000) * 1_000)}`)

function offsetOf(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
