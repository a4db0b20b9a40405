/** Reading and writing entries. */
import type { Found, Payload, Reading, ReadOptions, Space, Write } from '@ttl/core/adapter'
import { comparesPayload, isPlain, putsArgs, writeArgs, writesArgs } from './placements.ts'
import { isSliding, payloadOf, readingOf, SPACES, valuePayload } from './rows.ts'
import type { Session } from './session.ts'
import { takeSql } from './statements/changes.ts'
import { readSql, slideSql, slidingSql } from './statements/reads.ts'
import { putManySql, putSql, writeSql } from './statements/writes.ts'
import { decodeText, encodeText, textArray } from './text.ts'

const PLAIN = { many: false, detail: false } as const

/** Takes over a restart that the reader does not wait for. */
export type Later = (work: Promise<unknown>) => void

export async function readEntries(
  session: Session,
  namespace: string,
  keys: readonly string[],
  options: ReadOptions,
  later: Later,
): Promise<(Found | undefined)[]> {
  if (options.touch && options.sliding) return slideEntries(session, namespace, keys, options, later)
  if (keys.length === 1 && !options.detail)
    return [await readPlain(session, namespace, keys[0] as string, options, later)]
  const { names, clockSql } = session.common
  const shape = { many: keys.length > 1, detail: options.detail }
  const escaped = keys.map(encodeText)
  const args = { ns: encodeText(namespace), ...keyArgs(escaped) }
  const rows = await session.run(`read ${shape.many} ${shape.detail}`, () => readSql(names, clockSql, shape), args)
  const found = new Map<string, Found>()
  const sliding: string[] = []
  for (const row of rows) {
    const [key, value] = row as [string, string]
    found.set(
      key,
      options.detail ? { payload: valuePayload(value), reading: readingOf(row, 2) } : { payload: valuePayload(value) },
    )
    if (options.touch && isSliding(value)) sliding.push(key)
  }
  if (sliding.length > 0) {
    // Nobody expected entries that slide: they are read once more, with their restart.
    const again = await slideEntries(session, namespace, sliding.map(decodeText), options, later)
    for (const [index, each] of again.entries()) if (each !== undefined) found.set(sliding[index] as string, each)
  }
  return escaped.map((key) => found.get(key))
}

/** The commonest read. */
export function readPlain(
  session: Session,
  namespace: string,
  key: string,
  options: ReadOptions,
  later: Later,
): Promise<Found | undefined> {
  const { names, clockSql } = session.common
  const args = { ns: encodeText(namespace), key: encodeText(key) }
  return session
    .run('read', () => readSql(names, clockSql, PLAIN), args)
    .then((rows) => {
      const value = rows[0]?.[0]
      if (typeof value !== 'string') return undefined
      const found = { payload: valuePayload(value) }
      if (!options.touch || !isSliding(value)) return found
      return slideEntries(session, namespace, [key], options, later).then(([again]) => again ?? found)
    })
}

/** Reads and restarts in one statement. */
async function slideEntries(
  session: Session,
  namespace: string,
  keys: readonly string[],
  options: ReadOptions,
  later: Later,
): Promise<(Found | undefined)[]> {
  const { names, clockSql } = session.common
  const shape = { many: keys.length > 1, detail: options.detail }
  const escaped = keys.map(encodeText)
  const args = { ns: encodeText(namespace), ...keyArgs(escaped) }
  const rows = await session.run(`slide ${shape.many} ${shape.detail}`, () => slidingSql(names, clockSql, shape), args)
  const found = new Map<string, Found>()
  for (const row of rows) {
    const payload = payloadOf(row, 1)
    found.set(row[0] as string, options.detail ? { payload, reading: readingOf(row, 4) } : { payload })
  }
  const late = rows.flatMap((row) => (row[3] === 't' ? [row[0] as string] : []))
  if (late.length > 0) {
    const restarted = await restart(session, 'entry', namespace, late, options, later)
    for (const [key, reading] of restarted ?? []) {
      const each = found.get(key)
      if (each !== undefined && options.detail) found.set(key, { ...each, reading })
    }
  }
  return escaped.map((key) => found.get(key))
}

/** Reads of several callers in one statement: what several asked for, each gets as its own. */
export async function readTogether(
  session: Session,
  namespace: string,
  asked: readonly string[],
  options: ReadOptions,
  later: Later,
): Promise<(readonly (Found | undefined)[])[]> {
  const keys = [...new Set(asked)]
  const found = await readEntries(session, namespace, keys, options, later)
  if (keys.length === asked.length) return found.map((each) => [each])
  const byKey = new Map(keys.map((key, index) => [key, found[index]]))
  return asked.map((key) => [own(byKey.get(key))])
}

function own(found: Found | undefined): Found | undefined {
  if (found === undefined || typeof found.payload === 'string') return found
  return { payload: new Uint8Array(found.payload) }
}

/**
 * The restart that a read left over because somebody held the row. Nobody waits for who holds a row unless the new
 * deadline is asked for.
 */
export async function restart(
  session: Session,
  space: Space,
  namespace: string,
  escaped: readonly string[],
  options: ReadOptions,
  later: Later,
): Promise<ReadonlyMap<string, Reading> | undefined> {
  const { names, clockSql } = session.common
  const args = { ns: encodeText(namespace), space: SPACES[space], keys: textArray(escaped) }
  const work = session.run('late', () => slideSql(names, clockSql), args)
  // An injected clock may jump before it has run, so it is waited for there.
  if (!options.detail && !session.bound && session.common.clock === undefined) {
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
  const outcomeOf = await writeRows(session, namespace, writes, false)
  return writes.map((write) => outcomeOf(write) === 'stored')
}

/**
 * Two or more writes of several callers in one statement. It waits for nobody that holds a row: such a write is made again
 * by itself, so that no caller waits for what another one's key waits for.
 */
export async function writeTogether(
  session: Session,
  namespace: string,
  writes: readonly Write[],
): Promise<(boolean | Promise<boolean>)[]> {
  const outcomeOf = await writeRows(session, namespace, writes, true)
  return writes.map((write) => {
    const outcome = outcomeOf(write)
    return outcome === 'held' ? writeEntry(session, namespace, write) : outcome === 'stored'
  })
}

/** @param skip whether a row that somebody else holds is left out: `'held'` */
async function writeRows(
  session: Session,
  namespace: string,
  writes: readonly Write[],
  skip: boolean,
): Promise<(write: Write) => 'stored' | 'refused' | 'held'> {
  const { names, clockSql } = session.common
  const ns = encodeText(namespace)
  if (writes.every(isPlain)) {
    const sql = () => putManySql(names, clockSql, skip)
    const rows = await session.run(`put many ${skip}`, sql, { ns, ...putsArgs(writes) }, true)
    const held = new Set(rows.map(([key]) => key))
    return ({ key }) => (held.has(encodeText(key)) ? 'held' : 'stored')
  }
  const shape = { many: true, compare: writes.some(comparesPayload), skip }
  const sql = () => writeSql(names, clockSql, shape)
  const rows = await session.run(`write many ${shape.compare} ${skip}`, sql, { ns, ...writesArgs(writes) }, true)
  const byKey = new Map(rows.map((row) => [row[0] as string, row]))
  return ({ key }) => {
    const row = byKey.get(encodeText(key))
    if (row?.[2] === 't') return 'held'
    return row?.[1] === 't' ? 'stored' : 'refused'
  }
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
