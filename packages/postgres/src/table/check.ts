import { TtlError, TtlTypeError } from '@ttl/core'
import { $, type PostgresClient, type Row, Statement, send, sendScript } from '../client.ts'
import { isMisspelt } from '../errors.ts'
import { literal } from '../schema.ts'
import type { Adopted, ExpiryType } from './adopted.ts'
import { indexSql, probeSql } from './statements.ts'

const ACCEPTED: Readonly<Record<ExpiryType, readonly string[]>> = {
  timestamptz: ['timestamp with time zone'],
  'epoch-ms': ['bigint'],
  'epoch-s': ['bigint', 'integer'],
}

/**
 * Refuses a table that cannot be swept as it is.
 *
 * @throws {@link TtlError} `TTL_INVALID` where a table or column is not as it was said to be, `TTL_UNSUPPORTED` where no
 *   index serves
 */
export async function check(client: PostgresClient, adopted: Adopted): Promise<void> {
  const { title, table } = adopted
  const oid = `to_regclass(${literal(table)})`
  const [found] = await sendScript(client, `SELECT c.relkind FROM pg_class c WHERE c.oid = ${oid}`)
  if (found === undefined) throw invalid(`finds no table ${title}`)
  if (!['r', 'p'].includes(found[0] as string)) throw invalid(`takes a table, but ${title} is a view or something else`)
  const rows = await sendScript(
    client,
    `SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a
     WHERE a.attrelid = ${oid} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  )
  checkColumns(adopted, rows)
  for (const [option, sql] of adopted.own) await checkOwnSql(client, adopted, option, sql)
  await checkIndex(client, adopted)
}

function checkColumns({ title, type, needed }: Adopted, rows: readonly Row[]): void {
  const types = new Map(rows.map(([name, typeName]) => [name as string, typeName as string]))
  for (const name of needed) {
    if (types.has(name)) continue
    throw invalid(`finds no column ${JSON.stringify(name)} in ${title}; there are ${[...types.keys()].join(', ')}`)
  }
  const [expiresAt] = needed as [string]
  const actual = types.get(expiresAt) as string
  if (ACCEPTED[type].includes(actual)) return
  const naive = actual === 'timestamp without time zone'
  const advice = naive
    ? 'a time without a zone is a different instant for each reader: ALTER COLUMN … TYPE timestamptz USING … AT TIME ZONE the zone that it was written in'
    : `say type: 'timestamptz' for timestamptz, 'epoch-ms' or 'epoch-s' for numbers`
  throw invalid(
    `was told that ${title}.${expiresAt} is ${type}, which needs ${ACCEPTED[type].join(' or ')}, but it is ${actual}; ${advice}`,
  )
}

/** An expression has to be one without the parentheses that it gets: closing them would end the condition that spares what lives. */
async function checkOwnSql(client: PostgresClient, { title, table }: Adopted, option: string, sql: string) {
  try {
    // A parameter has it sent as a statement, of which there may be one.
    await send(client, new Statement(`SELECT ${sql}\nFROM ${table} LIMIT ${$('limit')}::int`), { limit: 0 }, false)
  } catch (cause) {
    if (!isMisspelt(cause)) throw cause
    const { message } = cause as Error
    throw new TtlTypeError('TTL_INVALID', `${option} of expiringTable() is no expression on ${title}: ${message}`, {
      cause,
    })
  }
}

async function checkIndex(client: PostgresClient, adopted: Adopted): Promise<void> {
  // First whatever rows are candidates, then with those that are: an index may hold no others.
  for (const all of [true, false]) if (await isServed(client, probeSql(adopted, all))) return
  const own = await sendScript(
    client,
    `SELECT pg_get_indexdef(i.indexrelid), i.indisvalid FROM pg_index i WHERE i.indrelid = to_regclass(${literal(adopted.table)})`,
  )
  const there = own.map(([definition, valid]) => `${definition}${valid === 't' ? '' : ' (invalid: drop it)'}`)
  throw new TtlError(
    'TTL_UNSUPPORTED',
    `${adopted.title} has no index that finds what is due by its deadline, so a sweep would read all of it; create one: ${indexSql(adopted)}. ` +
      `It has ${there.length === 0 ? 'no index' : there.join('; ')}`,
  )
}

/** Asks the planner, with everything but the order of an index made dear: it knows of partial and of broken ones. */
async function isServed(client: PostgresClient, probe: string): Promise<boolean> {
  const [before = []] = await sendScript(
    client,
    `SELECT ${PLANNER.map((name) => `current_setting('${name}')`).join(', ')}`,
  )
  const [row] = await sendScript(client, `${plannerSql(['off', 'off', 'off'])}; EXPLAIN (FORMAT JSON) ${probe}`)
  // In a transaction of the caller's they would stay off.
  await sendScript(client, plannerSql(before))
  const nodes = nodesOf(JSON.parse(row?.[0] as string))
  const unfit = nodes.some((node) => UNFIT.includes(String(node['Node Type'])))
  return !unfit && nodes.some((node) => node['Index Cond'] !== undefined)
}

const PLANNER = ['enable_seqscan', 'enable_bitmapscan', 'enable_sort']

const plannerSql = (values: Row): string =>
  `SELECT ${PLANNER.map((name, index) => `set_config('${name}', '${values[index]}', true)`).join(', ')}`

const UNFIT = ['Seq Scan', 'Sort', 'Incremental Sort', 'Bitmap Heap Scan']

type PlanNode = Readonly<Record<string, unknown>>

function nodesOf(plan: unknown): PlanNode[] {
  if (Array.isArray(plan)) return plan.flatMap(nodesOf)
  if (typeof plan !== 'object' || plan === null) return []
  return [plan as PlanNode, ...Object.values(plan).flatMap(nodesOf)]
}

const invalid = (message: string): TtlTypeError => new TtlTypeError('TTL_INVALID', `expiringTable() ${message}`)
