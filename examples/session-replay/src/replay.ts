import { type Backend, createStore, type Duration, duration, type Expiration, sliding } from '@ttl/core'
import { parseLogLine } from './log-line.ts'

export interface ReplayOptions {
  /** Where the sessions are kept, judged by the clock that is given: the log's own time. */
  readonly backend: (clock: { now(): number }) => Backend
  /** A session ends after this long without a request … */
  readonly idle: Duration
  /** … and this long after its first one in any case. */
  readonly max: Duration | 'unbounded'
}

/** One session of one visitor. Instants are epoch milliseconds. */
export interface Visit {
  readonly address: string
  readonly startedAt: number
  lastAt: number
  requests: number
  /** The deadline that the store gave it after its last request. */
  expiresAt: number
  /** Whether that deadline is the cap, which no further request could have moved. */
  capped: boolean
}

export interface Replay {
  readonly requests: number
  /** Lines that are no request: malformed or empty. */
  readonly skippedLines: number
  /** Requests that were earlier than one before them, and replayed at the latest time seen. */
  readonly lateLines: number
  readonly sessionsContinued: number
  /** What the store counts after the last request. */
  readonly liveAtEnd: number
  readonly sweeps: number
  readonly sweptRows: number
  /** All sessions, in the order in which they started. */
  readonly visits: readonly Visit[]
  /** The time of the first and of the last request, as replayed. */
  readonly from: number
  readonly to: number
  /** The offset of the first request's time. */
  readonly zone: string
}

/** A sweep runs before the first request that comes this long, in log time, after the one before; and once at the end. */
export const SWEEP_EVERY: Duration = duration('10m')

/** What is stored: which visit this is. The store decides how long it stays one. */
interface Session {
  readonly visit: number
}

/** Plays a log into a store. What is a session, and when it ends, is the store's answer alone. */
export async function replay(lines: Iterable<string> | AsyncIterable<string>, options: ReplayOptions): Promise<Replay> {
  let now = 0
  await using store = createStore({ backend: options.backend({ now: () => now }) })
  const sessions = store.namespace<Session>('session', { policy: sliding(options.idle, { max: options.max }) })

  const visits: Visit[] = []
  let [requests, skippedLines, lateLines, sessionsContinued, sweeps, sweptRows] = [0, 0, 0, 0, 0, 0]
  let [from, nextSweep, zone] = [0, 0, '+0000']

  const sweep = async () => {
    sweptRows += (await store.sweep()).deleted
    sweeps++
    nextSweep = now + SWEEP_EVERY.ms
  }

  for await (const line of lines) {
    const request = parseLogLine(line)
    if (request === undefined) {
      skippedLines++
      continue
    }
    const at = request.at.epochMilliseconds
    if (requests === 0) [now, from, zone, nextSweep] = [at, at, request.zone, at + SWEEP_EVERY.ms]
    if (at < now) lateLines++
    else now = at
    requests++
    if (now >= nextSweep) await sweep()

    const { address } = request
    // A hit restarts the idle window, up to the cap. At its deadline a session is gone: that is a miss.
    const entry = await sessions.getEntry(address)
    let visit = entry && visits[entry.value.visit]
    if (entry !== undefined && visit !== undefined) {
      sessionsContinued++
      follow(visit, entry.expiry)
    } else {
      visit = { address, startedAt: now, lastAt: now, requests: 0, expiresAt: now, capped: false }
      await sessions.set(address, { visit: visits.push(visit) - 1 })
      follow(visit, await sessions.expiry(address))
    }
    visit.lastAt = now
    visit.requests++
  }

  if (requests > 0) await sweep()
  const liveAtEnd = requests > 0 ? await sessions.count() : 0
  return {
    requests,
    skippedLines,
    lateLines,
    sessionsContinued,
    liveAtEnd,
    sweeps,
    sweptRows,
    visits,
    from,
    to: now,
    zone,
  }
}

function follow(visit: Visit, expiry: Expiration): void {
  if (expiry.state !== 'expires')
    throw new Error(`a sliding session has a deadline, but the store says ${expiry.state}`)
  visit.expiresAt = expiry.expiresAt.epochMilliseconds
  visit.capped = expiry.capAt?.epochMilliseconds === visit.expiresAt
}
