import type { NamespaceTally, Space, Tally } from '@ttl/core/adapter'
import type { ItemSession } from './item-tables.ts'
import { SPACES } from './rows.ts'
import { TURN_MS } from './steps.ts'
import { stopwatch } from './stopwatch.ts'

const ROWS_AT_ONCE = 1_000

interface TallyRow {
  readonly rows: number
  readonly lastKey: string | null
  readonly permanent: number
  readonly active: number
  readonly expired: number
  readonly nextExpiresAt: number | null
  readonly lastExpiresAt: number | null
  /** Of what expires up to the last edge, as JSON. */
  readonly deadlines: string
}

const NOTHING: Tally = { permanent: 0, active: 0, expired: 0, nextExpiresAt: undefined, lastExpiresAt: undefined }

/** Counts by walking along the index of keys, so that each key counts once, in steps that take a moment. */
export class Tallying {
  readonly #only: string | undefined
  readonly #edges: readonly number[] | undefined
  readonly #done = new Map<string, Record<Space, Tally>>()
  #now: number | undefined
  #namespace = ''
  #space: Space = 'group'
  #after: string | undefined

  constructor(only: string | undefined, edges: readonly number[] | undefined) {
    this.#only = only
    this.#edges = edges
  }

  /** Counts for a while. Answers the result once there is nothing left to count. */
  advance(session: ItemSession): NamespaceTally[] | undefined {
    const elapsed = stopwatch()
    while (elapsed() < TURN_MS) {
      if (this.#after === undefined && !this.#nextSpace(session)) {
        return [...this.#done].map(([namespace, { entry, group }]) => ({ namespace, entries: entry, groups: group }))
      }
      this.#count(session)
    }
    return undefined
  }

  #nextSpace({ sql }: ItemSession): boolean {
    if (this.#space === 'entry') {
      this.#space = 'group'
    } else {
      const row = sql.nextNamespace.get(this.#namespace) as { namespace: string } | undefined
      const next = this.#only === undefined ? row?.namespace : this.#only
      if (next === undefined || this.#done.has(next)) return false
      this.#namespace = next
      this.#space = 'entry'
      const nothing: Tally = { ...NOTHING, buckets: this.#edges?.map(() => 0) }
      this.#done.set(next, { entry: nothing, group: nothing })
    }
    this.#after = ''
    return true
  }

  #count(session: ItemSession): void {
    const { sql } = session
    const place = [this.#namespace, SPACES[this.#space], this.#after, ROWS_AT_ONCE] as const
    this.#now ??= session.now()
    const now = this.#now
    const row = sql.tally.get(now, now, now, now, now, this.#edges?.at(-1) ?? now, ...place) as TallyRow
    this.#after = row.rows < ROWS_AT_ONCE ? undefined : (row.lastKey ?? undefined)
    const counted = this.#done.get(this.#namespace) as Record<Space, Tally>
    counted[this.#space] = sum(counted[this.#space], row, this.#edges)
  }
}

function sum(tally: Tally, row: TallyRow, edges: readonly number[] | undefined): Tally {
  const { nextExpiresAt = row.nextExpiresAt, lastExpiresAt = row.lastExpiresAt } = tally
  return {
    permanent: tally.permanent + row.permanent,
    active: tally.active + row.active,
    expired: tally.expired + row.expired,
    nextExpiresAt: nextExpiresAt === null ? undefined : Math.min(nextExpiresAt, row.nextExpiresAt ?? nextExpiresAt),
    lastExpiresAt: lastExpiresAt === null ? undefined : Math.max(lastExpiresAt, row.lastExpiresAt ?? lastExpiresAt),
    buckets: edges && fill(tally.buckets as readonly number[], edges, JSON.parse(row.deadlines) as number[]),
  }
}

/** Adds each deadline to the first bucket that ends at or after it. */
function fill(buckets: readonly number[], edges: readonly number[], deadlines: readonly number[]): number[] {
  const filled = [...buckets]
  for (const deadline of deadlines) {
    const bucket = edges.findIndex((edge) => deadline <= edge)
    filled[bucket] = (filled[bucket] as number) + 1
  }
  return filled
}
