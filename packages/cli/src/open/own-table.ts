/** A table of the application's own, named on the command line. */
import type { ExpiringTable } from '@ttl/core/adapter'
import type * as Postgres from '@ttl/postgres'
import type * as Sqlite from '@ttl/sqlite'
import type SqliteDriver from 'better-sqlite3'
import type * as PostgresDriver from 'pg'
import { UsageError } from '../exit.ts'
import { loadAdapter } from '../load.ts'
import type { Place } from '../place.ts'
import type { Access, Kept, Which } from './opened.ts'
import { openPool } from './postgres.ts'
import { openReading, PATIENCE } from './sqlite.ts'

/** What the command line says about it. */
export interface Own extends Which {
  readonly expiresAt?: string | undefined
  readonly key?: readonly string[] | undefined
  readonly type?: string | undefined
  readonly namespaceColumn?: string | undefined
  readonly namespaceSql?: string | undefined
  readonly where?: string | undefined
}

const REST = {
  key: '--key',
  type: '--type',
  namespaceColumn: '--namespace-column',
  namespaceSql: '--namespace-sql',
  where: '--where',
}

/** How a deadline may be written, by kind of database. */
const TYPES = {
  sqlite: ['epoch-ms', 'epoch-s', 'iso', 'datetime'],
  postgres: ['timestamptz', 'epoch-ms', 'epoch-s'],
} as const

/** Whether a table of the application's own is meant. */
export function isOwn(own: Own): boolean {
  if (own.expiresAt !== undefined) return true
  const stray = Object.entries(REST).find(([name]) => own[name as keyof Own] !== undefined)
  if (stray !== undefined) throw new UsageError(`${stray[1]} is for a table of your own: add --expires-at COLUMN`)
  return false
}

/** @throws {@link UsageError} when a table of the application's own is meant, and something is missing */
export function checkOwn(place: Place, own: Own): void {
  if (isOwn(own)) described(place, own)
}

/** The options of `expiringTable()`. @throws {@link UsageError} for what is missing */
function described({ kind, label }: Place, own: Own) {
  if (kind === 'redis') throw new UsageError(`--expires-at is for tables of sqlite and postgres, not for ${label}`)
  const { table, schema, expiresAt, key, type, namespaceColumn, namespaceSql, where } = own
  if (table === undefined || key === undefined || expiresAt === undefined)
    throw new UsageError('a table of your own needs --table NAME, --expires-at COLUMN and --key COLUMN')
  const types: readonly string[] = TYPES[kind]
  if (type === undefined ? kind === 'sqlite' : !types.includes(type))
    throw new UsageError(`--type of a table in ${kind} says what ${expiresAt} holds: ${types.join(', ')}`)
  const namespace = namespaceSql === undefined ? namespaceColumn : { sql: namespaceSql }
  return {
    table,
    schema,
    expiresAt,
    key,
    type,
    namespace,
    where: where === undefined ? undefined : { sql: where },
  }
}

export async function openOwn(place: Place, own: Own, access: Access): Promise<Kept> {
  const options = described(place, own)
  if (place.kind === 'sqlite') {
    const { exports, driver } = await loadAdapter<typeof Sqlite>('@ttl/sqlite', 'better-sqlite3')
    const { schema: _, ...rest } = options
    const table = { ...rest, type: rest.type as Sqlite.SqliteTableOptions['type'], busyTimeout: PATIENCE.text } as const
    // It creates no file, but opening it here first tells in the same words what is wrong with one.
    const db = openReading(place.target, await driver<typeof SqliteDriver>('better-sqlite3'))
    if (access === 'read') return kept(exports.expiringTable(db, table), () => db.close())
    db.close()
    return kept(exports.expiringTable(place.target, table))
  }
  const { exports, driver } = await loadAdapter<typeof Postgres>('@ttl/postgres', 'pg')
  const pool = openPool(place.target, await driver<typeof PostgresDriver>('pg'))
  return kept(exports.expiringTable(pool, { ...options, type: postgresType(options.type), prepare: false }), () =>
    pool.end(),
  )
}

type PostgresType = NonNullable<Parameters<typeof Postgres.expiringTable>[1]['type']>
const postgresType = (type: string | undefined) => type as PostgresType | undefined

function kept(table: ExpiringTable, release: () => unknown = () => undefined): Kept {
  return {
    upkeep: table,
    now: async () => (await table.preview({ limit: 1 })).asOf,
    async close() {
      try {
        await table.close()
      } finally {
        await release()
      }
    },
  }
}

/** What `ttl schema` says about a table of the application's own. Connects to nothing. */
export async function ownSqlOf(
  place: Place,
  own: Own,
): Promise<{ readonly index: string; readonly pgCron: string | undefined }> {
  const options = described(place, own)
  if (place.kind === 'sqlite') {
    const { exports } = await loadAdapter<typeof Sqlite>('@ttl/sqlite', 'better-sqlite3')
    const { schema: _, ...rest } = options
    const table = exports.expiringTable(place.target || 'FILE', {
      ...rest,
      type: rest.type as Sqlite.SqliteTableOptions['type'],
    })
    return { index: table.indexSql(), pgCron: undefined }
  }
  const { exports } = await loadAdapter<typeof Postgres>('@ttl/postgres', 'pg')
  const table = exports.expiringTable({}, { ...options, type: postgresType(options.type) })
  return { index: table.indexSql(), pgCron: table.cronSql({ schedule: '* * * * *' }) }
}
