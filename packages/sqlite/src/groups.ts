import {
  accessed,
  type FoundGroup,
  isLive,
  type Payload,
  type Placement,
  place,
  type ReadOptions,
} from '@ttl/core/adapter'
import type { ItemSession } from './item-tables.ts'
import { find, findLive, put, remove, restart } from './items.ts'
import { Contended } from './patience.ts'
import { payloadOf, timingOf, type ValueRow } from './rows.ts'

type Members = readonly (readonly [member: string, payload: Payload])[]

export function readGroup(
  session: ItemSession,
  namespace: string,
  id: string,
  names: readonly string[] | undefined,
  { touch, detail }: ReadOptions,
  contended: boolean,
): FoundGroup | undefined {
  const found = session.snapshot(() => {
    const row = find(session, 'group', namespace, id)
    return (
      row && {
        timing: timingOf(row),
        members: names === undefined ? allMembers(session, row.id) : someMembers(session, row.id, names),
      }
    )
  })
  const now = session.now()
  if (found === undefined || found.members.length === 0 || !isLive(found.timing, now)) return undefined
  const { timing, members } = found
  const reading = { ...timing, now }
  if (!touch || accessed(timing, now).expiresAt === timing.expiresAt) return detail ? { members, reading } : { members }
  if (contended) throw new Contended()
  const moved = session.immediate(1, () => {
    const then = session.now()
    const restarted = restart(session, 'accessed', 'group', namespace, id, then)
    const after = restarted && detail ? findLive(session, 'group', namespace, id, then) : undefined
    return after && { ...after, now: then }
  })
  return detail ? { members, reading: moved ?? reading } : { members }
}

function allMembers({ sql }: ItemSession, owner: number): Members {
  const rows = sql.members.all(owner) as (Pick<ValueRow, 'value'> & { member: string })[]
  return rows.map(({ member, value }) => [member, payloadOf(value)])
}

function someMembers({ sql }: ItemSession, owner: number, names: readonly string[]): Members {
  return names.flatMap((name) => {
    const row = sql.member.get(owner, name) as Pick<ValueRow, 'value'> | undefined
    return row === undefined ? [] : [[name, payloadOf(row.value)] as const]
  })
}

export function writeGroup(
  session: ItemSession,
  namespace: string,
  id: string,
  members: Members,
  placement: Placement,
  condition: 'absent' | undefined,
): boolean {
  return session.immediate(members.length, () => {
    const now = session.now()
    const row = find(session, 'group', namespace, id)
    const current = row && timingOf(row)
    const live = current !== undefined && isLive(current, now)
    if (condition === 'absent' && live) return false
    const timing = place(current, placement, now)
    const survives = isLive(timing, now)
    // The members of a group go with its row.
    const goesOn = live && survives && placement.onLive !== 'exact'
    if (row !== undefined && !goesOn) remove(session, 'group', namespace, id)
    if (!survives) return false
    put(session, 'group', namespace, id, timing, null)
    const { id: owner } = find(session, 'group', namespace, id) as { id: number }
    for (const [member, payload] of members) session.sql.putMember.run(owner, member, payload)
    return true
  })
}

export function deleteMembers(
  session: ItemSession,
  namespace: string,
  id: string,
  members: readonly string[],
): boolean[] {
  const { sql } = session
  return session.immediate(members.length, () => {
    const row = find(session, 'group', namespace, id)
    if (row === undefined || !isLive(timingOf(row), session.now())) return members.map(() => false)
    const were = members.map((member) => sql.dropMember.run(row.id, member).changes > 0)
    if (sql.anyMember.get(row.id) === undefined) remove(session, 'group', namespace, id)
    return were
  })
}
