/** Statements that tell what expires when. None of them reads a value. */
import { $ } from '../client.ts'
import type { Names } from '../schema.ts'

/** Rows at most that a page of what is due looks at: what was refreshed since it was filed is passed over. */
export const MOST_LOOKED_AT = 1_000

/**
 * Rows: namespace, space, slot, count, first and last deadline. The slot is NULL for what has no deadline, −1 for what has
 * expired, else how many edges lie before the deadline.
 */
export const statsSql = ({ items }: Names, clock: string, one: boolean): string => `
WITH c AS MATERIALIZED (SELECT ${clock} AS now)
SELECT t.ns, t.space, s.slot, count(*), min(t.expires_at), max(t.expires_at)
FROM c, ${items} t CROSS JOIN LATERAL (
  SELECT CASE WHEN t.expires_at <= c.now THEN -1 ELSE width_bucket(t.expires_at - 1, ${$('edges')}::bigint[]) END AS slot) s
${one ? `WHERE t.ns = ${$('ns')}` : ''} GROUP BY t.ns, t.space, s.slot`

/**
 * Rows: space, namespace, key, deadline and place in the index, of what has a deadline up to `asOf`; then, without a
 * deadline, where the page stopped looking.
 */
export const dueSql = ({ items }: Names, scoped: boolean): string => `
WITH d AS MATERIALIZED (
  SELECT t.space, t.ns, t.key, t.expires_at, t.sweep_at FROM ${items} t
  WHERE t.sweep_at <= ${$('asOf')}::bigint AND t.sweep_at >= ${$('from')}::bigint ${scoped ? `AND t.ns = ${$('ns')}` : ''}
    AND (t.sweep_at, t.ns, t.space, t.key) > (${$('from')}::bigint, ${$('fromNs')}::text, ${$('fromSpace')}::smallint, ${$('fromKey')}::text)
  ORDER BY t.sweep_at, t.ns, t.space, t.key LIMIT ${$('look')}::int),
o AS (SELECT d.* FROM d WHERE d.expires_at <= ${$('asOf')}::bigint ORDER BY d.sweep_at, d.ns, d.space, d.key LIMIT ${$('limit')}::int)
SELECT * FROM o UNION ALL (
  SELECT d.space, d.ns, d.key, NULL, d.sweep_at FROM d WHERE (SELECT count(*) FROM d) = ${$('look')}::int
  ORDER BY d.sweep_at DESC, d.ns DESC, d.space DESC, d.key DESC LIMIT 1)`

/** One row: the lower bound of the first deadline. */
export const nextDueSql = ({ items }: Names): string => `SELECT min(t.sweep_at) FROM ${items} t`

/** Rows: the namespaces, each found by the key index from the one before. */
export const namespacesSql = ({ items }: Names): string => `
WITH RECURSIVE n AS (
  (SELECT t.ns FROM ${items} t ORDER BY t.ns LIMIT 1)
  UNION ALL
  SELECT (SELECT t.ns FROM ${items} t WHERE t.ns > n.ns ORDER BY t.ns LIMIT 1) FROM n WHERE n.ns IS NOT NULL)
SELECT n.ns FROM n WHERE n.ns IS NOT NULL`
