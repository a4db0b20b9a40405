import { TtlError } from '@ttl/core'
import type { SqliteDatabase } from '../client.ts'
import { quoted } from '../quoting.ts'
import { type Catalog, query } from './catalog.ts'
import type { Shape } from './shape.ts'
import { type Route, type StatementName, sqlFor } from './statements.ts'

const BY_DEADLINE = ['first', 'last', 'due', 'dueAfter', 'dueTied', 'dated', 'datedAfter', 'datedTied'] as const
const UNDATED = ['undated', 'undatedAfter'] as const

/**
 * Finds an index that serves by asking the planner: it knows of order, collations and conditions.
 * @throws {@link TtlError} `TTL_UNSUPPORTED` when none does
 */
export function findRoute(db: SqliteDatabase, shape: Shape, { ids, indexes }: Catalog, indexSql: string): Route {
  const serves = (route: Route, names: readonly StatementName[]): boolean => {
    const sql = sqlFor(shape, route)
    return names.every((name) => isSearch(planOf(db, sql[name], ids.length)))
  }
  for (const index of indexes.map(quoted)) {
    for (const partial of shape.where === undefined ? [false] : [false, true]) {
      const route = { index, ids, partial, undated: true }
      if (serves(route, BY_DEADLINE)) return { ...route, undated: serves(route, UNDATED) }
    }
  }
  const unfit =
    indexes.length === 0
      ? ''
      : ` (of no use: ${indexes.map(quoted).join(', ')}, for DESC, a condition, a collation, or more columns)`
  throw new TtlError(
    'TTL_UNSUPPORTED',
    `${shape.table} has no index that lists its rows by ${shape.deadline}${unfit}, so a sweep would read the whole table; create one: ${indexSql}`,
  )
}

function isSearch(plan: readonly string[] | undefined): boolean {
  return plan?.every((step) => step.startsWith('SEARCH')) ?? false
}

/** The steps of a query; `undefined` when it cannot be answered by the index that it names. */
export function planOf(db: SqliteDatabase, sql: string, ids: number): string[] | undefined {
  const names = ['asOf', 'deadline', 'most', ...Array.from({ length: ids }, (_, i) => `id${i}`)]
  const parameters = Object.fromEntries(names.map((name) => [name, null]))
  try {
    return query<{ detail: string }>(db, `EXPLAIN QUERY PLAN ${sql}`, parameters).map(({ detail }) => detail)
  } catch (error) {
    if (error instanceof Error && /no query solution/.test(error.message)) return undefined
    throw error
  }
}
