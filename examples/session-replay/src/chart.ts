/** Terminal charts of block characters: plain strings, no colour. */

const HEIGHTS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const WIDTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█']

/** Columns, `rows` lines high, from the top line to the bottom one. Whatever is above zero shows. */
export function area(values: readonly number[], rows: number): string[] {
  const top = Math.max(...values, 1)
  const eighths = values.map((value) => (value > 0 ? Math.max(1, Math.round((value / top) * rows * 8)) : 0))
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * 8
    return eighths.map((height) => HEIGHTS[Math.min(8, Math.max(0, height - below))]).join('')
  })
}

/** A bar whose full length stands for 1. Whatever is above zero shows. */
export function bar(share: number, length: number): string {
  const eighths = share > 0 ? Math.max(1, Math.round(share * length * 8)) : 0
  return '█'.repeat(Math.floor(eighths / 8)) + WIDTHS[eighths % 8]
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = [
  1_000,
  5_000,
  15_000,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  91 * DAY,
  365 * DAY,
]
/** Columns for a label, with room around it. */
const LABEL = 10

/**
 * An axis with round times, one every so many columns, in the zone that is given by its offset.
 * @returns the line with its ticks, and the line of labels
 */
export function timeAxis(from: number, to: number, columns: number, offsetMs: number): [ticks: string, labels: string] {
  const perColumn = (to + 1 - from) / columns
  const step = STEPS.find((each) => each / perColumn >= LABEL) ?? perColumn * LABEL
  let [ticks, labels] = ['', '']
  const first = Math.ceil((from - perColumn + offsetMs) / step) * step - offsetMs
  for (let at = first; at <= to; at += step) {
    const column = Math.max(0, Math.floor((at - from) / perColumn))
    const label =
      step < MINUTE ? time(at, offsetMs) : step < DAY ? time(at, offsetMs).slice(0, 5) : day(at, offsetMs).slice(0, 6)
    if (column + label.length > columns) break
    ticks = `${ticks.padEnd(column, '─')}┬`
    labels = labels.padEnd(column) + label
  }
  return [ticks.padEnd(columns, '─'), labels]
}

/** `'13:55:36'` */
export const time = (at: number, offsetMs: number): string => new Date(at + offsetMs).toISOString().slice(-13, -5)

/** `'10 Oct 2000'` */
export const day = (at: number, offsetMs: number): string => new Date(at + offsetMs).toUTCString().slice(5, -13)
