import type { TableDescription } from '@ttl/core/adapter'
import { literal, quoted } from '../quoting.ts'

/** A table of the application's own, as SQL. Columns stand unqualified, so that the developer's expressions fit in. */
export interface Shape {
  readonly table: string
  readonly deadline: string
  /** The key columns, as text. */
  readonly keys: readonly string[]
  readonly namespace: string | undefined
  readonly where: string | undefined
  /** The application's own expressions as they were given, by option. */
  readonly own: readonly (readonly [option: string, sql: string])[]
}

export function shapeOf({ table, key, expiresAt, namespace, where }: TableDescription): Shape {
  return {
    table: quoted(table),
    deadline: quoted(expiresAt),
    keys: key.map((column) => asText(quoted(column))),
    namespace:
      namespace &&
      `coalesce(${asText('column' in namespace ? quoted(namespace.column) : enclosed(namespace.sql))}, '')`,
    where: where && enclosed(where.sql),
    own: Object.entries({ namespace, where }).flatMap(([option, given]) =>
      given !== undefined && 'sql' in given ? [[option, given.sql] as const] : [],
    ),
  }
}

/** On a line of its own, so that a comment at its end takes nothing along. */
export const enclosed = (sql: string): string => `(${sql}\n)`

/** In SQL, where integers keep all their digits. */
function asText(sql: string): string {
  return `CASE typeof(${sql}) WHEN 'blob' THEN '\\x' || lower(hex(${sql})) ELSE CAST((${sql}) AS TEXT) END`
}

/** A stored value as SQL. */
export function literalOf(value: number | string): string {
  return typeof value === 'string' ? literal(value) : String(value)
}
