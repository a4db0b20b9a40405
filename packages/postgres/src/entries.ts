/** Reading and writing entries. */
import type { Found, Payload, Reading, ReadOptions, Space, Write } from '@ttl/core/adapter'
import type { Row } from './client.ts'
import { comparesPayload, isPlain, writeArgs, writesArgs } from './placements.ts'
import { payloadOf, readingOf, SPACES } from './rows.ts'
import type { Session } from './session.ts'
import { takeSql } from './statements/changes.ts'
import { readSql, slideSql } from './statements/reads.ts'
import { putSql, writeSql } from './statements/writes.ts'
import { encodeText, textArray } from './text.ts'

/** Takes over a restart that the reader does not wait for. */
export type Later = (work: Promise<unknown>) => void

export async function readEntries(
  session: Session,
  namespace: string,
  keys: readonly string[],
  options: ReadOptions,
  later: Later,
): Promise<(Found | undefined)[]> {
  const { names, clockSql } = session.common
  const shape = { many: keys.length > 1, slide: options.touch && options.sliding, detail: options.detail }
  const escaped = keys.map(encodeText)
  const rows = await session.run(
    `read ${shape.many} ${shape.slide} ${shape.detail}`,
    () => readSql(names, clockSql, shape),
    { ns: encodeText(namespace), ...keyArgs(escaped) },
  )
  const found = new Map(rows.map((row) => [row[0] as string, row]))
  const due = options.touch ? rows.flatMap((row) => (row[3] === 't' ? [row[0] as string] : [])) : []
  const restarted =
    due.length === 0 ? undefined : await restart(session, 'entry', namespace, due, shape.slide, options, later)
  return escaped.map((key) => {
    const row = found.get(key)
    if (row === undefined) return undefined
    const payload = payloadOf(row, 1)
    if (!options.detail) return { payload }
    return { payload, reading: restarted?.get(key) ?? readingOf(row, 4) }
  })
}

/**
 * The restart that a read left over: because it was not expected, or (`late`) because somebody held the row. Nobody waits
 * for who holds a row unless the new deadline is asked for.
 */
export async function restart(
  session: Session,
  space: Space,
  namespace: string,
  escaped: readonly string[],
  late: boolean,
  options: ReadOptions,
  later: Later,
): Promise<ReadonlyMap<string, Reading> | undefined> {
  const { names, clockSql } = session.common
  const args = { ns: encodeText(namespace), space: SPACES[space], keys: textArray(escaped) }
  const work = session.run('slide', () => slideSql(names, clockSql), args)
  if (late && !options.detail && !session.bound) {
    later(work)
    return undefined
  }
  return new Map((await work).map((row) => [row[0] as string, readingOf(row, 1)]))
}

export const keyArgs = (escaped: readonly string[]) =>
  escaped.length === 1 ? { key: escaped[0] } : { keys: textArray(escaped) }

/** Writes all or nothing. */
export async function writeEntries(session: Session, namespace: string, writes: readonly Write[]): Promise<boolean[]> {
  const [first] = writes
  if (writes.length === 1 && first !== undefined) return [await writeEntry(session, namespace, first)]
  const rows = await writeRows(session, namespace, writes, false)
  const stored = new Set(rows.flatMap((row) => (row[1] === 't' ? [row[0] as string] : [])))
  return writes.map(({ key }) => stored.has(encodeText(key)))
}

/**
 * Writes of several callers in one statement. It waits for nobody that holds a row: such a write is made again by itself,
 * so that no caller waits for what another one's key waits for.
 */
export async function writeTogether(
  session: Session,
  namespace: string,
  writes: readonly Write[],
): Promise<(boolean | Promise<boolean>)[]> {
  const [first] = writes
  if (writes.length === 1 && first !== undefined) return [await writeEntry(session, namespace, first)]
  const rows = new Map((await writeRows(session, namespace, writes, true)).map((row) => [row[0] as string, row]))
  return writes.map((write) => {
    const row = rows.get(encodeText(write.key))
    return row?.[2] === 't' ? writeEntry(session, namespace, write) : row?.[1] === 't'
  })
}

async function writeRows(
  session: Session,
  namespace: string,
  writes: readonly Write[],
  skip: boolean,
): Promise<readonly Row[]> {
  const { names, clockSql } = session.common
  const shape = { many: true, compare: writes.some(comparesPayload), skip }
  const args = { ns: encodeText(namespace), ...writesArgs(writes) }
  return session.run(`write many ${shape.compare} ${skip}`, () => writeSql(names, clockSql, shape), args, true)
}

async function writeEntry(session: Session, namespace: string, write: Write): Promise<boolean> {
  const { names, clockSql } = session.common
  const args = { ns: encodeText(namespace), ...writeArgs(write) }
  if (isPlain(write)) {
    await session.run('put', () => putSql(names, clockSql), args, true)
    return true
  }
  const shape = { many: false, compare: comparesPayload(write), skip: false }
  const [row] = await session.run(`write one ${shape.compare}`, () => writeSql(names, clockSql, shape), args, true)
  return row?.[1] === 't'
}

export async function takeEntry(session: Session, namespace: string, key: string): Promise<Payload | undefined> {
  const { names, clockSql } = session.common
  const args = { ns: encodeText(namespace), space: SPACES.entry, key: encodeText(key) }
  const [row] = await session.run('take', () => takeSql(names, clockSql), args, true)
  return row && payloadOf(row, 0)
}
