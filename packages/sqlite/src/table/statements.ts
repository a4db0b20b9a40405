import type { SqliteDatabase, SqliteStatement } from '../client.ts'
import type { Shape } from './shape.ts'

/** How rows are found. */
export interface Route {
  /** Quoted. */
  readonly index: string
  /** What names a row inside the database, and ends every index: its rowid, or its primary key. */
  readonly ids: readonly string[]
  /** Whether the index holds only rows that meet `where`, so that a search has to say it. */
  readonly partial: boolean
  /** Whether the index lists rows without a deadline too. */
  readonly undated: boolean
}

/** A row as it is read. Names of ours hold a `$`, so that no column of the application's is mistaken for them. */
export interface TableRow {
  readonly ttl$deadline: unknown
  readonly ttl$namespace: string | null
  /** Whether it meets `where`, as SQL judges it: 1 or 0. */
  readonly ttl$where: bigint
  readonly [column: `ttl$id${number}` | `ttl$key${number}`]: unknown
}

/** All SQL about a table. */
export function sqlFor({ table, deadline, keys, namespace = 'NULL', where = '1' }: Shape, route: Route) {
  const { ids, index, partial } = route
  const from = `FROM ${table} INDEXED BY ${index} WHERE ${partial ? where : '1'}`
  const brief = [
    `${deadline} AS ttl$deadline, ${namespace} AS ttl$namespace, ${where} IS TRUE AS ttl$where`,
    ...ids.map((id, i) => `${id} AS ttl$id${i}`),
  ].join(', ')
  const whole = [brief, ...keys.map((key, i) => `${key} AS ttl$key${i}`)].join(', ')
  const list = ids.join(', ')
  const binds = ids.map((_, i) => `@id${i}`).join(', ')
  const past = ids.length === 1 ? `${list} > ${binds}` : `(${list}) > (${binds})`
  const byDeadline = `ORDER BY ${deadline}, ${list} LIMIT @most`
  const byId = `ORDER BY ${list} LIMIT @most`
  const dated = `${from} AND ${deadline} IS NOT NULL`
  const undated = route.undated ? `${from} AND ${deadline} IS NULL` : `FROM ${table} WHERE 1`
  const expired = `${table} WHERE ${ids.map((id, i) => `${id} = @id${i}`).join(' AND ')} AND ${deadline} <= @asOf AND ${where}`
  return {
    /** Aggregates, because those skip what is NULL at the beginning of an index. */
    first: `SELECT min(${deadline}) AS ttl$deadline ${dated}`,
    last: `SELECT max(${deadline}) AS ttl$deadline ${dated}`,
    next: `SELECT ${deadline} AS ttl$deadline ${dated} AND ${where} ORDER BY ${deadline} LIMIT 1`,

    due: `SELECT ${whole} ${from} AND ${deadline} <= @asOf ${byDeadline}`,
    dueAfter: `SELECT ${whole} ${from} AND ${deadline} > @deadline AND ${deadline} <= @asOf ${byDeadline}`,
    dueTied: `SELECT ${whole} ${from} AND ${deadline} = @deadline AND ${past} ${byId}`,
    reap: `DELETE FROM ${expired}`,
    there: `SELECT 1 FROM ${expired}`,

    dated: `SELECT ${brief} ${from} AND ${deadline} >= @deadline ${byDeadline}`,
    datedAfter: `SELECT ${brief} ${from} AND ${deadline} > @deadline ${byDeadline}`,
    datedTied: `SELECT ${brief} ${from} AND ${deadline} = @deadline AND ${past} ${byId}`,
    undated: `SELECT ${brief} ${undated} ${byId}`,
    undatedAfter: `SELECT ${brief} ${undated} AND ${past} ${byId}`,
  }
}

export type StatementName = keyof ReturnType<typeof sqlFor>
export type TableStatements = Readonly<Record<StatementName, SqliteStatement>>

/** Prepares everything once. Integers are read whole: what names a row may be larger than a number holds. */
export function prepareAll(db: SqliteDatabase, shape: Shape, route: Route): TableStatements {
  const prepared = Object.entries(sqlFor(shape, route)).map(([name, sql]) => {
    const statement = db.prepare(sql)
    if (name !== 'reap') statement.safeIntegers(true)
    return [name, statement] as const
  })
  return Object.fromEntries(prepared) as unknown as TableStatements
}
