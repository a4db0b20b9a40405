import { $ } from '../client.ts'
import { literal, type Names } from '../schema.ts'
import { BYTES } from '../text.ts'
import { due, live, liveNow, moved, timing } from './rules.ts'

/** Which of the ways to read. */
export interface ReadShape {
  readonly many: boolean
  /** With `now` and the timing. */
  readonly detail: boolean
}

/** One key as a plain parameter: a batch of one is the plain statement. */
export const keyed = (column: string, many: boolean): string =>
  many ? `${column} = ANY (${$('keys')}::text[])` : `${column} = ${$('key')}`

/**
 * Rows: key, value, and with `detail` now and the timing. The value is the mode of the entry, a digit, then `body`, or a mark and
 * `bytes` in base64: a column more costs a single read as much as the judgement of its deadline.
 */
export function readSql({ items }: Names, clock: string, { many, detail }: ReadShape): string {
  const where = `t.ns = ${$('ns')} AND t.space = 0 AND ${keyed('t.key', many)}`
  const value = `t.restart_on || coalesce(t.body, ${literal(BYTES)} || encode(t.bytes, 'base64'))`
  if (!many && !detail) return `SELECT ${value} FROM ${items} t WHERE ${where} AND ${liveNow('t', clock)}`
  return `
WITH c AS MATERIALIZED (SELECT ${clock} AS now)
SELECT t.key, ${value}${detail ? `, c.now, ${timing('t')}` : ''}
FROM c, ${items} t WHERE ${where} AND ${live('t', 'c.now')}`
}

/**
 * Rows: key, body, bytes, whether a restart is still due, and with `detail` now and the timing.
 *
 * Values are those of the statement's snapshot. What is due is restarted where nobody else holds the row; where
 * somebody does, the row still says that it is due.
 */
export const slidingSql = ({ items }: Names, clock: string, { many, detail }: ReadShape): string => `
WITH c AS MATERIALIZED (SELECT ${clock} AS now),
s AS MATERIALIZED (
  SELECT t.key, t.body, t.bytes, ${timing('t')}, coalesce(${due('t', 'c.now')}, false) AS due
  FROM c, ${items} t WHERE t.ns = ${$('ns')} AND t.space = 0 AND ${keyed('t.key', many)} AND ${live('t', 'c.now')}),
l AS MATERIALIZED (
  SELECT t.key FROM ${items} t
  WHERE t.ns = ${$('ns')} AND t.space = 0 AND t.key = ANY (ARRAY(SELECT s.key FROM s WHERE s.due))
  ORDER BY t.key FOR NO KEY UPDATE SKIP LOCKED),
u AS (
  UPDATE ${items} t SET ${moved('t', 'c.now')} FROM l, c
  WHERE t.ns = ${$('ns')} AND t.space = 0 AND t.key = l.key AND ${live('t', 'c.now')} AND ${due('t', 'c.now')}
  RETURNING t.key, t.expires_at)
SELECT s.key, s.body, s.bytes, s.due AND u.key IS NULL${
  detail
    ? `, c.now, coalesce(u.expires_at, s.expires_at),
  s.born_at, s.ttl_ms, s.cap_at, s.restart_on, s.refresh_after`
    : ''
}
FROM c CROSS JOIN s LEFT JOIN u ON u.key = s.key`

/** The restart of a read as a step of its own, which waits for the rows. Rows: key, now and the timing, of what is live. */
export const slideSql = ({ items }: Names, clock: string): string => `
WITH l AS MATERIALIZED (
  SELECT t.key, ${timing('t')} FROM ${items} t
  WHERE t.ns = ${$('ns')} AND t.space = ${$('space')}::smallint AND ${keyed('t.key', true)}
  ORDER BY t.key FOR NO KEY UPDATE),
c AS MATERIALIZED (SELECT ${clock} AS now FROM (SELECT count(*) FROM l) held),
u AS (
  UPDATE ${items} t SET ${moved('l', 'c.now')} FROM l, c
  WHERE t.ns = ${$('ns')} AND t.space = ${$('space')}::smallint AND t.key = l.key AND ${live('l', 'c.now')} AND ${due('l', 'c.now')}
  RETURNING t.key, t.expires_at)
SELECT l.key, c.now, coalesce(u.expires_at, l.expires_at), l.born_at, l.ttl_ms, l.cap_at, l.restart_on, l.refresh_after
FROM c CROSS JOIN l LEFT JOIN u ON u.key = l.key WHERE ${live('l', 'c.now')}`

/** Rows: key, now and the timing. */
export const inspectSql = ({ items }: Names, clock: string, many: boolean): string => `
WITH c AS MATERIALIZED (SELECT ${clock} AS now)
SELECT t.key, c.now, ${timing('t')} FROM c, ${items} t
WHERE t.ns = ${$('ns')} AND t.space = ${$('space')}::smallint AND ${keyed('t.key', many)} AND ${live('t', 'c.now')}`

/** Rows: key and whether it is live; a page ends after as many rows as it looked at. */
export const scanSql = ({ items }: Names, clock: string): string => `
WITH c AS MATERIALIZED (SELECT ${clock} AS now)
SELECT p.key, ${live('p', 'c.now')} FROM c, (
  SELECT t.key, t.expires_at FROM ${items} t
  WHERE t.ns = ${$('ns')} AND t.space = ${$('space')}::smallint AND t.key > ${$('after')}::text
  ORDER BY t.key LIMIT ${$('limit')}::int) p
ORDER BY p.key`
