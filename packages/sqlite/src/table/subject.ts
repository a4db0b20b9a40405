import { TtlError } from '@ttl/core'
import {
  type Awaitable,
  type Classified,
  type Clock,
  type DuePage,
  type DueRequest,
  type LiveOptions,
  type NamespaceTally,
  readClock,
  type SweepRequest,
  type Swept,
  systemClock,
  type TableSubject,
  tellDeleted,
} from '@ttl/core/adapter'
import { Access } from '../access.ts'
import type { SqliteDatabase } from '../client.ts'
import { listDue } from '../listings.ts'
import { classify } from '../patience.ts'
import { quoted } from '../quoting.ts'
import { breathe, inSteps } from '../steps.ts'
import { Sweeper, sweptOf } from '../sweeper.ts'
import { type AdoptedTable, indexSql, TablePlan } from './adopted.ts'
import { crontabLine, sweepSql } from './cron.ts'
import { FORMATS } from './formats.ts'
import { literalOf } from './shape.ts'
import type { FiledRow, TableShelf } from './shelf.ts'
import { TableTally } from './tally.ts'

export interface SubjectSettings {
  readonly target: string | SqliteDatabase
  readonly table: AdoptedTable
  readonly clock: Clock
  readonly busyTimeoutMs: number
}

/** A table of the application's own, as core looks after it. Its rows are entries. */
export class SqliteTable implements TableSubject {
  readonly name: string
  readonly capabilities = { reclaims: 'sweep', stats: true, due: true } as const
  readonly #settings: SubjectSettings
  readonly #access: Access<TableShelf>
  readonly #sweeper = new Sweeper<FiledRow>()

  constructor(settings: SubjectSettings) {
    const { target, table, busyTimeoutMs } = settings
    this.name = `table ${table.table}`
    this.#settings = settings
    this.#access = new Access(target, new TablePlan(table), () => this.now(), busyTimeoutMs)
  }

  now(): number {
    return readClock(this.#settings.clock)
  }

  check(): Awaitable<void> {
    return this.#access.read(() => undefined)
  }

  stats(namespace?: string, edges?: readonly number[]): Awaitable<readonly NamespaceTally[]> {
    const tally = new TableTally(namespace, edges)
    return inSteps(() => this.#access.read(({ sql, now }) => tally.advance(sql, now)))
  }

  due(request: DueRequest): Awaitable<DuePage> {
    const list = () => this.#access.read(({ sql }) => listDue(sql, request))
    return request.cursor === undefined ? list() : breathe().then(list)
  }

  nextDue(): Awaitable<number | undefined> {
    return this.#access.read(({ sql }) => sql.nextDue())
  }

  async sweep(request: SweepRequest): Promise<Swept> {
    const { table } = this.#settings
    const told = table.onDelete !== undefined
    const [swept, blocked, blockedBy] = await this.#access.write((session) => {
      if (told && this.#access.inTransaction) {
        throw new TtlError(
          'TTL_UNSUPPORTED',
          'onDelete of expiringTable() is called after the commit, which here is yours: sweep outside of your transaction',
        )
      }
      const slice = this.#sweeper.sweep(session, session.sql, request)
      return [sweptOf(session.sql, slice, request.names || told), slice.blocked, session.sql.blockedBy] as const
    })
    // Not faster than checkpoints are made, or the WAL would only grow.
    await this.#access.settled()
    await tellDeleted(table, swept.names?.deleted ?? [])
    const { deleted, more } = swept
    if (more || blocked === 0) return { deleted, more, names: request.names ? swept.names : undefined }
    // What cannot be deleted keeps nothing else from it: the sweep fails once all the rest is gone, and reported.
    throw new TtlError(
      'TTL_BACKEND',
      `${blocked} expired rows of ${quoted(table.table)} cannot be deleted, all others are: rows elsewhere refer to them ` +
        'without ON DELETE CASCADE or SET NULL, or a trigger forbids it; see cause',
      { cause: blockedBy },
    )
  }

  live({ alias, now }: LiveOptions): string {
    const { table, clock } = this.#settings
    const format = FORMATS[table.type]
    const column = `${alias === undefined ? '' : `${quoted(alias)}.`}${quoted(table.expiresAt)}`
    const instant =
      now === undefined && clock !== systemClock ? literalOf(format.write(readClock(clock))) : format.writeSql(now)
    return `(${column} IS NULL OR ${column} > ${instant})`
  }

  indexSql(): string {
    return indexSql(this.#settings.table)
  }

  sweepSql(): string {
    return sweepSql(this.#settings.table)
  }

  crontab(schedule: string): string {
    return crontabLine(this.#settings, schedule)
  }

  classify(error: unknown): Classified {
    return classify(error)
  }

  close(): Awaitable<void> {
    return this.#access.close()
  }
}
