/** What expires when: counts and lists, without values. */
import type { Due, DuePage, DueRequest, NamespaceTally, Tally } from '@ttl/core/adapter'
import type { Row } from './client.ts'
import { SPACES } from './rows.ts'
import type { Common, Own, Session } from './session.ts'
import { nowSql } from './statements/changes.ts'
import { sweepSql } from './statements/sweep.ts'
import { dueSql, MOST_LOOKED_AT, namespacesSql, nextDueSql, statsSql } from './statements/upkeep.ts'
import type { Broom } from './sweeper.ts'
import { decodeText, encodeText } from './text.ts'

/** The smallest `bigint`: before everything. */
export const BEGINNING = '-9223372036854775808'

export async function clockNow<Shared extends Common>(session: Session<Shared>): Promise<number> {
  const { clock, clockSql } = session.common
  if (clock !== undefined) return Math.floor(clock.now())
  const [row] = await session.run('now', () => nowSql(clockSql), {})
  return Number(row?.[0])
}

export async function stats(
  session: Session,
  namespace: string | undefined,
  edges: readonly number[] | undefined,
): Promise<NamespaceTally[]> {
  const { names, clockSql } = session.common
  const one = namespace !== undefined
  const args = { ns: one ? encodeText(namespace) : undefined, edges: `{${(edges ?? []).join()}}` }
  const rows = await session.run(`stats ${one}`, () => statsSql(names, clockSql, one), args)
  const spaces = new Map<string, { entries: Row[]; groups: Row[] }>()
  if (one) spaces.set(encodeText(namespace), { entries: [], groups: [] })
  for (const row of rows) {
    const found = spaces.get(row[0] as string) ?? { entries: [], groups: [] }
    found[Number(row[1]) === SPACES.entry ? 'entries' : 'groups'].push(row.slice(2))
    spaces.set(row[0] as string, found)
  }
  return [...spaces].map(([ns, { entries, groups }]) => ({
    namespace: decodeText(ns),
    entries: tallyOf(entries, edges),
    groups: tallyOf(groups, edges),
  }))
}

/** From rows of slot, count, first and last deadline. */
export function tallyOf(rows: readonly Row[], edges: readonly number[] | undefined): Tally {
  const buckets = edges?.map(() => 0)
  let [permanent, active, expired] = [0, 0, 0]
  let [next, last]: (number | undefined)[] = []
  for (const [slot, text, first, final] of rows) {
    const count = Number(text)
    if (slot == null) permanent += count
    else if (slot === '-1') expired += count
    else {
      active += count
      next = Math.min(next ?? Number.POSITIVE_INFINITY, Number(first))
      last = Math.max(last ?? Number.NEGATIVE_INFINITY, Number(final))
      if (buckets !== undefined && Number(slot) < buckets.length) buckets[Number(slot)] = count
    }
  }
  return { permanent, active, expired, nextExpiresAt: next, lastExpiresAt: last, buckets }
}

const BEFORE_ALL = [BEGINNING, '', 0, ''] as const

/** Pages by the lower bounds of the deadlines; a page may end before it is full where much was refreshed. */
export async function due(session: Session, { asOf, namespace, cursor, limit }: DueRequest): Promise<DuePage> {
  const { names } = session.common
  const scoped = namespace !== undefined
  const [from, fromNs, fromSpace, fromKey] = cursor === undefined ? BEFORE_ALL : (JSON.parse(cursor) as string[])
  const args = { asOf, from, fromNs, fromSpace, fromKey, limit, look: Math.max(limit, MOST_LOOKED_AT) }
  const rows = await session.run(`due ${scoped}`, () => dueSql(names, scoped), {
    ...args,
    ns: scoped ? encodeText(namespace) : undefined,
  })
  const found = rows.filter((row) => row[3] !== null)
  const end = found.length < limit ? rows.find((row) => row[3] === null) : found.at(-1)
  return {
    due: found.map(dueOf),
    cursor: end && JSON.stringify([end[4], end[1], end[0], end[2]]),
  }
}

const dueOf = ([space, ns, key, expiresAt]: readonly unknown[]): Due => ({
  space: Number(space) === SPACES.entry ? 'entry' : 'group',
  namespace: decodeText(ns as string),
  key: decodeText(key as string),
  expiresAt: Number(expiresAt),
})

export async function nextDue(session: Session): Promise<number | undefined> {
  const [row] = await session.run('next due', () => nextDueSql(session.common.names), {})
  const next = row?.[0]
  return next == null ? undefined : Number(next)
}

export async function namespaces(session: Session): Promise<string[]> {
  const rows = await session.run('namespaces', () => namespacesSql(session.common.names), {})
  return rows.map(([ns]) => decodeText(ns as string))
}

/** The tables of a backend, as they are swept. */
export const broomOf = ({ names, clockSql }: Own): Broom => ({
  sql: (scoped, named) => sweepSql(names, clockSql, scoped, named),
  told: false,
  beginning: BEGINNING,
  encode: encodeText,
  decode: decodeText,
  dueOf,
})
