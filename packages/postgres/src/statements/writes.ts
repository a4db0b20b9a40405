/** Statements that write entries. */
import { $ } from '../client.ts'
import type { Names } from '../schema.ts'
import { leftOut } from './changes.ts'
import { keyed } from './reads.ts'
import { live, MAX, place, satisfied } from './rules.ts'

/** Which of the ways to write. */
export interface WriteShape {
  readonly many: boolean
  /** Whether a condition compares payloads. */
  readonly compare: boolean
  /** Leave out what somebody else holds, and say so, instead of waiting. */
  readonly skip: boolean
}

/** The payloads of a batch are cut out of one parameter. */
const cut = (of: '' | 'cond_'): string => `substring(${$('data')}::bytea FROM u.${of}at FOR u.${of}size)`
const text = (of: '' | 'cond_'): string => `CASE WHEN u.${of}is_text THEN convert_from(${cut(of)}, 'UTF8') END`
const binary = (of: '' | 'cond_'): string => `CASE WHEN NOT u.${of}is_text THEN ${cut(of)} END`

const PLAIN_COLUMNS = 'ns, space, key, expires_at, sweep_at, ttl_ms, restart_on, refresh_after, body, bytes'

const deadline = (now: string, ttlMs: string): string =>
  `CASE WHEN ${ttlMs} IS NOT NULL THEN LEAST(${now} + ${ttlMs}, ${MAX}) END`

/** The clock is read behind the lock of what is overwritten; `sweep_at` is right by an earlier reading as well. */
const overwrite = (expiresAt: string): string => `
ON CONFLICT (ns, space, key) DO UPDATE SET expires_at = ${expiresAt},
  sweep_at = LEAST(o.sweep_at, excluded.sweep_at), born_at = NULL, ttl_ms = excluded.ttl_ms, cap_at = NULL, restart_on = excluded.restart_on,
  refresh_after = excluded.refresh_after, body = excluded.body, bytes = excluded.bytes`

const again = (clock: string): string => `GREATEST(excluded.expires_at, ${deadline(clock, 'excluded.ttl_ms')})`

/** A write that need not look at what it overwrites: no condition, no birth, a relative deadline or none. */
export const putSql = ({ items }: Names, clock: string): string => `
INSERT INTO ${items} AS o (${PLAIN_COLUMNS})
SELECT ${$('ns')}::text, 0, ${$('key')}::text, e.at, e.at, ${$('ttlMs')}::bigint, ${$('mode')}::smallint, ${$('gate')}::float8,
  ${$('body')}::text, ${$('bytes')}::bytea
FROM (SELECT ${deadline(clock, `${$('ttlMs')}::bigint`)} AS at) e ${overwrite(again(clock))}`

/**
 * Several of them. What is there is locked in the order of the keys, then the clock is read; it is read again for a row that
 * appears meanwhile. Rows: the keys that were left out (`skip`).
 */
export const putManySql = ({ items }: Names, clock: string, skip: boolean): string => `
WITH l AS MATERIALIZED (
  SELECT t.key FROM ${items} t WHERE t.ns = ${$('ns')} AND t.space = 0 AND ${keyed('t.key', true)}
  ORDER BY t.key FOR NO KEY UPDATE${skip ? ' SKIP LOCKED' : ''}),
c AS MATERIALIZED (SELECT ${clock} AS now FROM (SELECT count(*) FROM l) held),
${skip ? `busy AS MATERIALIZED (${leftOut(items, '0')}),` : ''}
n AS (
  INSERT INTO ${items} AS o (${PLAIN_COLUMNS})
  SELECT ${$('ns')}::text, 0, u.key, e.at, e.at, u.ttl_ms, u.mode, u.gate, ${text('')}, ${binary('')}
  FROM c CROSS JOIN unnest(${$('keys')}::text[], ${$('isText')}::boolean[], ${$('at')}::int[], ${$('size')}::int[],
    ${$('ttlMs')}::bigint[], ${$('mode')}::smallint[], ${$('gate')}::float8[]) AS u(key, is_text, at, size, ttl_ms, mode, gate)
  CROSS JOIN LATERAL (SELECT ${deadline('c.now', 'u.ttl_ms')} AS at) e
  ${skip ? 'WHERE u.key NOT IN (SELECT busy.key FROM busy)' : ''} ORDER BY u.key COLLATE "C"
  ${overwrite(`CASE WHEN o.key IN (SELECT l.key FROM l) THEN excluded.expires_at ELSE ${again(clock)} END`)})
SELECT ${skip ? 'busy.key FROM busy' : 'WHERE false'}`

const COLUMNS = 'expires_at, sweep_at, born_at, ttl_ms, cap_at, restart_on, refresh_after, body, bytes'

/** What is written, as the rows of `i`. */
const input = (many: boolean): string =>
  many
    ? `
  SELECT u.key, ${text('')} AS body, ${binary('')} AS bytes,
    u.on_live, u.ttl_ms, u.max_age_ms, u.until, u.mode, u.gate, u.limit_ms, u.at_born, u.at_cap, u.cond,
    ${text('cond_')} AS cond_body, ${binary('cond_')} AS cond_bytes
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
  const judged = (columns: string) => `
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
  ON CONFLICT (ns, space, key) DO UPDATE SET (${COLUMNS}) = (${judged(
    'n.expires_at, LEAST(o.sweep_at, n.expires_at), n.born_at, n.ttl_ms, n.cap_at, n.restart_on, n.refresh_after, p.body, p.bytes',
  )})
  WHERE (${judged(satisfied('o', 'v.live', 'p', true))})
  RETURNING o.key, ${live('o', clock)} AS live)
SELECT p.key, coalesce(p.ok AND p.stays AND (p.had OR n.live), false), p.busy FROM p LEFT JOIN n ON n.key = p.key`
}
