import type { Replay, Visit } from './replay.ts'

/** The outcome of a replay in ten numbers: what `--json` prints. */
export interface Figures {
  readonly requests: number
  readonly skippedLines: number
  readonly lateLines: number
  readonly sessionsStarted: number
  readonly sessionsContinued: number
  readonly endedByIdle: number
  readonly endedByCap: number
  readonly liveAtEnd: number
  readonly sweptRows: number
  readonly peakLive: number
}

export function figuresOf(replay: Replay): Figures {
  const { requests, skippedLines, lateLines, sessionsContinued, liveAtEnd, sweptRows, visits, from, to } = replay
  const ended = visits.filter((visit) => visit.expiresAt <= to)
  const endedByCap = ended.filter((visit) => visit.capped).length
  const [peakLive = 0] = liveIn(visits, from, to, 1)
  return {
    requests,
    skippedLines,
    lateLines,
    sessionsStarted: visits.length,
    sessionsContinued,
    endedByIdle: ended.length - endedByCap,
    endedByCap,
    liveAtEnd,
    sweptRows,
    peakLive,
  }
}

/** The most sessions live at once in each of that many equal parts of the time from `from` to `to`. */
export function liveIn(visits: readonly Visit[], from: number, to: number, parts: number): number[] {
  const ends = visits.map((visit) => visit.expiresAt).sort((a, b) => a - b)
  let [started, ended] = [0, 0]
  const endUntil = (at: number) => {
    while ((ends[ended] ?? Number.POSITIVE_INFINITY) <= at) ended++
  }
  return Array.from({ length: parts }, (_, part) => {
    endUntil(from + ((to + 1 - from) * part) / parts)
    let most = started - ended
    const until = from + ((to + 1 - from) * (part + 1)) / parts
    for (let visit = visits[started]; visit !== undefined && visit.startedAt < until; visit = visits[started]) {
      endUntil(visit.startedAt)
      started++
      most = Math.max(most, started - ended)
    }
    return most
  })
}
