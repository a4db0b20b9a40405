/** What entries and groups have in common: one row each, with its timing. */
import type { Page, Reading, Space, Span } from '@ttl/core/adapter'
import { keyArgs } from './entries.ts'
import { readingOf, SPACES } from './rows.ts'
import type { Session } from './session.ts'
import { clearSql, deleteSql, expireSql, touchSql } from './statements/changes.ts'
import { inspectSql, scanSql } from './statements/reads.ts'
import { decodeText, encodeText, plainArray, textArray } from './text.ts'

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

export type Verb = keyof typeof CHANGES

/** Touches, expires or deletes. Answers for each key what the statement says: whether it is, or was, live. */
export async function change(
  session: Session,
  verb: Verb,
  space: Space,
  namespace: string,
  keys: readonly string[],
  span?: Span,
): Promise<boolean[]> {
  const { names, clockSql } = session.common
  const escaped = keys.map(encodeText)
  const shape = { many: keys.length > 1, shared: false }
  const args = {
    ns: encodeText(namespace),
    space: SPACES[space],
    ...keyArgs(escaped),
    ttlMs: span?.ttlMs,
    maxAgeMs: span?.maxAgeMs,
    until: span?.expiresAt,
  }
  const rows = await session.run(`${verb} ${shape.many}`, () => CHANGES[verb](names, clockSql, shape), args, true)
  const answered = new Set(rows.map(([key]) => key))
  return escaped.map((key) => answered.has(key))
}

/** What one caller wants changed; the span is for `expire`. */
export interface Change {
  readonly key: string
  readonly span: Span | undefined
}

/**
 * Changes of several callers in one statement. It waits for nobody that holds a row: such a change is made again by itself,
 * so that no caller waits for what another one's key waits for.
 */
export async function changeTogether(
  session: Session,
  verb: Verb,
  space: Space,
  namespace: string,
  asked: readonly Change[],
): Promise<(boolean[] | Promise<boolean[]>)[]> {
  const { names, clockSql } = session.common
  const shape = { many: true, shared: true }
  const escaped = asked.map(({ key }) => encodeText(key))
  const args = {
    ns: encodeText(namespace),
    space: SPACES[space],
    keys: textArray(escaped),
    ttlMs: plainArray(asked.map(({ span }) => span?.ttlMs)),
    maxAgeMs: plainArray(asked.map(({ span }) => span?.maxAgeMs)),
    until: plainArray(asked.map(({ span }) => span?.expiresAt)),
  }
  const rows = await session.run(`${verb} shared`, () => CHANGES[verb](names, clockSql, shape), args, true)
  const leftOut = new Map(rows.map(([key, left]) => [key, left === 't']))
  // Only touches have a key twice, and one does for all.
  const alone = new Map<string, Promise<boolean[]>>()
  return asked.map(({ key, span }, index) => {
    const left = leftOut.get(escaped[index] as string)
    if (left !== true) return [left === false]
    const again = alone.get(key) ?? change(session, verb, space, namespace, [key], span)
    alone.set(key, again)
    return again
  })
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
