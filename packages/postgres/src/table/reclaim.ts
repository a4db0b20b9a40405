import { TtlError } from '@ttl/core'
import type {
  Capabilities,
  Classified,
  Due,
  DuePage,
  DueRequest,
  NamespaceTally,
  Reclaimable,
  SweepRequest,
  Swept,
} from '@ttl/core/adapter'
import type { Row } from '../client.ts'
import { classify } from '../errors.ts'
import type { Common, Session } from '../session.ts'
import { nowSql } from '../statements/changes.ts'
import { type Broom, Sweeper } from '../sweeper.ts'
import { tallyOf } from '../upkeep.ts'
import type { Adopted } from './adopted.ts'
import { dueSql, nextDueSql, statsSql, sweepSql } from './statements.ts'

/** What is told of rows that were deleted. */
export type Told = (deleted: readonly Due[]) => unknown

const same = (text: string): string => text
const FIRST = [undefined, 0, '(0,0)'] as const

/** An adopted table as what core looks after. Its rows are entries. */
export class TableReclaim implements Reclaimable {
  readonly name: string
  readonly capabilities: Pick<Capabilities, 'reclaims' | 'stats' | 'due'> = {
    reclaims: 'sweep',
    stats: true,
    due: true,
  }
  readonly #adopted: Adopted
  readonly #session: Session<Common>
  readonly #end: () => Promise<void>
  readonly #sweeper: Sweeper
  readonly #told: Told | undefined

  constructor(adopted: Adopted, session: Session<Common>, end: () => Promise<void>, told: Told | undefined) {
    this.name = `table ${adopted.title}`
    this.#adopted = adopted
    this.#session = session
    this.#end = end
    this.#told = told
    const broom: Broom = {
      sql: (scoped, named) => sweepSql(adopted, session.common.clockSql, scoped, named),
      beginning: undefined,
      encode: same,
      decode: same,
      dueOf: (row) => this.#dueOf(row),
    }
    this.#sweeper = new Sweeper(broom)
  }

  async now(): Promise<number> {
    const { clock, clockSql } = this.#session.common
    if (clock !== undefined) return Math.floor(clock.now())
    const [row] = await this.#session.run('now', () => nowSql(clockSql), {})
    return Number(row?.[0])
  }

  async stats(namespace?: string, edges?: readonly number[]): Promise<NamespaceTally[]> {
    const one = namespace !== undefined
    const sql = () => statsSql(this.#adopted, this.#session.common.clockSql, one)
    const args = { ns: namespace, edges: `{${(edges ?? []).join()}}` }
    const rows = await this.#session.run(`stats ${one}`, sql, args)
    const spaces = new Map<string, Row[]>(one ? [[namespace, []]] : [])
    for (const [ns, ...rest] of rows) {
      const found = spaces.get(ns as string)
      if (found === undefined) spaces.set(ns as string, [rest])
      else found.push(rest)
    }
    return [...spaces].map(([ns, found]) => ({
      namespace: ns,
      entries: tallyOf(found, edges),
      groups: tallyOf([], edges),
    }))
  }

  async due({ asOf, namespace, cursor, limit }: DueRequest): Promise<DuePage> {
    const scoped = namespace !== undefined
    const [from, fromTable, fromRow] = cursor === undefined ? FIRST : (JSON.parse(cursor) as string[])
    const args = { asOf, from, fromTable, fromRow, limit, ns: namespace }
    const rows = await this.#session.run(`due ${scoped}`, () => dueSql(this.#adopted, scoped), args)
    const last = rows.length < limit ? undefined : rows.at(-1)
    return { due: rows.map((row) => this.#dueOf(row)), cursor: last && JSON.stringify(last.slice(3)) }
  }

  async nextDue(): Promise<number | undefined> {
    const [row] = await this.#session.run('next due', () => nextDueSql(this.#adopted), {})
    return row === undefined ? undefined : Number(row[0])
  }

  async sweep(request: SweepRequest): Promise<Swept> {
    const told = this.#told
    const swept = await this.#sweeper.sweep(this.#session, { ...request, names: request.names || told !== undefined })
    const deleted = swept.names?.deleted ?? []
    if (told !== undefined && deleted.length > 0) {
      try {
        await told(deleted)
      } catch (cause) {
        throw new TtlError(
          'TTL_BACKEND',
          'onDelete of expiringTable() failed; the rows that it was told of are deleted',
          {
            cause,
          },
        )
      }
    }
    return request.names ? swept : { deleted: swept.deleted, more: swept.more }
  }

  /** Refuses a table that is not as it was said to be. */
  async check(): Promise<void> {
    try {
      await this.#session.ready()
    } catch (cause) {
      if (cause instanceof TtlError) throw cause
      const { retryable } = this.classify(cause)
      throw new TtlError('TTL_BACKEND', `${this.name} failed in check; see cause`, {
        operation: 'check',
        retryable,
        cause,
      })
    }
  }

  classify(error: unknown): Classified {
    return classify(error, this.#session.wrote(error))
  }

  close(): Promise<void> {
    return this.#end()
  }

  #dueOf([namespace, key, expiresAt]: readonly unknown[]): Due {
    const { columns } = this.#adopted
    return {
      space: 'entry',
      namespace: namespace as string,
      // As JSON.stringify writes it.
      key: columns.length === 1 ? (key as string) : JSON.stringify(JSON.parse(key as string)),
      expiresAt: Number(expiresAt),
    }
  }
}
