import type { SweepRequest, Swept } from '@ttl/core/adapter'
import type { Session } from './connection.ts'
import type { Filed, Shelf } from './shelf.ts'
import { stopwatch } from './stopwatch.ts'

/** How long one slice may hold the write lock and the event loop, its commit included, in milliseconds. */
export const SLICE_MS = 5
const FEWEST_ROWS = 16
const MOST_ROWS = 4_096

export interface Slice<Row> {
  readonly removed: readonly Row[]
  /** Filed under an earlier deadline than they have, and left alone. */
  readonly kept: readonly Row[]
  /** How many have expired and cannot be removed. */
  readonly blocked: number
  readonly more: boolean
}

const NOTHING: Slice<never> = { removed: [], kept: [], blocked: 0, more: false }

/** Frees what is expired, a slice per call: as many rows as lately fitted the time. */
export class Sweeper<Row extends Filed> {
  #rows = 128
  /** Where a sweep goes on that has left rows behind which it passed: of all, or of one namespace. */
  readonly #places = new Map<string | undefined, string>()

  sweep(session: Session<unknown>, shelf: Shelf<Row>, { limit, namespace, asOf }: SweepRequest): Slice<Row> {
    const cutoff = () => Math.min(asOf ?? Number.POSITIVE_INFINITY, session.now())
    const first = shelf.firstFiled()
    if (first === undefined || first > cutoff()) return NOTHING
    let elapsed = stopwatch()
    const [slice, examined] = session.immediate(this.#rows, () => {
      elapsed = stopwatch()
      return this.#slice(shelf, limit, namespace, cutoff(), elapsed)
    })
    this.#adapt(examined, elapsed())
    return slice
  }

  #slice(
    shelf: Shelf<Row>,
    limit: number,
    namespace: string | undefined,
    cutoff: number,
    elapsed: () => number,
  ): [slice: Slice<Row>, examined: number] {
    const rows = shelf.filed(cutoff, this.#places.get(namespace), this.#rows)
    const [removed, kept]: [Row[], Row[]] = [[], []]
    let [examined, passed, blocked] = [0, 0, 0]
    for (const row of rows) {
      if (removed.length >= limit || (examined >= FEWEST_ROWS && elapsed() > SLICE_MS)) break
      const wanted = namespace === undefined || row.namespace === namespace
      if (row.expiresAt === null || row.expiresAt > cutoff) {
        if (!shelf.refile(row, cutoff)) passed++
        else if (wanted) kept.push(row)
      } else if (!wanted) {
        passed++
      } else {
        const removal = shelf.remove(row, cutoff, elapsed)
        if (removal === 'unfinished') break
        if (removal === 'removed') removed.push(row)
        else if (removal === 'blocked') blocked++
      }
      examined++
    }
    const more = examined < rows.length || rows.length === this.#rows
    const last = rows[examined - 1]
    if (!more) this.#places.delete(namespace)
    else if (passed + blocked > 0 && last !== undefined) this.#places.set(namespace, shelf.placeOf(last))
    return [{ removed, kept, blocked, more }, examined]
  }

  #adapt(examined: number, tookMs: number): void {
    if (examined < FEWEST_ROWS) return
    const factor = Math.min(2, Math.max(0.5, SLICE_MS / tookMs))
    this.#rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.round(examined * factor)))
  }
}

/** What the contract wants to know about a slice. */
export function sweptOf<Row extends Filed>(
  shelf: Shelf<Row>,
  { removed, kept, more }: Slice<Row>,
  names: boolean | undefined,
): Swept {
  const deleted = new Map<string, number>()
  for (const { namespace } of removed) deleted.set(namespace, (deleted.get(namespace) ?? 0) + 1)
  if (!names) return { deleted, more }
  const due = (rows: readonly Row[]) => rows.map((row) => shelf.dueOf(row))
  return {
    deleted,
    more,
    names: { deleted: due(removed), kept: due(kept.filter(({ expiresAt }) => expiresAt !== null)) },
  }
}
