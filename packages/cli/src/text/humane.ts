import type { Instant } from '@ttl/core'

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** A span of milliseconds in its two largest units, cut off: `'3d4h'`. Reads back as a duration. */
export function span(ms: number): string {
  const first = UNITS.findIndex(([, unitMs]) => ms >= unitMs)
  if (first === -1) return '0ms'
  let rest = ms
  let text = ''
  for (const [unit, unitMs] of UNITS.slice(first, first === 3 ? 4 : first + 2)) {
    const count = Math.floor(rest / unitMs)
    rest -= count * unitMs
    if (count > 0) text += `${count}${unit}`
  }
  return text
}

/** `'in 3d4h'`, `'5m ago'`, `'now'` */
export function relative(at: Instant, now: Instant): string {
  const ms = at.epochMilliseconds - now.epochMilliseconds
  return ms === 0 ? 'now' : ms > 0 ? `in ${span(ms)}` : `${span(-ms)} ago`
}

/** `'2026-10-06 14:03:22 UTC'` */
export function utc(at: Instant): string {
  return at
    .toString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
}

/** Both: `'in 3d4h (2026-10-06 14:03:22 UTC)'` */
export function when(at: Instant, now: Instant): string {
  return `${relative(at, now)} (${utc(at)})`
}

/** `'1,204'` */
export function grouped(count: number): string {
  return count.toLocaleString('en')
}

/** `'1 entry'`, `'1,204 entries'` */
export function counted(count: number, one: string, many: string): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** A word of a shell's command line. */
export function word(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** Text of the store, for a terminal: whatever would move the cursor or colour the screen is shown as an escape. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    JSON.stringify(character) === `"${character}"`
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : JSON.stringify(character).slice(1, -1),
  )
}
