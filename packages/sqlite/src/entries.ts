import {
  accessed,
  type Found,
  isLive,
  type Payload,
  place,
  type ReadOptions,
  satisfies,
  type Timing,
  type Write,
} from '@ttl/core/adapter'
import type { ItemSession } from './item-tables.ts'
import { findLive, isFarFromDeath, overwrite, put, remove, restart, restartAlone } from './items.ts'
import { Contended } from './patience.ts'
import { payloadOf, timingOf, type ValueRow } from './rows.ts'

const get = ({ sql }: ItemSession, namespace: string, key: string) =>
  sql.get.get(namespace, key) as ValueRow | undefined

/** Reads without a lock; only when a restart is due, a transaction follows that judges the row again. */
export function readEntries(
  session: ItemSession,
  namespace: string,
  keys: readonly string[],
  { touch, detail }: ReadOptions,
  contended: boolean,
): (Found | undefined)[] {
  const read = () => keys.map((key) => get(session, namespace, key))
  const rows = keys.length === 1 ? read() : session.snapshot(read)
  const now = session.now()
  const due: number[] = []
  let alone = rows.length === 1 && !detail
  const found = rows.map((row, index): Found | undefined => {
    if (row === undefined) return undefined
    const timing = timingOf(row)
    if (!isLive(timing, now)) return undefined
    if (touch && accessed(timing, now).expiresAt !== timing.expiresAt) due.push(index)
    alone &&= isFarFromDeath(session, timing.expiresAt, now)
    const payload = payloadOf(row.value)
    return detail ? { payload, reading: { ...timing, now } } : { payload }
  })
  if (due.length > 0) {
    if (contended) throw new Contended()
    const [only = ''] = keys
    if (alone && restartAlone(session, 'accessed', 'entry', namespace, only, rows[0]?.id)) return found
    session.immediate(due.length, () => {
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

export function writeEntries(session: ItemSession, namespace: string, writes: readonly Write[]): boolean[] {
  const [only] = writes
  if (writes.length === 1 && only !== undefined && writeAlone(session, namespace, only)) return [true]
  return session.immediate(writes.length, () => {
    const now = session.now()
    return writes.map((write) => {
      const writeOne = isPlain(write) ? writePlain : writePlaced
      return writeOne(session, namespace, write, now)
    })
  })
}

/** A write whose timing does not depend on what is stored. */
function isPlain({ placement, condition }: Write): boolean {
  return placement.onLive === 'replace' && placement.expiry.maxAgeMs === undefined && condition === undefined
}

/** A plain write in one statement, as most are. Answers `false` when it takes more than that. */
function writeAlone(session: ItemSession, namespace: string, write: Write): boolean {
  if (!isPlain(write)) return false
  const now = session.now()
  const timing = place(undefined, write.placement, now)
  if (!isLive(timing, now)) return false
  return session.alone(() => overwrite(session, 'entry', namespace, write.key, timing, write.payload))
}

function writePlain(session: ItemSession, namespace: string, { key, payload, placement }: Write, now: number): boolean {
  const timing = place(undefined, placement, now)
  const survives = isLive(timing, now)
  if (survives) put(session, 'entry', namespace, key, timing, payload)
  else remove(session, 'entry', namespace, key)
  return survives
}

function writePlaced(
  session: ItemSession,
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

export function takeEntry(session: ItemSession, namespace: string, key: string): Payload | undefined {
  return session.immediate(1, () => {
    const taken = session.sql.take.all(namespace, key, session.now())[0] as Pick<ValueRow, 'value'> | undefined
    return taken && payloadOf(taken.value)
  })
}
