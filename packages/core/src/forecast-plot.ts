import type { Duration } from './duration.ts'
import type { Forecast, ForecastCounts } from './forecast.ts'

export interface PlotOptions {
  /** Columns of the terminal. Default 80. */
  readonly width?: number | undefined
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/**
 * A forecast as bars for a terminal: one line for each bucket that it has, plain text without colours. Entries and groups are
 * counted together. Whatever is above zero shows.
 *
 * @example
 * console.log(plotForecast(await store.forecast(), { width: process.stdout.columns }))
 */
export function plotForecast(forecast: Forecast, { width = 80 }: PlotOptions = {}): string {
  const rows = rowsOf(forecast)
  const labels = Math.max(...rows.map(({ label }) => label.length))
  const counts = Math.max(...rows.map(({ count }) => grouped(count).length))
  const room = Math.max(0, width - labels - counts - 4)
  const top = Math.max(1, ...rows.map(({ count }) => count))
  return rows
    .map(({ label, count }) =>
      `${label.padEnd(labels)}  ${grouped(count).padStart(counts)}  ${bar(count / top, room)}`.trimEnd(),
    )
    .join('\n')
}

interface Row {
  readonly label: string
  readonly count: number
}

function rowsOf({ buckets, expired, never }: Forecast): Row[] {
  const row = (label: string, { entries, groups }: ForecastCounts): Row => ({ label, count: entries + groups })
  return [
    row('expired', expired),
    ...buckets.map((bucket, index) => row(labelOf(buckets[index - 1]?.within, bucket.within), bucket)),
    row('never', never),
  ]
}

const NEXT: Readonly<Record<string, string>> = { '1m': 'minute', '1h': 'hour', '1d': 'day' }

function labelOf(from: Duration | undefined, to: Duration | undefined): string {
  if (to === undefined) return from === undefined ? 'later' : `after ${from}`
  return from === undefined ? `next ${NEXT[String(to)] ?? to}` : `${from} – ${to}`
}

const grouped = (count: number): string => count.toLocaleString('en')

function bar(share: number, room: number): string {
  const eighths = share > 0 ? Math.max(1, Math.round(share * room * 8)) : 0
  return room === 0 ? '' : '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
}
