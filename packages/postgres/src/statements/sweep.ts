import { $ } from '../client.ts'
import type { Names } from '../schema.ts'

/** Rows as JSON: space, namespace, key and deadline of each. */
const listed = (row: string): string =>
  `(SELECT json_agg(json_build_array(${row}.space, ${row}.ns, ${row}.key, ${row}.expires_at)) FROM ${row} WHERE ${row}.expires_at IS NOT NULL)`

/**
 * One batch, as a `Broom` says it: with `named`, what it came upon in vain is what lives longer than it was filed for.
 *
 * Rows that somebody holds are left for another pass. The deleting step states the deadline again: it holds also where the
 * planner, or an older server's re-check, would let a refreshed row through. What lives is filed at its real deadline.
 */
export const sweepSql = ({ items }: Names, clock: string, scoped: boolean, named: boolean): string => `
WITH c AS MATERIALIZED (SELECT LEAST(${$('asOf')}::bigint, ${clock}) AS cutoff),
d AS MATERIALIZED (
  SELECT t.ctid, t.expires_at, t.sweep_at FROM ${items} t
  WHERE t.sweep_at <= (SELECT c.cutoff FROM c) AND t.sweep_at >= ${$('from')}::bigint ${scoped ? `AND t.ns = ${$('ns')}` : ''}
  ORDER BY t.sweep_at LIMIT ${$('limit')}::int FOR UPDATE SKIP LOCKED),
x AS (
  DELETE FROM ${items} t
  WHERE t.ctid = ANY (ARRAY(SELECT d.ctid FROM d WHERE d.expires_at <= (SELECT c.cutoff FROM c)))
    AND t.expires_at <= (SELECT c.cutoff FROM c) RETURNING t.space, t.ns, t.key, t.expires_at),
r AS (
  UPDATE ${items} t SET sweep_at = t.expires_at
  WHERE t.ctid = ANY (ARRAY(SELECT d.ctid FROM d WHERE d.expires_at IS NULL OR d.expires_at > (SELECT c.cutoff FROM c)))
  RETURNING t.space, t.ns, t.key, t.expires_at)
SELECT (SELECT count(*) FROM d), (SELECT max(d.sweep_at) FROM d),
  (SELECT json_object_agg(q.ns, q.n) FROM (SELECT x.ns, count(*) AS n FROM x GROUP BY x.ns) q),
  (SELECT count(*) FROM x) + (SELECT count(*) FROM r), false${named ? `, ${listed('x')}, ${listed('r')}` : ''}`
