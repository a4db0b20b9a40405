/** The day as a person reads it. */
import { CLOSES, type Day, type Happening, type Kind, OPENS, QUARTER } from './day.ts'

export type Paint = (color: 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan', text: string) => string

const MARKS: Readonly<Record<Kind, string>> = { says: '●', waits: '?', looks: '○', decides: '●', late: '!', ends: '✕' }
const COLORS = { says: 'green', waits: 'yellow', looks: 'cyan', decides: 'green', late: 'red', ends: 'dim' } as const

export function report(day: Day, where: string, paint: Paint): string {
  const { happenings, lives } = day
  const width = Math.max(...[...lives.keys()].map((thread) => thread.length))
  const lines = [
    paint('bold', 'A day at the support desk'),
    `LangGraph.js on ${where} · sessions: sliding('2h', { max: '8h' }) · admin threads: never`,
    '',
    ...happenings.map((happening) => said(happening, width, paint)),
    '',
    `${' '.repeat(width)}  ${hours()}`,
    ...[...lives].map(([thread, alive]) => `${thread.padEnd(width)}  ${strip(day, thread, alive, paint)}`),
    paint('dim', `${' '.repeat(width)}  ● message  ? waits for a person  ○ read, which restarts  ✕ ends  ! too late`),
    '',
    `Left at ${clock(CLOSES)}: ${counted(day.checkpoints, 'checkpoint')} of ${counted(living(day), 'thread')}; in the store ${day.items.join(', ')}.`,
    day.swept === 0
      ? 'Nothing to sweep: the store frees the dead itself.'
      : `One sweep freed ${day.swept} dead threads and drafts, which nobody had seen since they died.`,
  ]
  return `${lines.map((line) => `  ${line}`.trimEnd()).join('\n')}\n`
}

function said({ minute, thread, kind, text, left }: Happening, width: number, paint: Paint): string {
  const rest = left === undefined ? '' : left === 'never' ? 'never ends' : `${span(left)} left`
  return `${clock(minute)}  ${paint(COLORS[kind], MARKS[kind])} ${thread.padEnd(width)}  ${text}${rest && paint('dim', `  · ${rest}`)}`
}

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`

/** A character for each quarter of an hour. */
function strip({ happenings }: Day, thread: string, alive: ReadonlySet<number>, paint: Paint): string {
  return quarters()
    .map((minute) => {
      const [happening] = happenings.filter((each) => each.thread === thread && each.minute === minute).reverse()
      if (happening !== undefined) return paint(COLORS[happening.kind], MARKS[happening.kind])
      return alive.has(minute) ? '━' : paint('dim', '·')
    })
    .join('')
}

function living({ lives }: Day): number {
  return [...lives.values()].filter((alive) => alive.has(CLOSES)).length
}

function quarters(): number[] {
  return Array.from({ length: (CLOSES - OPENS) / QUARTER + 1 }, (_, index) => OPENS + index * QUARTER)
}

function hours(): string {
  return quarters()
    .filter((minute) => minute % 60 === 0)
    .map((minute) => String(minute / 60).padEnd(60 / QUARTER))
    .join('')
}

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const span = (minutes: number): string =>
  (minutes % 60 === 0 ? `${minutes / 60}h` : `${Math.floor(minutes / 60)}h${minutes % 60}m`).replace(/^0h/, '')
