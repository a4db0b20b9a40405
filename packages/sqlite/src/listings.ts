import type { Due, DuePage, DueRequest } from '@ttl/core/adapter'
import type { Filed, Shelf } from './shelf.ts'
import type { Statements } from './statements.ts'
import { TURN_MS } from './steps.ts'
import { stopwatch } from './stopwatch.ts'

/** How many rows a page of deadlines looks at. */
const FEWEST_ROWS = 128
const MOST_ROWS = 1_000

/** Lists deadlines in the order in which they are filed: a restarted one comes at its earlier place, until a sweep moves it. */
export function listDue<Row extends Filed>(shelf: Shelf<Row>, { asOf, namespace, cursor, limit }: DueRequest): DuePage {
  const most = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, limit))
  const rows = shelf.filed(asOf, cursor, most)
  const due: Due[] = []
  for (const [index, row] of rows.entries()) {
    if (row.expiresAt === null || row.expiresAt > asOf) continue
    if (namespace !== undefined && row.namespace !== namespace) continue
    due.push(shelf.dueOf(row))
    if (due.length >= limit && index < rows.length - 1) return { due, cursor: shelf.placeOf(row) }
  }
  const last = rows.at(-1)
  return { due, cursor: last === undefined || rows.length < most ? undefined : shelf.placeOf(last) }
}

/** Names namespaces by skipping from each to the next. */
export class NamespaceListing {
  readonly #names: string[] = []

  /** Lists for a while. Answers all once there is none left. */
  advance(sql: Statements): string[] | undefined {
    const elapsed = stopwatch()
    while (elapsed() < TURN_MS) {
      const next = sql.nextNamespace.get(this.#names.at(-1) ?? '') as { namespace: string } | undefined
      if (next === undefined) return this.#names
      this.#names.push(next.namespace)
    }
    return undefined
  }
}
