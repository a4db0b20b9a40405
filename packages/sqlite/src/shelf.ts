import type { Due } from '@ttl/core/adapter'

export interface Filed {
  readonly namespace: string
  /** In epoch milliseconds; `null` is never. */
  readonly expiresAt: number | null
}

/** Deleted; not yet the whole of it; no longer there; or something else in the database does not allow it. */
export type Removal = 'removed' | 'unfinished' | 'gone' | 'blocked'

/** What a sweep goes over: rows filed by deadline, at it or before it. */
export interface Shelf<Row extends Filed> {
  /** The first instant under which anything is filed. */
  firstFiled(): number | undefined
  /** Rows filed up to an instant, in order, after a place. */
  filed(asOf: number, after: string | undefined, most: number): Row[]
  placeOf(row: Row): string
  dueOf(row: Row): Due
  /** Files a row that is live at the cut-off where it belongs. Answers whether it was elsewhere. */
  refile(row: Row, cutoff: number): boolean
  /** Deletes a row that has expired by the cut-off: the statement says so itself. */
  remove(row: Row, cutoff: number, elapsed: () => number): Removal
}
