import {
  accessed,
  type Found,
  isLive,
  type Payload,
  type Placement,
  type Planned,
  place,
  type ReadOptions,
  satisfies,
  type Timing,
  type Write,
} from '@ttl/core/adapter'
import type { Session } from './connection.ts'
import { findLive, put, remove, restart } from './items.ts'
import { MODES, payloadOf, SPACES, timingOf, type ValueRow } from './rows.ts'

const get = ({ sql }: Session, namespace: string, key: string) => sql.get.get(namespace, key) as ValueRow | undefined

/** Reads without a lock; only when a restart is due, a transaction follows that judges the row again. */
export function readEntries(
  session: Session,
  namespace: string,
  keys: readonly string[],
  { touch, detail }: ReadOptions,
): (Found | undefined)[] {
  const read = () => keys.map((key) => get(session, namespace, key))
  const rows = keys.length === 1 ? read() : session.snapshot(read)
  const now = session.now()
  const due: number[] = []
  const found = rows.map((row, index): Found | undefined => {
    if (row === undefined) return undefined
    const timing = timingOf(row)
    if (!isLive(timing, now)) return undefined
    if (touch && accessed(timing, now).expiresAt !== timing.expiresAt) due.push(index)
    const payload = payloadOf(row.value)
    return detail ? { payload, reading: { ...timing, now } } : { payload }
  })
  if (due.length > 0) {
    session.immediate(() => {
      const then = session.now()
      for (const index of due) {
        const key = keys[index] as string
        if (!restart(session, 'accessed', 'entry', namespace, key, then) || !detail) continue
        const timing = findLive(session, 'entry', namespace, key, then) as Timing
        found[index] = { payload: (found[index] as Found).payload, reading: { ...timing, now: then } }
      }
    })
  }
  return found
}

export function writeEntries(session: Session, namespace: string, writes: readonly Write[]): boolean[] {
  return session.immediate(() => {
    const now = session.now()
    return writes.map((write) =>
      isPlain(write.placement) && write.condition === undefined
        ? writePlain(session, namespace, write.key, write.payload, write.placement, now)
        : writePlaced(session, namespace, write, now),
    )
  })
}

/** A write whose timing does not depend on what is stored, but for the birth of a live entry. */
function isPlain(placement: Placement): placement is Planned {
  return placement.onLive === 'replace' && placement.expiry.maxAgeMs === undefined
}

function writePlain(
  session: Session,
  namespace: string,
  key: string,
  payload: Payload,
  placement: Planned,
  now: number,
): boolean {
  const timing = place(undefined, placement, now)
  if (!isLive(timing, now)) {
    remove(session, 'entry', namespace, key)
    return false
  }
  const { sql } = session
  const { expiresAt = null, ttlMs = null, capAt = null, restartOn, refreshAfter } = timing
  const row = [
    namespace,
    SPACES.entry,
    key,
    expiresAt,
    expiresAt,
    null,
    ttlMs,
    capAt,
    MODES[restartOn],
    refreshAfter,
    payload,
    now,
  ]
  if (sql.putPlain.run(...row).changes === 0) {
    sql.file.run(expiresAt, namespace, SPACES.entry, key)
    sql.putPlain.run(...row)
  }
  return true
}

function writePlaced(
  session: Session,
  namespace: string,
  { key, payload, placement, condition }: Write,
  now: number,
): boolean {
  const row = get(session, namespace, key)
  const current = row && timingOf(row)
  const live = row !== undefined && current !== undefined && isLive(current, now)
  if (!satisfies(condition, live ? payloadOf(row.value) : undefined)) return false
  const timing = place(current, placement, now)
  if (isLive(timing, now)) {
    put(session, 'entry', namespace, key, timing, payload)
    return true
  }
  if (row !== undefined) remove(session, 'entry', namespace, key)
  return false
}

export function takeEntry(session: Session, namespace: string, key: string): Payload | undefined {
  return session.immediate(() => {
    const taken = session.sql.take.all(namespace, key, session.now())[0] as Pick<ValueRow, 'value'> | undefined
    return taken && payloadOf(taken.value)
  })
}
