import type { Due, SweepRequest, Swept } from '@ttl/core/adapter'
import type { Session } from './connection.ts'
import { type DueRow, dueOf, type FiledRow, SPACES } from './rows.ts'
import { stopwatch } from './stopwatch.ts'

/** How long one slice may hold the write lock and the event loop, its commit included. */
const SLICE_MS = 5
const FEWEST_ROWS = 16
const MOST_ROWS = 4_096
/** Between two looks at the stopwatch. */
const STRIDE = 16
const MEMBERS_AT_ONCE = 256

interface Slice {
  readonly swept: Swept
  readonly examined: number
}

/** A place in the index of deadlines. */
export type Position = Pick<DueRow, 'id' | 'sweepAt'>

export const START: Position = { sweepAt: Number.MIN_SAFE_INTEGER, id: 0 }

/** Frees what is expired, a slice per call: as many rows as lately fitted the time. */
export class Sweeper {
  #rows = 128
  /** Where a sweep of one namespace goes on, when the due rows of others fill a slice. */
  readonly #positions = new Map<string, Position>()

  sweep(session: Session, request: SweepRequest): Swept {
    const { asOf, names } = request
    const first = session.sql.firstDue.get() as FiledRow | undefined
    const cutoff = (now: number) => (asOf === undefined ? now : Math.min(asOf, now))
    if (first === undefined || first.sweepAt > cutoff(session.now())) {
      return { deleted: new Map(), more: false, names: names ? { deleted: [], kept: [] } : undefined }
    }
    const elapsed = stopwatch()
    const { swept, examined } = session.immediate(this.#rows, () =>
      this.#slice(session, request, cutoff(session.now()), elapsed),
    )
    this.#adapt(examined, elapsed())
    return swept
  }

  #slice(session: Session, request: SweepRequest, cutoff: number, elapsed: () => number): Slice {
    const { sql } = session
    const { limit, namespace, names } = request
    const wanted = (row: DueRow) => namespace === undefined || row.namespace === namespace
    const from = (namespace !== undefined && this.#positions.get(namespace)) || START
    const rows = sql.due.all(cutoff, from.sweepAt, from.id, this.#rows) as DueRow[]
    const deleted = new Map<string, number>()
    const [gone, kept]: [Due[], Due[]] = [[], []]
    let [examined, count, passed] = [0, 0, 0]
    for (const row of rows) {
      if (count >= limit || (examined % STRIDE === STRIDE - 1 && elapsed() > SLICE_MS)) break
      if (row.expiresAt === null || row.expiresAt > cutoff) {
        sql.refile.run(row.id, cutoff)
        if (names && row.expiresAt !== null && wanted(row)) kept.push(dueOf(row))
      } else if (!wanted(row)) {
        passed++
      } else {
        if (row.space === SPACES.group && !trim(session, row.id, elapsed)) {
          sql.condemn.run(row.id)
          break
        }
        sql.reap.run(row.id, cutoff)
        count++
        deleted.set(row.namespace, (deleted.get(row.namespace) ?? 0) + 1)
        if (names) gone.push(dueOf(row))
      }
      examined++
    }
    const more = examined < rows.length || rows.length === this.#rows
    if (namespace !== undefined) {
      const last = rows[examined - 1]
      if (more && passed > 0 && last !== undefined) this.#positions.set(namespace, last)
      else if (!more) this.#positions.delete(namespace)
    }
    return { swept: { deleted, more, names: names ? { deleted: gone, kept } : undefined }, examined }
  }

  #adapt(examined: number, tookMs: number): void {
    if (examined < FEWEST_ROWS) return
    const factor = Math.min(2, Math.max(0.5, SLICE_MS / tookMs))
    this.#rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.round(examined * factor)))
  }
}

/** Deletes members of an expired group. Answers whether all are gone; one group may take several slices. */
function trim({ sql }: Session, owner: number, elapsed: () => number): boolean {
  while (sql.trimMembers.run(owner, MEMBERS_AT_ONCE).changes === MEMBERS_AT_ONCE) {
    if (elapsed() > SLICE_MS) return false
  }
  return true
}
