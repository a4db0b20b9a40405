import { type Due, dueRow } from '@ttl/core/adapter'
import type { SqliteStatement } from '../client.ts'
import type { Filed, Removal, Shelf } from '../shelf.ts'
import { invalid } from './catalog.ts'
import type { Format } from './formats.ts'
import { placeFrom, placeText } from './places.ts'
import type { StatementName, TableRow, TableStatements } from './statements.ts'

export interface FiledRow extends Filed {
  readonly row: TableRow
}

export interface ShelfSettings {
  /** The name of the only namespace. */
  readonly table: string
  /** How the column of the deadline is called in messages. */
  readonly title: string
  readonly keys: number
  readonly ids: number
  readonly format: Format
  readonly sql: TableStatements
}

/** The rows of an application's table, filed under their deadlines. */
export class TableShelf implements Shelf<FiledRow> {
  readonly #settings: ShelfSettings
  readonly #sql: TableStatements
  /** What did not allow a row to be deleted, the last time. */
  blockedBy: unknown

  constructor(settings: ShelfSettings) {
    this.#settings = settings
    this.#sql = settings.sql
  }

  firstFiled(): number | undefined {
    return this.#end(this.#sql.first)
  }

  /** The first deadline of a row that `where` lets in. */
  nextDue(): number | undefined {
    return this.#end(this.#sql.next)
  }

  /** Refuses a column whose ends are no deadlines of its type: values of another kind, and most others, sort there. */
  checkEnds(): void {
    this.#end(this.#sql.first)
    this.#end(this.#sql.last)
  }

  #end(statement: SqliteStatement): number | undefined {
    const end = statement.get() as Pick<TableRow, 'ttl$deadline'> | undefined
    return end === undefined || end.ttl$deadline === null ? undefined : this.#read(end.ttl$deadline)
  }

  #read(stored: unknown): number {
    const ms = this.#settings.format.read(stored)
    if (ms !== undefined) return ms
    const { title, format } = this.#settings
    const found = typeof stored === 'string' ? `text of ${stored.length} characters` : typeof stored
    throw invalid(
      `was told that ${title} holds ${format.example}, but ${found} of another form is there, so nobody knows ` +
        'what has expired; give the type that it has, or bring all that is stored into one form',
    )
  }

  filed(asOf: number, after: string | undefined, most: number): FiledRow[] {
    return this.#page(['due', 'dueAfter', 'dueTied'], { asOf: this.#settings.format.write(asOf) }, after, most)
  }

  /** Rows that have a deadline, in its order, after a place. */
  dated(after: string | undefined, most: number): FiledRow[] {
    const { ttl$deadline } = this.#sql.first.get() as Pick<TableRow, 'ttl$deadline'>
    return this.#page(['dated', 'datedAfter', 'datedTied'], { deadline: ttl$deadline }, after, most)
  }

  /** Rows without a deadline, and others, in any order, after a place. */
  undated(after: string | undefined, most: number): FiledRow[] {
    const rows =
      after === undefined
        ? this.#sql.undated.all({ most })
        : this.#sql.undatedAfter.all({ most, ...this.#bound(placeFrom(after).slice(1)) })
    return rows.map((row) => this.#filed(row as TableRow))
  }

  #page(
    [first, next, tied]: readonly [StatementName, StatementName, StatementName],
    bound: object,
    after: string | undefined,
    most: number,
  ): FiledRow[] {
    let rows: unknown[]
    if (after === undefined) {
      rows = this.#sql[first].all({ ...bound, most })
    } else {
      const [deadline, ...ids] = placeFrom(after)
      rows = this.#sql[tied].all({ deadline, most, ...this.#bound(ids) })
      if (rows.length < most) rows.push(...this.#sql[next].all({ ...bound, deadline, most: most - rows.length }))
    }
    return rows.map((row) => this.#filed(row as TableRow))
  }

  /** What `where` leaves out is never due. */
  #filed(row: TableRow): FiledRow {
    const expiresAt = row.ttl$deadline === null ? null : this.#read(row.ttl$deadline)
    return { namespace: row.ttl$namespace ?? this.#settings.table, expiresAt: isCandidate(row) ? expiresAt : null, row }
  }

  placeOf({ row }: FiledRow): string {
    return placeText([row.ttl$deadline, ...this.#ids(row)])
  }

  #ids(row: TableRow): unknown[] {
    return Array.from({ length: this.#settings.ids }, (_, i) => row[`ttl$id${i}`])
  }

  #bound(ids: readonly unknown[]): object {
    return Object.fromEntries(ids.map((id, i) => [`id${i}`, id]))
  }

  dueOf({ namespace, expiresAt, row }: FiledRow): Due {
    const texts = Array.from({ length: this.#settings.keys }, (_, i) => row[`ttl$key${i}`] as string | null)
    return dueRow(namespace, texts, expiresAt as number)
  }

  refile(): boolean {
    return false
  }

  remove({ row }: FiledRow, cutoff: number): Removal {
    const bound = { ...this.#bound(this.#ids(row)), asOf: this.#settings.format.write(cutoff) }
    try {
      if (this.#sql.reap.run(bound).changes > 0) return 'removed'
      // What was deleted before it may have taken it along.
      if (this.#sql.there.get(bound) === undefined) return 'gone'
      this.blockedBy = undefined
      return 'blocked'
    } catch (error) {
      if (!isConstraint(error)) throw error
      this.blockedBy = error
      return 'blocked'
    }
  }
}

export function isCandidate({ ttl$where }: TableRow): boolean {
  return ttl$where === 1n
}

/** A foreign key, or a trigger that raises. Only the statement is undone then. */
function isConstraint(error: unknown): boolean {
  return /^SQLITE_CONSTRAINT/.test(String((error as { code?: unknown } | null)?.code))
}
