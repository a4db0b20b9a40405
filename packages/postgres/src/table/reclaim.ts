import { TtlTypeError } from '@ttl/core'
import {
  type Capabilities,
  type Classified,
  type DuePage,
  type DueRequest,
  dueRow,
  type LiveOptions,
  type NamespaceTally,
  type SweepRequest,
  type Swept,
  type TableDescription,
  type TableSubject,
  tellDeleted,
} from '@ttl/core/adapter'
import type { Row } from '../client.ts'
import { classify } from '../errors.ts'
import { identifier } from '../schema.ts'
import type { Common, Session } from '../session.ts'
import { SERVER_CLOCK } from '../statements/rules.ts'
import { Sweeper } from '../sweeper.ts'
import { clockNow, tallyOf } from '../upkeep.ts'
import type { Adopted } from './adopted.ts'
import { dueSql, indexSql, nextDueSql, scriptSql, statsSql, sweepSql } from './statements.ts'

export interface ReclaimParts {
  readonly description: TableDescription
  readonly adopted: Adopted
  readonly session: Session<Common>
  /** Ends what was opened for it. */
  readonly end: () => Promise<void>
}

const same = (text: string): string => text

/** An adopted table as what core looks after. Its rows are entries. */
export class TableReclaim implements TableSubject {
  readonly name: string
  readonly capabilities: Pick<Capabilities, 'reclaims' | 'stats' | 'due'> = {
    reclaims: 'sweep',
    stats: true,
    due: true,
  }
  readonly #parts: ReclaimParts
  readonly #sweeper: Sweeper

  constructor(parts: ReclaimParts) {
    const { adopted, session, description } = parts
    const told = description.onDelete !== undefined
    this.name = `table ${adopted.title}`
    this.#parts = parts
    this.#sweeper = new Sweeper({
      sql: (scoped, named) => sweepSql(adopted, session.common.clockSql, scoped, named, told),
      told,
      beginning: undefined,
      encode: same,
      decode: same,
      dueOf: ([namespace, key, expiresAt]) => dueRow(namespace as string, key as (string | null)[], Number(expiresAt)),
    })
  }

  now(): Promise<number> {
    return clockNow(this.#parts.session)
  }

  check(): Promise<void> {
    return this.#parts.session.ready()
  }

  async stats(namespace?: string, edges?: readonly number[]): Promise<NamespaceTally[]> {
    const { session, adopted } = this.#parts
    const one = namespace !== undefined
    const args = { ns: namespace, edges: `{${(edges ?? []).join()}}` }
    const rows = await session.run(`stats ${one}`, () => statsSql(adopted, session.common.clockSql, one), args)
    const spaces = new Map<string, Row[]>(one ? [[namespace, []]] : [])
    for (const [ns, ...rest] of rows) spaces.set(ns as string, [...(spaces.get(ns as string) ?? []), rest])
    const groups = tallyOf([], edges)
    return [...spaces].map(([ns, found]) => ({ namespace: ns, entries: tallyOf(found, edges), groups }))
  }

  async due({ asOf, namespace, cursor, limit }: DueRequest): Promise<DuePage> {
    const { session, adopted } = this.#parts
    const scoped = namespace !== undefined
    const [from, fromTable, fromRow] = cursor === undefined ? FIRST : (JSON.parse(cursor) as string[])
    const args = { asOf, from, fromTable, fromRow, limit, ns: namespace }
    const rows = await session.run(`due ${scoped}`, () => dueSql(adopted, scoped), args)
    const last = rows.length < limit ? undefined : rows.at(-1)
    return {
      due: rows.map(([ns, key, ms]) => dueRow(ns as string, JSON.parse(key as string) as string[], Number(ms))),
      cursor: last && JSON.stringify(last.slice(3)),
    }
  }

  async nextDue(): Promise<number | undefined> {
    const { session, adopted } = this.#parts
    const [row] = await session.run('next due', () => nextDueSql(adopted), {})
    return row === undefined ? undefined : Number(row[0])
  }

  async sweep(request: SweepRequest): Promise<Swept> {
    const { session, description } = this.#parts
    const named = request.names === true || description.onDelete !== undefined
    const swept = await this.#sweeper.sweep(session, { ...request, names: named })
    await tellDeleted(description, swept.names?.deleted ?? [])
    return request.names ? swept : { ...swept, names: undefined }
  }

  live({ alias, now }: LiveOptions): string {
    const { deadline, instant } = this.#parts.adopted
    const column = alias === undefined ? deadline : `${identifier(alias)}.${deadline}`
    return `(${column} IS NULL OR ${column} > ${now === undefined ? this.#nowSql() : instant(`(${now})::bigint`)})`
  }

  indexSql(): string {
    return indexSql(this.#parts.adopted)
  }

  sweepSql(): string {
    return scriptSql(this.#parts.adopted)
  }

  crontab(schedule: string): string {
    const { own } = this.#parts.adopted
    const unfit = own.find(([, given]) => /\n|--/.test(given))
    if (unfit !== undefined) {
      throw new TtlTypeError(
        'TTL_INVALID',
        `crontab() makes one line, which ${unfit[0]} of expiringTable() does not fit: it has a line break, or -- as a comment has. ` +
          'Give it without, or put sweepSql() into a file for psql -f',
      )
    }
    const sql = this.sweepSql().replaceAll(/\s*\n\s*/g, ' ')
    const quoted = `'${sql.replaceAll("'", `'\\''`)}'`.replaceAll('%', '\\%')
    return `${schedule} psql "$DATABASE_URL" -X -q -v ON_ERROR_STOP=1 -c ${quoted}`
  }

  classify(error: unknown): Classified {
    return classify(error, this.#parts.session.wrote(error))
  }

  close(): Promise<void> {
    return this.#parts.end()
  }

  /** The start of the statement: one instant for all rows, and one that an index can be searched by. */
  #nowSql(): string {
    const { adopted, session } = this.#parts
    const { clock } = session.common
    if (clock !== undefined) return adopted.instant(`${Math.floor(clock.now())}::bigint`)
    if (adopted.type === 'timestamptz') return 'statement_timestamp()'
    return adopted.instant(SERVER_CLOCK.replace('clock_timestamp()', 'statement_timestamp()'))
  }
}

const FIRST = [undefined, 0, '(0,0)'] as const
