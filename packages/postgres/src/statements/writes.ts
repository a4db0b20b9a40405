/** Statements that write entries. */
import { $ } from '../client.ts'
import type { Names } from '../schema.ts'
import { live, MAX, place, satisfied } from './rules.ts'

/** Which of the ways to write. */
export interface WriteShape {
  readonly many: boolean
  /** Whether a condition compares payloads. */
  readonly compare: boolean
  /** Leave out what somebody else holds, and say so, instead of waiting. */
  readonly skip: boolean
}

/**
 * A write that need not look at what it overwrites: no condition, no birth, a relative deadline or none. The clock is read
 * again behind the lock of what is overwritten; `sweep_at` is right by the first reading as well.
 */
export const putSql = ({ items }: Names, clock: string): string => `
INSERT INTO ${items} AS o (ns, space, key, expires_at, sweep_at, ttl_ms, restart_on, refresh_after, body, bytes)
SELECT ${$('ns')}::text, 0, ${$('key')}::text, e.at, e.at, ${$('ttlMs')}::bigint, ${$('mode')}::smallint, ${$('gate')}::float8,
  ${$('body')}::text, ${$('bytes')}::bytea
FROM (SELECT CASE WHEN ${$('ttlMs')}::bigint IS NOT NULL THEN LEAST(${clock} + ${$('ttlMs')}::bigint, ${MAX}) END AS at) e
ON CONFLICT (ns, space, key) DO UPDATE SET
  expires_at = GREATEST(excluded.expires_at, CASE WHEN excluded.ttl_ms IS NOT NULL THEN LEAST(${clock} + excluded.ttl_ms, ${MAX}) END),
  sweep_at = LEAST(o.sweep_at, excluded.sweep_at), born_at = NULL, ttl_ms = excluded.ttl_ms, cap_at = NULL, restart_on = excluded.restart_on,
  refresh_after = excluded.refresh_after, body = excluded.body, bytes = excluded.bytes`

const COLUMNS = 'expires_at, sweep_at, born_at, ttl_ms, cap_at, restart_on, refresh_after, body, bytes'

/** What is written, as the rows of `i`; payloads of a batch are cut out of one parameter. */
const input = (many: boolean): string =>
  many
    ? `
  SELECT u.key, CASE WHEN u.is_text THEN convert_from(substring(${$('data')}::bytea FROM u.at FOR u.size), 'UTF8') END AS body,
    CASE WHEN NOT u.is_text THEN substring(${$('data')}::bytea FROM u.at FOR u.size) END AS bytes,
    u.on_live, u.ttl_ms, u.max_age_ms, u.until, u.mode, u.gate, u.limit_ms, u.at_born, u.at_cap, u.cond,
    CASE WHEN u.cond_is_text THEN convert_from(substring(${$('data')}::bytea FROM u.cond_at FOR u.cond_size), 'UTF8') END AS cond_body,
    CASE WHEN NOT u.cond_is_text THEN substring(${$('data')}::bytea FROM u.cond_at FOR u.cond_size) END AS cond_bytes
  FROM unnest(${$('keys')}::text[], ${$('isText')}::boolean[], ${$('at')}::int[], ${$('size')}::int[], ${$('onLive')}::smallint[],
    ${$('ttlMs')}::bigint[], ${$('maxAgeMs')}::bigint[], ${$('until')}::bigint[], ${$('mode')}::smallint[], ${$('gate')}::float8[],
    ${$('limitMs')}::bigint[], ${$('bornAt')}::bigint[], ${$('capAt')}::bigint[], ${$('cond')}::smallint[],
    ${$('condIsText')}::boolean[], ${$('condAt')}::int[], ${$('condSize')}::int[])
    AS u(key, is_text, at, size, on_live, ttl_ms, max_age_ms, until, mode, gate, limit_ms, at_born, at_cap, cond, cond_is_text, cond_at, cond_size)`
    : `
  SELECT ${$('key')}::text AS key, ${$('body')}::text AS body, ${$('bytes')}::bytea AS bytes, ${scalars()},
    ${$('cond')}::smallint AS cond, ${$('condBody')}::text AS cond_body, ${$('condBytes')}::bytea AS cond_bytes`

/** One placement as columns. */
export const scalars = (): string => `
    ${$('onLive')}::smallint AS on_live, ${$('ttlMs')}::bigint AS ttl_ms, ${$('maxAgeMs')}::bigint AS max_age_ms,
    ${$('until')}::bigint AS until, ${$('mode')}::smallint AS mode, ${$('gate')}::float8 AS gate,
    ${$('limitMs')}::bigint AS limit_ms, ${$('bornAt')}::bigint AS at_born, ${$('capAt')}::bigint AS at_cap`

/**
 * Any write. Rows: key, whether it is stored, and whether it was left out (`skip`).
 *
 * What is there is locked in the order of the keys, then the clock is read, then conditions and timings are worked out,
 * then rows are removed, updated, inserted. A row that appears meanwhile is met by ON CONFLICT, which works it out again.
 */
export function writeSql({ items }: Names, clock: string, { many, compare, skip }: WriteShape): string {
  const where = `t.ns = ${$('ns')} AND t.space = 0 AND t.key = ${many ? `ANY (${$('keys')}::text[])` : $('key')}`
  const payload = compare ? ', t.body, t.bytes' : ''
  const again = (columns: string) => `
    SELECT ${columns} FROM p CROSS JOIN LATERAL (SELECT ${clock} AS now OFFSET 0) r ${place('o', 'true', 'p', 'r.now')}
    WHERE p.key = excluded.key`
  return `
WITH i AS MATERIALIZED (${input(many)}),
${skip ? `seen AS MATERIALIZED (SELECT t.key FROM ${items} t WHERE ${where}),` : ''}
l AS MATERIALIZED (
  SELECT t.key, t.expires_at, t.born_at, t.ttl_ms, t.cap_at, t.restart_on, t.refresh_after${payload}
  FROM ${items} t WHERE ${where} ORDER BY t.key FOR UPDATE${skip ? ' SKIP LOCKED' : ''}),
c AS MATERIALIZED (SELECT ${clock} AS now FROM (SELECT count(*) FROM l) held),
p AS MATERIALIZED (
  SELECT i.*, l.key IS NOT NULL AS had, ${skip ? 'seen.key IS NOT NULL AND l.key IS NULL' : 'false'} AS busy,
    ${satisfied('l', 'v.live', 'i', compare)} AS ok, ${live('n', 'c.now')} AS stays,
    n.expires_at AS n_expires_at, n.born_at AS n_born_at, n.ttl_ms AS n_ttl_ms, n.cap_at AS n_cap_at,
    n.restart_on AS n_restart_on, n.refresh_after AS n_refresh_after
  FROM i CROSS JOIN c LEFT JOIN l ON l.key = i.key ${skip ? 'LEFT JOIN seen ON seen.key = i.key' : ''}
  ${place('l', 'l.key IS NOT NULL', 'i', 'c.now')}),
d AS (DELETE FROM ${items} t USING p WHERE t.ns = ${$('ns')} AND t.space = 0 AND t.key = p.key AND p.had AND p.ok AND NOT p.stays),
u AS (
  UPDATE ${items} t SET expires_at = p.n_expires_at, sweep_at = LEAST(t.sweep_at, p.n_expires_at), born_at = p.n_born_at,
    ttl_ms = p.n_ttl_ms, cap_at = p.n_cap_at, restart_on = p.n_restart_on, refresh_after = p.n_refresh_after,
    body = p.body, bytes = p.bytes
  FROM p WHERE t.ns = ${$('ns')} AND t.space = 0 AND t.key = p.key AND p.had AND p.ok AND p.stays),
n AS (
  INSERT INTO ${items} AS o (ns, space, key, ${COLUMNS})
  SELECT ${$('ns')}, 0, p.key, p.n_expires_at, p.n_expires_at, p.n_born_at, p.n_ttl_ms, p.n_cap_at, p.n_restart_on, p.n_refresh_after,
    p.body, p.bytes
  FROM p WHERE NOT p.had AND NOT p.busy AND p.ok AND p.stays ORDER BY p.key COLLATE "C"
  ON CONFLICT (ns, space, key) DO UPDATE SET (${COLUMNS}) = (${again(
    'n.expires_at, LEAST(o.sweep_at, n.expires_at), n.born_at, n.ttl_ms, n.cap_at, n.restart_on, n.refresh_after, p.body, p.bytes',
  )})
  WHERE (${again(satisfied('o', 'v.live', 'p', true))})
  RETURNING o.key, ${live('o', clock)} AS live)
SELECT p.key, coalesce(p.ok AND p.stays AND (p.had OR n.live), false), p.busy FROM p LEFT JOIN n ON n.key = p.key`
}
