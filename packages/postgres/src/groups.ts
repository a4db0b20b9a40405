import type { FoundGroup, Payload, Placement, ReadOptions } from '@ttl/core/adapter'
import { type Later, restart } from './entries.ts'
import { Payloads } from './payloads.ts'
import { placementArgs } from './placements.ts'
import { payloadOf, readingOf } from './rows.ts'
import type { Session } from './session.ts'
import { leaveSql, readGroupSql, readGroupsSql, writeGroupSql } from './statements/groups.ts'
import { decodeText, encodeText, plainArray, textArray } from './text.ts'

export async function readGroup(
  session: Session,
  namespace: string,
  id: string,
  members: readonly string[] | undefined,
  options: ReadOptions,
  later: Later,
): Promise<FoundGroup | undefined> {
  const { names, clockSql } = session.common
  const all = members === undefined
  const slide = options.touch && options.sliding
  const key = encodeText(id)
  const args = { ns: encodeText(namespace), key, members: members && textArray(members.map(encodeText)) }
  const rows = await session.run(`read group ${all} ${slide}`, () => readGroupSql(names, clockSql, all, slide), args)
  const [row] = rows
  if (row === undefined) return undefined
  if (options.touch && row[3] === 't' && !slide) {
    // Nobody expected a group that slides: it is read once more, with its restart.
    const again = await readGroup(session, namespace, id, members, { ...options, sliding: true }, later)
    if (again !== undefined) return again
  }
  const late = slide && row[3] === 't'
  const restarted = late ? await restart(session, 'group', namespace, [key], options, later) : undefined
  const found = rows.map((each) => [decodeText(each[0] as string), payloadOf(each, 1)] as const)
  if (!options.detail) return { members: found }
  return { members: found, reading: restarted?.get(key) ?? readingOf(row, 4) }
}

/** What one caller wants of a group. */
export interface GroupRead {
  readonly id: string
  readonly members: readonly string[]
}

/** Reads of several callers in one statement: what several asked for, each gets as its own. */
export async function readGroupsTogether(
  session: Session,
  namespace: string,
  asked: readonly GroupRead[],
  options: ReadOptions,
  later: Later,
): Promise<(FoundGroup | undefined | Promise<FoundGroup | undefined>)[]> {
  const { names, clockSql } = session.common
  const slide = options.touch && options.sliding
  const wanted = new Map<string, Set<string>>()
  for (const { id, members } of asked) {
    const key = encodeText(id)
    const all = wanted.get(key) ?? new Set()
    for (const member of members) all.add(encodeText(member))
    wanted.set(key, all)
  }
  const pairs = [...wanted].flatMap(([key, members]) => [...members].map((member) => [key, member] as const))
  const args = {
    ns: encodeText(namespace),
    keys: textArray([...wanted.keys()]),
    owners: textArray(pairs.map(([key]) => key)),
    members: textArray(pairs.map(([, member]) => member)),
  }
  const rows = await session.run(`read groups ${slide}`, () => readGroupsSql(names, clockSql, slide), args)
  const groups = Map.groupBy(rows, (row) => row[4] as string)
  const more = [...groups].flatMap(([key, [first]]) => (first?.[3] === 't' ? [key] : []))
  if (slide && more.length > 0) await restart(session, 'group', namespace, more, options, later)
  return asked.map(({ id, members }) => {
    const of = new Set(members.map(encodeText))
    const found = (groups.get(encodeText(id)) ?? []).filter(([member]) => of.has(member as string))
    const [row] = found
    if (row === undefined) return undefined
    const group = { members: found.map((each) => [decodeText(each[0] as string), payloadOf(each, 1)] as const) }
    if (!options.touch || slide || row[3] !== 't') return group
    // Nobody expected a group that slides: it is read once more, with its restart.
    const again = readGroup(session, namespace, id, members, { ...options, sliding: true }, later)
    return again.then((slid) => slid ?? group)
  })
}

export async function writeGroup(
  session: Session,
  namespace: string,
  id: string,
  members: readonly (readonly [member: string, payload: Payload])[],
  placement: Placement,
  condition: 'absent' | undefined,
): Promise<boolean> {
  const { names, clockSql } = session.common
  const payloads = new Payloads()
  for (const [, payload] of members) payloads.add(payload)
  const args = {
    ns: encodeText(namespace),
    key: encodeText(id),
    ...placementArgs(placement),
    absent: condition === 'absent',
    members: textArray(members.map(([member]) => encodeText(member))),
    isText: plainArray(payloads.isText),
    at: plainArray(payloads.at),
    size: plainArray(payloads.size),
    data: payloads.data(),
  }
  const [row] = await session.run('write group', () => writeGroupSql(names, clockSql), args, true)
  return row?.[0] === 't'
}

export async function deleteMembers(
  session: Session,
  namespace: string,
  id: string,
  members: readonly string[],
): Promise<boolean[]> {
  const { names, clock } = session.common
  const escaped = members.map(encodeText)
  const args = { ns: encodeText(namespace), key: encodeText(id), members: textArray(escaped) }
  const rows = await session.run('leave', () => leaveSql(names, clock !== undefined), args, true)
  const gone = new Set(rows.map(([member]) => member))
  return escaped.map((member) => gone.has(member))
}
