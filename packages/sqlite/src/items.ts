/** What entries and groups have in common: one row each, with its timing. */
import { isLive, type Reading, replaced, type Space, type Span, type Timing } from '@ttl/core/adapter'
import type { ItemSession } from './item-tables.ts'
import { type ItemRow, MODES, SPACES, timingOf, type ValueRow } from './rows.ts'

type Restarting = 'touched' | 'accessed'

export const find = ({ sql }: ItemSession, space: Space, namespace: string, key: string) =>
  sql.find.get(namespace, SPACES[space], key) as ItemRow | undefined

export function findLive(
  session: ItemSession,
  space: Space,
  namespace: string,
  key: string,
  now: number,
): Timing | undefined {
  const row = find(session, space, namespace, key)
  const timing = row && timingOf(row)
  return timing !== undefined && isLive(timing, now) ? timing : undefined
}

/**
 * Restarts by the rule of `touched` or `accessed`, from the columns of the row. Answers whether the deadline moved.
 *
 * @param aliveAt only what still lives then
 * @param id of the row, where it has been found
 */
export function restart(
  { sql }: ItemSession,
  rule: Restarting,
  space: Space,
  namespace: string,
  key: string,
  now: number,
  aliveAt = now,
  id?: number,
): boolean {
  const [least, gate] = rule === 'touched' ? [MODES.write, 0] : [MODES.access, 1]
  const { changes } =
    id === undefined
      ? sql.restart.run(now, namespace, SPACES[space], key, least, aliveAt, now, gate, now)
      : sql.restartFound.run(now, id, namespace, SPACES[space], key, least, aliveAt, now, gate, now)
  return changes > 0
}

/** What a statement may take besides its wait for the lock. */
const SPARE_MS = 1_000

/** Whether what dies then is so far from it that waiting for a lock cannot bring it there. */
export const isFarFromDeath = ({ longestWaitMs }: ItemSession, expiresAt: number | undefined, now: number): boolean =>
  expiresAt !== undefined && isLive({ expiresAt }, now + longestWaitMs + SPARE_MS)

/**
 * Restarts one row outside a transaction if it is {@link isFarFromDeath}, whatever it is by then: the dead must not come
 * back. Answers `false` also when a transaction has to look.
 */
export function restartAlone(
  session: ItemSession,
  rule: Restarting,
  space: Space,
  namespace: string,
  key: string,
  id?: number,
): boolean {
  const now = session.now()
  const aliveAt = now + session.longestWaitMs + SPARE_MS
  return session.alone(() => restart(session, rule, space, namespace, key, now, aliveAt, id))
}

/** Stores timing and value of a row; the caller holds the write lock. The value of a group is null. */
export function put(
  session: ItemSession,
  space: Space,
  namespace: string,
  key: string,
  timing: Timing,
  value: unknown,
): void {
  if (overwrite(session, space, namespace, key, timing, value)) return
  session.sql.file.run(timing.expiresAt, namespace, SPACES[space], key)
  overwrite(session, space, namespace, key, timing, value)
}

/** As {@link put}, in one statement. Answers `false`, and has done nothing, when the row has to be filed anew first. */
export function overwrite(
  { sql }: ItemSession,
  space: Space,
  namespace: string,
  key: string,
  timing: Timing,
  value: unknown,
): boolean {
  const { expiresAt = null, bornAt = null, ttlMs = null, capAt = null, restartOn, refreshAfter } = timing
  const mode = MODES[restartOn]
  const place = [namespace, SPACES[space], key] as const
  return sql.put.run(...place, expiresAt, expiresAt, bornAt, ttlMs, capAt, mode, refreshAfter, value).changes > 0
}

export function remove(
  { sql }: ItemSession,
  space: Space,
  namespace: string,
  key: string,
): { expiresAt: number | null } | undefined {
  return sql.remove.all(namespace, SPACES[space], key)[0] as { expiresAt: number | null } | undefined
}

/** Changes the timing of a live row, down to its removal. Answers whether it is live afterwards. */
function retime(
  session: ItemSession,
  space: Space,
  namespace: string,
  key: string,
  { sweepAt }: ItemRow,
  timing: Timing,
  now: number,
): boolean {
  if (!isLive(timing, now)) {
    remove(session, space, namespace, key)
    return false
  }
  const { expiresAt = null, bornAt = null, ttlMs = null, capAt = null, restartOn, refreshAfter } = timing
  const place = [namespace, SPACES[space], key] as const
  if (expiresAt !== null && (sweepAt === null || expiresAt < sweepAt)) session.sql.file.run(expiresAt, ...place)
  session.sql.retime.run(expiresAt, bornAt, ttlMs, capAt, MODES[restartOn], refreshAfter, ...place)
  return true
}

export function inspect(
  session: ItemSession,
  space: Space,
  namespace: string,
  keys: readonly string[],
): (Reading | undefined)[] {
  return session.snapshot(() => {
    const rows = keys.map((key) => find(session, space, namespace, key))
    const now = session.now()
    return rows.map((row) => {
      const timing = row && timingOf(row)
      return timing !== undefined && isLive(timing, now) ? { ...timing, now } : undefined
    })
  })
}

export function deleteItems(session: ItemSession, space: Space, namespace: string, keys: readonly string[]): boolean[] {
  const removeAll = () => keys.map((key) => remove(session, space, namespace, key))
  // What is deleted depends on no clock; whether it lived is judged once it is gone.
  const removed = keys.length === 1 ? session.alone(removeAll) : session.immediate(keys.length, removeAll)
  const now = session.now()
  return removed.map((row) => row !== undefined && isLive({ expiresAt: row.expiresAt ?? undefined }, now))
}

export function touch(session: ItemSession, space: Space, namespace: string, keys: readonly string[]): boolean[] {
  const [only = ''] = keys
  if (keys.length === 1 && restartAlone(session, 'touched', space, namespace, only)) return [true]
  return session.immediate(keys.length, () => {
    const now = session.now()
    return keys.map(
      (key) =>
        restart(session, 'touched', space, namespace, key, now) ||
        findLive(session, space, namespace, key, now) !== undefined,
    )
  })
}

export function expire(
  session: ItemSession,
  space: Space,
  namespace: string,
  keys: readonly string[],
  span: Span,
): boolean[] {
  return session.immediate(keys.length, () => {
    const now = session.now()
    return keys.map((key) => {
      const row = find(session, space, namespace, key)
      const timing = row && timingOf(row)
      if (row === undefined || timing === undefined || !isLive(timing, now)) return false
      return retime(session, space, namespace, key, row, replaced(timing, span, now), now)
    })
  })
}

export function scan(session: ItemSession, space: Space, namespace: string, after: string, limit: number) {
  return session.snapshot(() => {
    const rows = session.sql.scan.all(namespace, SPACES[space], after, limit) as {
      key: string
      expiresAt: number | null
    }[]
    const now = session.now()
    return {
      keys: rows.filter(({ expiresAt }) => isLive({ expiresAt: expiresAt ?? undefined }, now)).map(({ key }) => key),
      cursor: rows.length < limit ? undefined : rows.at(-1)?.key,
    }
  })
}

export type { ValueRow }
