import { type DurationInput, duration, epochMs, type Instant, never, type SweeperOptions } from '@ttl/core'
import type { DeletedRow, ExpiringTable, ExpiringTableOptions } from '@ttl/core/adapter'
import {
  type Archive,
  CHECKPOINT,
  type DeletedCount,
  type ExpiredCount,
  type Memory,
  type NewMemory,
  type Sample,
  type Wanted,
} from './checkpoints.ts'

/** What the two databases say differently. */
export interface Dialect {
  readonly placeholder: (index: number) => string
  /** Now, as the column of the deadline holds it. */
  readonly now: () => string
  /** So many milliseconds after now. */
  readonly later: (ms: string) => string
  /** A column of an instant, as epoch milliseconds. */
  readonly ms: (column: string) => string
  /** The size of the table, in bytes. */
  readonly size: string
}

export type Row = Readonly<Record<string, unknown>>

/** An application's database, with its table of memories. */
export interface Database {
  readonly dialect: Dialect
  readonly query: (sql: string, values: readonly unknown[]) => Promise<readonly Row[]>
  readonly close: () => Promise<void>
  /** Has the table looked after. */
  readonly adopt: (options: ExpiringTableOptions<'id' | 'category'>) => ExpiringTable
}

/** How the table is looked after. Its category is a part of the key, so that a clean-up can be counted by it. */
export const ADOPTED = {
  table: 'memories',
  key: ['id', 'category'],
  expiresAt: 'expires_at',
  namespace: 'namespace',
} as const

/** Memories in the application's own table. Deadlines are computed by the clock of the database, and judged by it. */
export class TableArchive implements Archive {
  readonly table: ExpiringTable
  readonly #database: Database
  #told: DeletedRow[] = []

  constructor(database: Database) {
    this.#database = database
    this.table = database.adopt({ ...ADOPTED, onDelete: (rows) => this.#told.push(...rows) })
  }

  async now(): Promise<Instant> {
    const { ms, now } = this.#database.dialect
    const [row] = await this.#database.query(`SELECT ${ms(now())} AS now`, [])
    return epochMs(Number(row?.now))
  }

  async put({ namespace, category, content, metadata = {}, ttl = never }: NewMemory): Promise<string> {
    const { now, later, placeholder: p } = this.#database.dialect
    const deadline = ttl === never ? 'NULL' : later(p(5))
    const values = [namespace, category, content, JSON.stringify(metadata)]
    const [row] = await this.#database.query(
      `INSERT INTO memories (namespace, category, content, metadata, created_at, expires_at)
       VALUES (${p(1)}, ${p(2)}, ${p(3)}, ${p(4)}, ${now()}, ${deadline}) RETURNING id`,
      ttl === never ? values : [...values, duration(ttl as DurationInput).ms],
    )
    return String(row?.id)
  }

  async newest(wanted: Wanted): Promise<Memory | undefined> {
    const { placeholder: p } = this.#database.dialect
    // Compared, not matched: in LIKE an underscore is any character. The month is seven of them.
    const [where, values] =
      wanted.prefix === undefined
        ? [`namespace = ${p(2)} AND metadata ->> 'skill' = ${p(3)}`, [wanted.namespace, wanted.skill]]
        : [
            `substr(namespace, 1, ${p(2)}) = ${p(3)} AND length(namespace) = ${p(2)} + 7`,
            [wanted.prefix.length, wanted.prefix],
          ]
    const [row] = await this.#select(`metadata ->> 'type' = ${p(1)} AND ${where} AND ${this.table.live()}`, 1, [
      CHECKPOINT,
      ...values,
    ])
    return row && memoryOf(row)
  }

  async pin(id: string): Promise<boolean> {
    return this.#update(id, 'NULL', [])
  }

  async extend(id: string, ttl: DurationInput): Promise<boolean> {
    const { later, placeholder: p } = this.#database.dialect
    return this.#update(id, later(p(2)), [duration(ttl).ms])
  }

  async expired(samples: number) {
    const { asOf, found, byNamespace } = await this.table.preview({ limit: Number.POSITIVE_INFINITY })
    const namespaces: ExpiredCount[] = []
    for (const [namespace, expired] of byNamespace) {
      const { oldest, newest } = await this.table.preview({ namespace, asOf, limit: Number.POSITIVE_INFINITY })
      namespaces.push({ namespace, expired, oldest, newest })
    }
    const rows = await this.#select(`NOT ${this.table.live()}`, samples, [], 'expires_at DESC, id DESC')
    return {
      asOf,
      total: found,
      namespaces: namespaces.sort((a, b) => b.expired - a.expired || a.namespace.localeCompare(b.namespace)),
      samples: rows.map((row) => sampleOf(memoryOf(row))),
      more: found > rows.length,
    }
  }

  async remove(asOf?: Instant): Promise<readonly DeletedCount[]> {
    this.#told = []
    await this.table.sweep({ asOf })
    const counts = new Map<string, DeletedCount>()
    for (const { namespace, columns } of this.#told) {
      const category = columns.category ?? ''
      const name = `${namespace} ${category}`
      counts.set(name, { namespace, category, deleted: (counts.get(name)?.deleted ?? 0) + 1 })
    }
    return [...counts.values()]
  }

  stats() {
    return this.table.stats()
  }

  async size(): Promise<number> {
    const [row] = await this.#database.query(`SELECT ${this.#database.dialect.size} AS size`, [])
    return Number(row?.size)
  }

  async lastActivity(): Promise<Instant | undefined> {
    const [row] = await this.#database.query(
      `SELECT ${this.#database.dialect.ms('max(created_at)')} AS at FROM memories`,
      [],
    )
    return row?.at === null || row === undefined ? undefined : epochMs(Number(row.at))
  }

  startSweeper(options?: SweeperOptions) {
    return this.table.startSweeper(options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.table.close()
    await this.#database.close()
  }

  #select(where: string, limit: number, values: readonly unknown[], order = 'created_at DESC, id DESC') {
    const { ms } = this.#database.dialect
    return this.#database.query(
      `SELECT id, namespace, category, content, metadata, ${ms('created_at')} AS created_ms, ${ms('expires_at')} AS expires_ms
       FROM memories WHERE ${where} ORDER BY ${order} LIMIT ${limit}`,
      values,
    )
  }

  async #update(id: string, deadline: string, values: readonly unknown[]): Promise<boolean> {
    const rows = await this.#database.query(
      `UPDATE memories SET expires_at = ${deadline}
       WHERE id = ${this.#database.dialect.placeholder(1)} AND ${this.table.live()} RETURNING id`,
      [id, ...values],
    )
    return rows.length > 0
  }
}

function memoryOf(row: Row): Memory {
  const { metadata } = row
  return {
    id: String(row.id),
    namespace: String(row.namespace),
    category: String(row.category),
    content: String(row.content),
    metadata: (typeof metadata === 'string' ? JSON.parse(metadata) : metadata) as Memory['metadata'],
    createdAt: epochMs(Number(row.created_ms)),
    expiresAt: row.expires_ms === null ? undefined : epochMs(Number(row.expires_ms)),
  }
}

function sampleOf({ id, namespace, category, content, metadata, createdAt, expiresAt }: Memory): Sample {
  const head = content.slice(0, 50)
  return {
    namespace,
    key: id,
    expiresAt: expiresAt as Instant,
    category,
    type: String(metadata.type ?? ''),
    head,
    createdAt,
  }
}
