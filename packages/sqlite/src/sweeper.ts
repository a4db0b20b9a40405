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
  /** How many have expired and cannot be removed, of all that the pass has come by. */
  readonly blocked: number
  readonly more: boolean
}

/** A way along all that is due, which takes more than a slice. */
interface Pass {
  /** Where it goes on. */
  readonly place: string
  readonly blocked: number
  readonly fruitful: boolean
  /** Whether the sweep that goes on with it has begun it: otherwise what it has passed may be due by now. */
  whole: boolean
}

const NOTHING: Slice<never> = { removed: [], kept: [], blocked: 0, more: false }

/** Frees what is expired, a slice per call: as many rows as lately fitted the time. */
export class Sweeper<Row extends Filed> {
  #rows = 128
  /** Those that have left rows behind: over all, or over one namespace. */
  readonly #passes = new Map<string | undefined, Pass>()

  sweep(session: Session<unknown>, shelf: Shelf<Row>, { limit, namespace, asOf, first }: SweepRequest): Slice<Row> {
    const cutoff = () => Math.min(asOf ?? Number.POSITIVE_INFINITY, session.now())
    const pass = this.#passes.get(namespace)
    if (first && pass !== undefined) pass.whole = false
    const earliest = shelf.firstFiled()
    if (earliest === undefined || earliest > cutoff()) return NOTHING
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
    const pass = this.#passes.get(namespace)
    const rows = shelf.filed(cutoff, pass?.place, this.#rows)
    const [removed, kept]: [Row[], Row[]] = [[], []]
    let [examined, passed, blocked] = [0, 0, pass?.blocked ?? 0]
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
    const whole = pass?.whole ?? true
    const fruitful = removed.length > 0 || (pass?.fruitful ?? false)
    const last = rows[examined - 1]
    if (examined === rows.length && rows.length < this.#rows) {
      this.#passes.delete(namespace)
      // Once more from the beginning. What is blocked too: what was removed may have been what kept it.
      return [{ removed, kept, blocked, more: !whole || (fruitful && blocked > 0) }, examined]
    }
    if (last !== undefined && (pass !== undefined || passed + blocked > 0)) {
      this.#passes.set(namespace, { place: shelf.placeOf(last), blocked, fruitful, whole })
    }
    return [{ removed, kept, blocked, more: true }, examined]
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
