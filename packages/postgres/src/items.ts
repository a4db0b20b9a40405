/** What entries and groups have in common: one row each, with its timing. */
import type { Page, Reading, Space, Span } from '@ttl/core/adapter'
import { keyArgs } from './entries.ts'
import { readingOf, SPACES } from './rows.ts'
import type { Session } from './session.ts'
import { clearSql, deleteSql, expireSql, touchSql } from './statements/changes.ts'
import { inspectSql, scanSql } from './statements/reads.ts'
import { decodeText, encodeText } from './text.ts'

export async function inspect(session: Session, space: Space, namespace: string, keys: readonly string[]) {
  const { names, clockSql } = session.common
  const escaped = keys.map(encodeText)
  const many = keys.length > 1
  const args = { ns: encodeText(namespace), space: SPACES[space], ...keyArgs(escaped) }
  const rows = await session.run(`inspect ${many}`, () => inspectSql(names, clockSql, many), args)
  const found = new Map(rows.map((row) => [row[0] as string, row]))
  return escaped.map((key): Reading | undefined => {
    const row = found.get(key)
    return row && readingOf(row, 1)
  })
}

const CHANGES = { touch: touchSql, expire: expireSql, delete: deleteSql } as const

/** Touches, expires or deletes. Answers for each key what the statement says: whether it is, or was, live. */
export async function change(
  session: Session,
  verb: keyof typeof CHANGES,
  space: Space,
  namespace: string,
  keys: readonly string[],
  span?: Span,
): Promise<boolean[]> {
  const { names, clockSql } = session.common
  const escaped = keys.map(encodeText)
  const many = keys.length > 1
  const args = {
    ns: encodeText(namespace),
    space: SPACES[space],
    ...keyArgs(escaped),
    ttlMs: span?.ttlMs,
    maxAgeMs: span?.maxAgeMs,
    until: span?.expiresAt,
  }
  const rows = await session.run(`${verb} ${many}`, () => CHANGES[verb](names, clockSql, many), args, true)
  const answered = new Set(rows.map(([key]) => key))
  return escaped.map((key) => answered.has(key))
}

export async function scan(
  session: Session,
  space: Space,
  namespace: string,
  after: string,
  limit: number,
): Promise<Page> {
  const { names, clockSql } = session.common
  const args = { ns: encodeText(namespace), space: SPACES[space], after, limit }
  const rows = await session.run('scan', () => scanSql(names, clockSql), args)
  return {
    keys: rows.flatMap(([key, live]) => (live === 't' ? [decodeText(key as string)] : [])),
    cursor: rows.length < limit ? undefined : (rows.at(-1)?.[0] ?? undefined),
  }
}

export async function clear(session: Session, namespace: string): Promise<void> {
  await session.run('clear', () => clearSql(session.common.names), { ns: encodeText(namespace) }, true)
}
