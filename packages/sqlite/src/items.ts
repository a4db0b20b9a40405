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

/** Restarts by the rule of `touched` or `accessed`, from the columns of the row. Answers whether the deadline moved. */
export function restart(
  { sql }: ItemSession,
  rule: Restarting,
  space: Space,
  namespace: string,
  key: string,
  now: number,
): boolean {
  const [least, gate] = rule === 'touched' ? [MODES.write, 0] : [MODES.access, 1]
  return sql.restart.run(now, namespace, SPACES[space], key, least, now, now, gate, now).changes > 0
}

/** Stores timing and value of a row; the caller holds the write lock. The value of a group is null. */
export function put(
  { sql }: ItemSession,
  space: Space,
  namespace: string,
  key: string,
  timing: Timing,
  value: unknown,
): void {
  const { expiresAt = null, bornAt = null, ttlMs = null, capAt = null, restartOn, refreshAfter } = timing
  const place = [namespace, SPACES[space], key] as const
  const row = [...place, expiresAt, expiresAt, bornAt, ttlMs, capAt, MODES[restartOn], refreshAfter, value]
  if (sql.put.run(...row).changes > 0) return
  sql.file.run(expiresAt, ...place)
  sql.put.run(...row)
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
  return session.immediate(keys.length, () => {
    const now = session.now()
    return keys.map((key) => {
      const removed = remove(session, space, namespace, key)
      return removed !== undefined && isLive({ expiresAt: removed.expiresAt ?? undefined }, now)
    })
  })
}

export function touch(session: ItemSession, space: Space, namespace: string, keys: readonly string[]): boolean[] {
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
