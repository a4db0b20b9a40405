import type { Due, DuePage, DueRequest } from '@ttl/core/adapter'
import type { Session } from './connection.ts'
import { CONDEMNED, type DueRow, dueOf, type FiledRow } from './rows.ts'
import { TURN_MS } from './steps.ts'
import { stopwatch } from './stopwatch.ts'
import { type Position, START } from './sweeper.ts'

/** How many rows a page of deadlines looks at. */
const FEWEST_ROWS = 128
const MOST_ROWS = 1_000

/** Lists deadlines in the order in which they are filed: a restarted one comes at its earlier place, until a sweep moves it. */
export function listDue({ sql }: Session, { asOf, namespace, cursor, limit }: DueRequest): DuePage {
  const from = cursor === undefined ? START : positionFrom(cursor)
  const most = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, limit))
  const rows = sql.due.all(asOf, from.sweepAt, from.id, most) as DueRow[]
  const due: Due[] = []
  for (const [index, row] of rows.entries()) {
    if (row.expiresAt === null || row.expiresAt > asOf) continue
    if (namespace !== undefined && row.namespace !== namespace) continue
    due.push(dueOf(row))
    if (due.length >= limit && index < rows.length - 1) return { due, cursor: cursorAt(row) }
  }
  const last = rows.at(-1)
  return { due, cursor: last === undefined || rows.length < most ? undefined : cursorAt(last) }
}

const cursorAt = ({ sweepAt, id }: Position) => `${sweepAt} ${id}`

function positionFrom(cursor: string): Position {
  const [sweepAt, id] = cursor.split(' ').map(Number) as [number, number]
  return { sweepAt, id }
}

/** When the first deadline is, at the latest: where it is filed. */
export function firstDue({ sql }: Session): number | undefined {
  const row = sql.firstDue.get() as FiledRow | undefined
  if (row === undefined) return undefined
  return row.sweepAt === CONDEMNED ? (row.capAt ?? undefined) : row.sweepAt
}

/** Names namespaces by skipping from each to the next. */
export class NamespaceListing {
  readonly #names: string[] = []

  /** Lists for a while. Answers all once there is none left. */
  advance({ sql }: Session): string[] | undefined {
    const elapsed = stopwatch()
    while (elapsed() < TURN_MS) {
      const next = sql.nextNamespace.get(this.#names.at(-1) ?? '') as { namespace: string } | undefined
      if (next === undefined) return this.#names
      this.#names.push(next.namespace)
    }
    return undefined
  }
}
