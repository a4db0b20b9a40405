/** A table of the application's own, as SQL. Columns stand unqualified, so that the application's expressions fit in. */
import { TtlTypeError } from '@ttl/core'
import { describe, MAX_INSTANT_MS, type TableDescription } from '@ttl/core/adapter'
import { checkIdentifier, identifier, literal, MAX_NAME_BYTES } from '../schema.ts'
import { MAX } from '../statements/rules.ts'

const WHERE = 'expiringTable()'

/** How the column of the deadline says an instant. */
export type ExpiryType = 'timestamptz' | 'epoch-ms' | 'epoch-s'

/** The names of an adopted table, quoted, and what is asked of its rows. */
export interface Adopted {
  /** As it is called in messages. */
  readonly title: string
  readonly table: string
  /** Columns that have to be there, that of the deadline first. */
  readonly needed: readonly string[]
  /** The deadline. */
  readonly deadline: string
  readonly type: ExpiryType
  readonly index: string
  /** The key columns as text, in JSON. */
  readonly key: string
  readonly namespace: string
  /** Which rows are candidates. */
  readonly where: string
  /** The application's own expressions as they were given, by option. */
  readonly own: readonly (readonly [option: string, sql: string])[]
  /** The deadline in epoch milliseconds, rounded up; NULL where it is never. */
  readonly ms: string
  /** A deadline as text that keeps all of it; NULL where it is before all others. */
  readonly place: (deadline: string) => string
  /** The deadline at a place. */
  readonly at: (place: string) => string
  /** The deadline at an instant in epoch milliseconds. */
  readonly instant: (ms: string) => string
}

/** As far as a `bigint` reaches: some way behind the last instant. */
const micros = (deadline: string): string => `(LEAST(date_part('epoch', ${deadline}), 9e12) * 1000000)::bigint`

/** A number within what is an instant, however far off the column says. NULL stays NULL, which LEAST would not let it. */
const within = (deadline: string, most: number): string =>
  `CASE WHEN ${deadline} IS NOT NULL THEN LEAST(GREATEST(${deadline}::bigint, -${most}), ${most}) END`

const TYPES = {
  timestamptz: {
    ms: (deadline: string) =>
      `CASE WHEN isfinite(${deadline}) THEN LEAST((${micros(deadline)} + 999) / 1000, ${MAX}) WHEN ${deadline} = '-infinity' THEN 0 END`,
    place: (deadline: string) => `CASE WHEN isfinite(${deadline}) THEN ${micros(deadline)} END`,
    at: (place: string) =>
      `coalesce('epoch'::timestamptz + ${place}::bigint * interval '1 microsecond', '-infinity'::timestamptz)`,
    instant: (ms: string) => `('epoch'::timestamptz + ${ms} * interval '1 millisecond')`,
  },
  'epoch-ms': {
    ms: (deadline: string) => within(deadline, MAX_INSTANT_MS),
    place: (deadline: string) => deadline,
    at: (place: string) => `coalesce(${place}::bigint, -9223372036854775808)`,
    instant: (ms: string) => `(${ms})`,
  },
  'epoch-s': {
    ms: (deadline: string) => `${within(deadline, MAX_INSTANT_MS / 1000)} * 1000`,
    place: (deadline: string) => deadline,
    at: (place: string) => `coalesce(${place}::bigint, -9223372036854775808)`,
    instant: (ms: string) => `(${ms} / 1000)`,
  },
} as const satisfies Record<ExpiryType, unknown>

export interface AdoptedOptions {
  readonly schema?: string | undefined
  readonly type?: ExpiryType | undefined
}

/** @throws {@link TtlTypeError} `TTL_INVALID` for names that PostgreSQL would refuse or cut off, and types that are not there */
export function adopt(description: TableDescription, { schema, type = 'timestamptz' }: AdoptedOptions): Adopted {
  const { table, key, expiresAt, namespace, where } = description
  if (!Object.hasOwn(TYPES, type)) {
    const known = Object.keys(TYPES).map((name) => `'${name}'`)
    throw new TtlTypeError('TTL_INVALID', `type of ${WHERE} must be one of ${known.join(', ')}, got ${describe(type)}`)
  }
  if (schema !== undefined) checkIdentifier(schema, `schema of ${WHERE}`)
  checkIdentifier(table, `table of ${WHERE}`)
  for (const column of [expiresAt, ...key]) checkIdentifier(column, `a column of ${WHERE}`)
  const column = namespace !== undefined && 'column' in namespace ? namespace.column : undefined
  if (column !== undefined) checkIdentifier(column, `namespace of ${WHERE}`)
  const deadline = identifier(expiresAt)
  const { ms, place, at, instant } = TYPES[type]
  return {
    title: schema === undefined ? table : `${schema}.${table}`,
    table: schema === undefined ? identifier(table) : `${identifier(schema)}.${identifier(table)}`,
    needed: [expiresAt, ...key, ...(column === undefined ? [] : [column])],
    deadline,
    type,
    index: identifier(cut(`${table}_${expiresAt}_ttl`)),
    key: `json_build_array(${key.map((name) => textOf(identifier(name))).join(', ')})`,
    namespace: namespaceText(namespace, table),
    where: where === undefined ? 'true' : enclosed(where.sql),
    own: Object.entries({ namespace, where }).flatMap(([option, given]) =>
      given !== undefined && 'sql' in given ? [[option, given.sql] as const] : [],
    ),
    ms: ms(deadline),
    place,
    at,
    instant,
  }
}

function namespaceText(namespace: TableDescription['namespace'], table: string): string {
  if (namespace === undefined) return `${literal(table)}::text`
  return `coalesce(${'column' in namespace ? identifier(namespace.column) : enclosed(namespace.sql)}::text, '')`
}

/** On a line of its own, so that a comment at its end takes nothing along. */
const enclosed = (sql: string): string => `(${sql}\n)`

/**
 * A column as text that no setting of the session (`bytea_output`, `DateStyle`, `TimeZone`) has a say in. Its type is known
 * to the server alone, and each branch has to do with any of them, hence the detours by text; JSON has dates in ISO 8601.
 */
const textOf = (column: string): string => `CASE pg_typeof(${column})
  WHEN 'bytea'::regtype THEN ${literal('\\x')} || encode(${column}::text::bytea, 'hex')
  WHEN 'timestamptz'::regtype THEN (to_json(timezone('UTC', (to_json(${column}) #>> '{}')::timestamptz)) #>> '{}') || 'Z'
  WHEN 'timestamp'::regtype THEN to_json(${column}) #>> '{}'
  WHEN 'date'::regtype THEN to_json(${column}) #>> '{}'
  ELSE ${column}::text END`

/** To what PostgreSQL keeps of a name. */
function cut(name: string): string {
  let kept = name
  while (Buffer.byteLength(kept) > MAX_NAME_BYTES) kept = [...kept].slice(0, -1).join('')
  return kept
}
