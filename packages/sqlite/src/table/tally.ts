import type { NamespaceTally, Tally } from '@ttl/core/adapter'
import { TURN_MS } from '../steps.ts'
import { stopwatch } from '../stopwatch.ts'
import { type FiledRow, isCandidate, type TableShelf } from './shelf.ts'

const ROWS_AT_ONCE = 500

type Count = { -readonly [Name in keyof Omit<Tally, 'buckets'>]: Tally[Name] } & {
  readonly buckets: number[] | undefined
}

/** Counts rows by walking along the index of deadlines, in steps that take a moment. */
export class TableTally {
  readonly #only: string | undefined
  readonly #edges: readonly number[] | undefined
  readonly #counts = new Map<string, Count>()
  #now: number | undefined
  #phase: 'dated' | 'undated' | 'done' = 'dated'
  #after: string | undefined

  constructor(only: string | undefined, edges: readonly number[] | undefined) {
    this.#only = only
    this.#edges = edges
    if (only !== undefined) this.#countOf(only)
  }

  /** Counts for a while. Answers the result once there is nothing left to count. */
  advance(shelf: TableShelf, now: () => number): NamespaceTally[] | undefined {
    const elapsed = stopwatch()
    while (this.#phase !== 'done') {
      this.#now ??= now()
      const rows = shelf[this.#phase](this.#after, ROWS_AT_ONCE)
      for (const filed of rows) this.#add(filed, this.#now)
      const last = rows.at(-1)
      this.#after = last && shelf.placeOf(last)
      if (rows.length < ROWS_AT_ONCE) this.#next()
      if (elapsed() > TURN_MS) return undefined
    }
    const groups = emptyCount(this.#edges)
    return [...this.#counts].map(([namespace, entries]) => ({ namespace, entries, groups }))
  }

  #next(): void {
    this.#phase = this.#phase === 'dated' ? 'undated' : 'done'
    this.#after = undefined
  }

  #add({ namespace, expiresAt, row }: FiledRow, now: number): void {
    if ((this.#only !== undefined && namespace !== this.#only) || !isCandidate(row)) return
    // The walk over rows without a deadline may meet the others again.
    if ((row.ttl$deadline === null) !== (this.#phase === 'undated')) return
    const count = this.#countOf(namespace)
    if (expiresAt === null) {
      count.permanent++
    } else if (expiresAt <= now) {
      count.expired++
    } else {
      count.active++
      count.nextExpiresAt = Math.min(count.nextExpiresAt ?? expiresAt, expiresAt)
      count.lastExpiresAt = Math.max(count.lastExpiresAt ?? expiresAt, expiresAt)
      const bucket = this.#edges?.findIndex((edge) => expiresAt <= edge) ?? -1
      if (bucket !== -1) (count.buckets as number[])[bucket] = (count.buckets?.[bucket] ?? 0) + 1
    }
  }

  #countOf(namespace: string): Count {
    const count = this.#counts.get(namespace) ?? emptyCount(this.#edges)
    this.#counts.set(namespace, count)
    return count
  }
}

function emptyCount(edges: readonly number[] | undefined): Count {
  return {
    permanent: 0,
    active: 0,
    expired: 0,
    nextExpiresAt: undefined,
    lastExpiresAt: undefined,
    buckets: edges?.map(() => 0),
  }
}
