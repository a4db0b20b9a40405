/**
 * The same ten figures, counted another way: no store and no clock, but each visitor's requests taken apart on their own
 * and the whole put together afterwards. Imports nothing from @ttl and nothing from the program.
 */
export interface Request {
  readonly address: string
  /** Epoch milliseconds, as logged. */
  readonly at: number
}

const SWEEP_EVERY_MS = 10 * 60 * 1_000

interface Counted {
  readonly start: number
  readonly end: number
  readonly byCap: boolean
  /** Which request started it, and which one started the visitor's next. */
  readonly first: number
  readonly next: number
}

export function count(log: readonly (Request | 'skipped')[], idleMs: number, maxMs: number) {
  const requests = log.filter((line) => line !== 'skipped')
  const replayed = requests.map(({ address, at }, index) => ({ address, at, index }))
  replayed.forEach((here, index) => {
    here.at = Math.max(here.at, replayed[index - 1]?.at ?? here.at)
  })
  const last = replayed.at(-1)?.at ?? 0

  const sessions: Counted[] = []
  for (const visitor of Map.groupBy(replayed, (request) => request.address).values()) {
    let rest = visitor
    while (rest.length > 0) {
      const start = rest[0]!.at
      const gap = rest.findIndex((request, index) => {
        if (index === 0) return false
        return request.at - rest[index - 1]!.at >= idleMs || request.at - start >= maxMs
      })
      const own = gap === -1 ? rest : rest.slice(0, gap)
      rest = gap === -1 ? [] : rest.slice(gap)
      const idleEnd = own.at(-1)!.at + idleMs
      const capEnd = start + maxMs
      sessions.push({
        start,
        end: Math.min(idleEnd, capEnd),
        byCap: capEnd <= idleEnd,
        first: own[0]!.index,
        next: rest[0]?.index ?? Number.POSITIVE_INFINITY,
      })
    }
  }

  // A sweep comes before the request that is first to arrive ten minutes after the last one; and one at the end.
  const sweeps: { at: number; before: number }[] = []
  let swept = replayed[0]?.at ?? 0
  for (const { at, index } of replayed) {
    if (at - swept < SWEEP_EVERY_MS) continue
    sweeps.push({ at, before: index })
    swept = at
  }
  sweeps.push({ at: last, before: Number.POSITIVE_INFINITY })

  const ended = sessions.filter((session) => session.end <= last)
  const instants = [...new Set(sessions.map((session) => session.start))]
  return {
    requests: requests.length,
    skippedLines: log.length - requests.length,
    lateLines: replayed.filter(({ at, index }) => at !== requests[index]!.at).length,
    sessionsStarted: sessions.length,
    sessionsContinued: requests.length - sessions.length,
    endedByIdle: ended.filter((session) => !session.byCap).length,
    endedByCap: ended.filter((session) => session.byCap).length,
    liveAtEnd: sessions.filter((session) => session.end > last).length,
    sweptRows: ended.filter((session) =>
      sweeps.some((sweep) => sweep.at >= session.end && sweep.before > session.first && sweep.before <= session.next),
    ).length,
    peakLive: Math.max(
      0,
      ...instants.map((at) => sessions.filter((session) => session.start <= at && at < session.end).length),
    ),
  }
}

/** A log line, for a request in seconds since 2000-01-01T00:00Z, written in a zone of the caller's choice. */
export function clf(address: string, second: number, zoneHours = 0): string {
  const local = new Date(Date.UTC(2000, 0, 1) + (second + zoneHours * 3_600) * 1_000)
  const [, day, month, year, time] = local.toUTCString().split(' ')
  const zone = `${zoneHours < 0 ? '-' : '+'}${String(Math.abs(zoneHours)).padStart(2, '0')}00`
  return `${address} - - [${day}/${month}/${year}:${time} ${zone}] "GET / HTTP/1.1" 200 512`
}

/** Reads the lines of the made-up day by cutting them up: another way than the program's. */
export function cut(line: string): Request | 'skipped' {
  const [head = '', rest = ''] = line.split('] "')
  const [names = '', when = ''] = head.split(' [')
  const [date = '', hours, minutes, seconds] = when.split(' ')[0]!.split(':')
  const [day, month, year] = date.split('/')
  const at = Date.parse(`${day} ${month} ${year} ${hours}:${minutes}:${seconds} GMT${when.split(' ')[1]}`)
  const exists = new Date(at).getUTCDate() === Number(day)
  return rest === '' || Number.isNaN(at) || !exists ? 'skipped' : { address: names.split(' ')[0]!, at }
}
