import type { NamespaceTally, Tally } from '@ttl/core/adapter'
import type { Session } from './connection.ts'
import { SPACES } from './rows.ts'

interface TallyRow {
  readonly namespace: string
  readonly space: number
  readonly permanent: number
  readonly active: number
  readonly expired: number
  readonly nextExpiresAt: number | null
  readonly lastExpiresAt: number | null
}

const NOTHING: Tally = { permanent: 0, active: 0, expired: 0, nextExpiresAt: undefined, lastExpiresAt: undefined }

export function stats(session: Session, namespace?: string): NamespaceTally[] {
  const { sql } = session
  const rows = session.snapshot(() => {
    sql.lock.get()
    const now = session.now()
    const params = [now, now, now, now]
    return (namespace === undefined ? sql.tally.all(...params) : sql.tallyOf.all(...params, namespace)) as TallyRow[]
  })
  const names = namespace === undefined ? new Set(rows.map((row) => row.namespace)) : [namespace]
  const tallies = new Map(rows.map((row) => [`${row.space}${row.namespace}`, tallyOf(row)]))
  return [...names].map((name) => ({
    namespace: name,
    entries: tallies.get(`${SPACES.entry}${name}`) ?? NOTHING,
    groups: tallies.get(`${SPACES.group}${name}`) ?? NOTHING,
  }))
}

function tallyOf({ permanent, active, expired, nextExpiresAt, lastExpiresAt }: TallyRow): Tally {
  return {
    permanent,
    active,
    expired,
    nextExpiresAt: nextExpiresAt ?? undefined,
    lastExpiresAt: lastExpiresAt ?? undefined,
  }
}
