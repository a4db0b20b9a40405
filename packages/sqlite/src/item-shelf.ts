import type { Due } from '@ttl/core/adapter'
import { CONDEMNED, type DueRow, dueOf, type FiledRow, SPACES } from './rows.ts'
import type { Removal, Shelf } from './shelf.ts'
import type { Statements } from './statements.ts'
import { SLICE_MS } from './sweeper.ts'

const MEMBERS_AT_ONCE = 256

/** Entries and groups, filed under a lower bound of their deadlines. */
export class ItemShelf implements Shelf<DueRow> {
  readonly #sql: Statements

  constructor(sql: Statements) {
    this.#sql = sql
  }

  firstFiled(): number | undefined {
    return this.#first()?.sweepAt
  }

  /** When the first deadline is, at the latest. */
  nextDue(): number | undefined {
    const first = this.#first()
    return first?.sweepAt === CONDEMNED ? (first.capAt ?? undefined) : first?.sweepAt
  }

  #first(): FiledRow | undefined {
    return this.#sql.firstDue.get() as FiledRow | undefined
  }

  filed(asOf: number, after: string | undefined, most: number): DueRow[] {
    if (after === undefined) return this.#sql.due.all(Number.MIN_SAFE_INTEGER, asOf, most) as DueRow[]
    const [sweepAt, id] = after.split(' ').map(Number) as [number, number]
    if (sweepAt > asOf) return []
    const tied = this.#sql.dueTied.all(sweepAt, id, most) as DueRow[]
    return tied.length === most
      ? tied
      : [...tied, ...(this.#sql.due.all(sweepAt, asOf, most - tied.length) as DueRow[])]
  }

  placeOf({ sweepAt, id }: DueRow): string {
    return `${sweepAt} ${id}`
  }

  dueOf(row: DueRow): Due {
    return dueOf(row)
  }

  refile({ id }: DueRow, cutoff: number): boolean {
    return this.#sql.refile.run(id, cutoff).changes > 0
  }

  /** Members go first, as many as the time allows; once some are gone, the group must not come back. */
  remove({ id, space }: DueRow, cutoff: number, elapsed: () => number): Removal {
    if (space === SPACES.group && !this.#trim(id, elapsed)) {
      this.#sql.condemn.run(id)
      return 'unfinished'
    }
    this.#sql.reap.run(id, cutoff)
    return 'removed'
  }

  #trim(owner: number, elapsed: () => number): boolean {
    while (this.#sql.trimMembers.run(owner, MEMBERS_AT_ONCE).changes === MEMBERS_AT_ONCE) {
      if (elapsed() > SLICE_MS) return false
    }
    return true
  }
}
