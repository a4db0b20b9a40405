/** A table of the application's own, as SQL. Columns stand unqualified, so that the application's expressions fit in. */
import { TtlTypeError } from '@ttl/core'
import { identifier, literal } from '../schema.ts'
import { MAX } from '../statements/rules.ts'
import { checkOptions, kindOf } from '../target.ts'

/** How the column of the deadline says an instant. */
export type ExpiryType = 'timestamptz' | 'epoch-ms' | 'epoch-s'

/** A piece of SQL that the developer wrote. Never build one from data. */
export interface SqlText {
  readonly sql: string
}

export interface AdoptedOptions {
  readonly table: string
  readonly schema?: string | undefined
  readonly key: string | readonly string[]
  readonly expiresAt: string
  readonly type?: ExpiryType | undefined
  readonly namespace?: string | SqlText | undefined
  readonly where?: SqlText | undefined
}

/** The names of an adopted table, quoted, and what is asked of its rows. */
export interface Adopted {
  /** As it is called in messages. */
  readonly title: string
  readonly table: string
  readonly columns: readonly string[]
  /** The deadline. */
  readonly deadline: string
  readonly type: ExpiryType
  readonly index: string
  /** Text that names a row: that of its one key column, or of all as JSON. */
  readonly key: string
  readonly namespace: string
  /** Which rows are candidates. */
  readonly where: string
  /** The deadline in epoch milliseconds, rounded up; NULL where it is never. */
  readonly ms: string
  /** A deadline as text that keeps all of it; NULL where it is before all others. */
  readonly place: (deadline: string) => string
  /** The deadline at a place. */
  readonly at: (place: string) => string
  /** The deadline at an instant in epoch milliseconds. */
  readonly instant: (ms: string) => string
}

const micros = (deadline: string): string => `(date_part('epoch', ${deadline}) * 1000000)::bigint`

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
    ms: (deadline: string) => deadline,
    place: (deadline: string) => deadline,
    at: (place: string) => `coalesce(${place}::bigint, -9223372036854775808)`,
    instant: (ms: string) => `(${ms})`,
  },
  'epoch-s': {
    ms: (deadline: string) => `${deadline}::bigint * 1000`,
    place: (deadline: string) => deadline,
    at: (place: string) => `coalesce(${place}::bigint, -9223372036854775808)`,
    instant: (ms: string) => `(${ms} / 1000)`,
  },
} as const satisfies Record<ExpiryType, unknown>

/** @throws {@link TtlTypeError} `TTL_INVALID` for what cannot be used */
export function adopt(options: AdoptedOptions): Adopted {
  const { schema, table, expiresAt, type = 'timestamptz', namespace, where } = options
  checkName(table, 'table')
  if (schema !== undefined) checkName(schema, 'schema')
  const columns = Array.isArray(options.key) ? (options.key as readonly string[]) : [options.key as string]
  if (columns.length === 0) throw invalid('needs a column in key')
  for (const column of columns) checkName(column, 'key')
  checkName(expiresAt, 'expiresAt')
  if (!Object.hasOwn(TYPES, type)) {
    throw invalid(`takes as type ${Object.keys(TYPES).join(', ')}; got ${kindOf(type)}`)
  }
  const deadline = identifier(expiresAt)
  const rules = TYPES[type]
  return {
    title: schema === undefined ? table : `${schema}.${table}`,
    table: schema === undefined ? identifier(table) : `${identifier(schema)}.${identifier(table)}`,
    columns,
    deadline,
    type,
    index: identifier(cut(`${table}_${expiresAt}_ttl`)),
    key: keyText(columns),
    namespace: namespaceText(namespace, table),
    where: where === undefined ? 'true' : `(${sqlOf(where, 'where')})`,
    ms: rules.ms(deadline),
    place: rules.place,
    at: rules.at,
    instant: rules.instant,
  }
}

function keyText(columns: readonly string[]): string {
  const texts = columns.map((column) => `${identifier(column)}::text`)
  return texts.length === 1 ? `coalesce(${texts[0]}, '')` : `json_build_array(${texts.join(', ')})::text`
}

function namespaceText(namespace: string | SqlText | undefined, table: string): string {
  if (namespace === undefined) return `${literal(table)}::text`
  if (typeof namespace !== 'string') return `coalesce((${sqlOf(namespace, 'namespace')})::text, '')`
  checkName(namespace, 'namespace')
  return `coalesce(${identifier(namespace)}::text, '')`
}

function sqlOf(text: SqlText, option: string): string {
  checkOptions(text, ['sql'], `${option} of expiringTable()`)
  if (typeof text.sql !== 'string' || text.sql.trim() === '' || text.sql.includes('\0')) {
    throw invalid(`takes as ${option} { sql: '…' } with SQL that you wrote, got ${kindOf(text.sql)}`)
  }
  return text.sql
}

function checkName(name: unknown, option: string): void {
  if (typeof name === 'string' && name !== '' && name.isWellFormed() && !/\0/.test(name)) {
    if (Buffer.byteLength(name) <= 63) return
  }
  throw invalid(`takes as ${option} a name of 1 to 63 bytes, got ${kindOf(name)}`)
}

/** To what PostgreSQL keeps of a name. */
function cut(name: string): string {
  let kept = name
  while (Buffer.byteLength(kept) > 63) kept = [...kept].slice(0, -1).join('')
  return kept
}

export const invalid = (message: string): TtlTypeError => new TtlTypeError('TTL_INVALID', `expiringTable() ${message}`)
