/** Statements about an adopted table. Names of ours hold a `$`, so that no column of the application's is mistaken for them. */
import { $ } from '../client.ts'
import { dollar, literal } from '../schema.ts'
import { IN_BLOCK, SERVER_CLOCK } from '../statements/rules.ts'
import type { Adopted } from './adopted.ts'

const candidates = ({ where, namespace }: Adopted, scoped: boolean): string =>
  scoped ? `${where} AND ${namespace} = ${$('ns')}::text` : where

/** The rows of `ttl$d`: in a partitioned table a place belongs to a row of each partition. IS TRUE: no join. */
const FOUND = `ctid = ANY (ARRAY(SELECT d.ttl$row FROM ttl$d d)) AND ((tableoid, ctid) IN (SELECT d.ttl$table, d.ttl$row FROM ttl$d d)) IS TRUE`

/** Rows: namespace, slot, count, first and last deadline; the slot as `tallyOf` reads it. */
export const statsSql = (adopted: Adopted, clock: string, one: boolean): string => {
  const { table, namespace, deadline, ms, type, instant } = adopted
  const never = type === 'timestamptz' ? `${deadline} IS NULL OR ${deadline} = 'infinity'` : `${deadline} IS NULL`
  const now = `(SELECT ${instant('ttl$c.now')} FROM ttl$c)`
  return `
WITH ttl$c AS MATERIALIZED (SELECT ${clock} AS now),
ttl$r AS (
  SELECT ${namespace} AS ns, ${ms} AS ms, ${never} AS never, ${deadline} <= ${now} AS dead
  FROM ${table} WHERE ${candidates(adopted, one)})
SELECT r.ns, r.slot, count(*), min(r.ms), max(r.ms)
FROM (
  SELECT r.ns, r.ms, CASE WHEN r.never THEN NULL WHEN r.dead THEN -1 ELSE width_bucket(r.ms - 1, ${$('edges')}::bigint[]) END AS slot
  FROM ttl$r r) r
GROUP BY r.ns, r.slot`
}

/** Rows: namespace, key, deadline, and the place where the next page begins, in three columns. */
export const dueSql = (adopted: Adopted, scoped: boolean): string => {
  const { table, namespace, deadline, key, ms, place, at, instant } = adopted
  return `
SELECT ${namespace}, ${key}, ${ms}, ${place(deadline)}, tableoid::bigint, ctid FROM ${table}
WHERE ${deadline} <= ${instant(`${$('asOf')}::bigint`)} AND ${deadline} >= ${at($('from'))} AND ${candidates(adopted, scoped)}
  AND (${deadline}, tableoid, ctid) > (${at($('from'))}, ${$('fromTable')}::oid, ${$('fromRow')}::tid)
ORDER BY ${deadline}, tableoid, ctid LIMIT ${$('limit')}::int`
}

/** One row: the first deadline. */
export const nextDueSql = ({ table, deadline, ms, where, type }: Adopted): string => {
  const finite = type === 'timestamptz' ? ` AND ${deadline} < 'infinity'` : ''
  return `SELECT ${ms} FROM ${table} WHERE ${deadline} IS NOT NULL${finite} AND ${where} ORDER BY ${deadline} LIMIT 1`
}

/** One batch, as a sweeper reads it. Rows that somebody holds are left for another pass; the deleting step states the deadline again. */
export const sweepSql = (adopted: Adopted, clock: string, scoped: boolean, named: boolean, told: boolean): string => {
  const { table, namespace, deadline, key, ms, place, at, instant } = adopted
  const cutoff = `(SELECT ${instant('ttl$c.cutoff')} FROM ttl$c)`
  const wanted = candidates(adopted, scoped)
  const listed = `(SELECT json_agg(json_build_array(x.ns, x.key, x.ms)) FROM ttl$x x)`
  const instantOf = `LEAST(${$('asOf')}::bigint, ${clock})`
  const alone = told ? `CASE WHEN NOT ${IN_BLOCK} THEN ${instantOf} END` : instantOf
  return `
WITH ttl$c AS MATERIALIZED (SELECT ${alone} AS cutoff),
ttl$d AS MATERIALIZED (
  SELECT tableoid AS ttl$table, ctid AS ttl$row, ${deadline} AS ttl$deadline FROM ${table}
  WHERE ${deadline} <= ${cutoff} AND ${deadline} >= ${at($('from'))} AND ${wanted}
  ORDER BY ${deadline} LIMIT ${$('limit')}::int FOR UPDATE SKIP LOCKED),
ttl$x AS (
  DELETE FROM ${table} WHERE ${FOUND} AND ${deadline} <= ${cutoff} AND ${wanted}
  RETURNING ${namespace} AS ns${named ? `, ${key} AS key, ${ms} AS ms` : ''})
SELECT (SELECT count(*) FROM ttl$d), (SELECT ${place('d.deadline')} FROM (SELECT max(d.ttl$deadline) AS deadline FROM ttl$d d) d),
  (SELECT json_object_agg(q.ns, q.n) FROM (SELECT x.ns, count(*) AS n FROM ttl$x x GROUP BY x.ns) q),
  (SELECT count(*) FROM ttl$x), ${told ? IN_BLOCK : 'false'}${named ? `, ${listed}` : ''}`
}

/** One query that an index on the deadline answers, or none. */
export const probeSql = ({ table, deadline, where, instant }: Adopted, all: boolean): string =>
  `SELECT 1 FROM ${table} WHERE ${deadline} <= ${instant('0::bigint')}${all ? '' : ` AND ${where}`} ORDER BY ${deadline} LIMIT 1`

export const indexSql = ({ table, deadline, index }: Adopted): string =>
  `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${index} ON ${table} (${deadline}) WHERE ${deadline} IS NOT NULL`

/**
 * A clean-up in SQL alone: batches, each a transaction, with pauses between them. It goes on behind what a trigger or a
 * policy keeps, and fails where a whole batch of one deadline is kept.
 */
export const scriptSql = ({ title, table, deadline, where, own, type, at, instant }: Adopted): string =>
  `DO ${dollar(`
#variable_conflict use_column
DECLARE
  ttl$cutoff CONSTANT bigint := ${SERVER_CLOCK};
  ttl$from ${type === 'timestamptz' ? type : 'bigint'} := ${at('NULL')};
  ttl$last ttl$from%TYPE;
  ttl$count bigint;
  ttl$gone bigint;
BEGIN
${own.map(([, sql]) => `  PERFORM ${sql}\n  FROM ${table} LIMIT 0;\n`).join('')}  LOOP
    WITH ttl$d AS MATERIALIZED (
      SELECT tableoid AS ttl$table, ctid AS ttl$row, ${deadline} AS ttl$deadline FROM ${table}
      WHERE ${deadline} <= ${instant('ttl$cutoff')} AND ${deadline} >= ttl$from AND ${where}
      ORDER BY ${deadline} LIMIT 1000 FOR UPDATE SKIP LOCKED),
    ttl$x AS (
      DELETE FROM ${table} WHERE ${FOUND} AND ${deadline} <= ${instant('ttl$cutoff')} AND ${where} RETURNING 1)
    SELECT (SELECT count(*) FROM ttl$d), (SELECT max(d.ttl$deadline) FROM ttl$d d), (SELECT count(*) FROM ttl$x)
    INTO ttl$count, ttl$last, ttl$gone;
    COMMIT;
    EXIT WHEN ttl$count < 1000;
    IF ttl$gone = 0 AND ttl$last = ttl$from THEN
      RAISE EXCEPTION USING MESSAGE = ${literal(`expired rows of ${title} cannot be deleted: a trigger or a policy keeps them`)};
    END IF;
    ttl$from := ttl$last;
    PERFORM pg_sleep(0.05);
  END LOOP;
END`)}`
