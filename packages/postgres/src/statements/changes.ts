/** Statements that change what is there already: of entries and of groups alike. */
import { $ } from '../client.ts'
import type { Names } from '../schema.ts'
import { keyed } from './reads.ts'
import { begin, live, moved, timing, touchable } from './rules.ts'

const place = (many: boolean): string =>
  `t.ns = ${$('ns')} AND t.space = ${$('space')}::smallint AND ${keyed('t.key', many)}`

/** What a change is asked for. */
export interface ChangeShape {
  readonly many: boolean
  /** By several callers, `expire` for each key with a span of its own: leave out what somebody else holds, and say so. */
  readonly shared: boolean
}

/** Locks rows in the order of their keys; the clock is read when all are held. */
const held = (
  items: string,
  clock: string,
  { many, shared }: ChangeShape,
  columns: string,
  strength: string,
): string => `
WITH l AS MATERIALIZED (
  SELECT t.ns, t.space, t.key, ${columns} FROM ${items} t WHERE ${place(many)} ORDER BY t.key FOR ${strength}${shared ? ' SKIP LOCKED' : ''}),
c AS MATERIALIZED (SELECT ${clock} AS now FROM (SELECT count(*) FROM l) held)`

const SAME = 't.ns = l.ns AND t.space = l.space AND t.key = l.key'

/** The keys that are there and were left out, because somebody else holds them. `l` are those that are held now. */
export const leftOut = (items: string, space: string): string => `
SELECT t.key FROM ${items} t WHERE t.ns = ${$('ns')} AND t.space = ${space}
  AND t.key = ANY (ARRAY(SELECT k FROM unnest(${$('keys')}::text[]) k WHERE k NOT IN (SELECT l.key FROM l)))`

/** The keys that a change answers with; of a shared one, also those that are there and were left out, marked. */
const answers = (items: string, { shared }: ChangeShape, keys: string): string =>
  shared
    ? `
SELECT a.key, false FROM (${keys}) a
UNION ALL
SELECT o.key, true FROM (${leftOut(items, `${$('space')}::smallint`)}) o`
    : keys

/** Rows: the keys that are live. */
export const touchSql = ({ items }: Names, clock: string, shape: ChangeShape): string => `
${held(items, clock, shape, timing('t'), 'NO KEY UPDATE')},
u AS (
  UPDATE ${items} t SET ${moved('l', 'c.now')} FROM l, c
  WHERE ${SAME} AND ${live('l', 'c.now')} AND ${touchable('l', 'c.now')})
${answers(items, shape, `SELECT l.key FROM l, c WHERE ${live('l', 'c.now')}`)}`

const span = (shared: boolean): string =>
  shared
    ? `SELECT * FROM unnest(${$('keys')}::text[], ${$('ttlMs')}::bigint[], ${$('maxAgeMs')}::bigint[], ${$('until')}::bigint[])
    AS s(key, ttl_ms, max_age_ms, until)`
    : `SELECT ${$('ttlMs')}::bigint AS ttl_ms, ${$('maxAgeMs')}::bigint AS max_age_ms, ${$('until')}::bigint AS until`

/** Rows: the keys that are live afterwards. */
export const expireSql = ({ items }: Names, clock: string, shape: ChangeShape): string => `
${held(items, clock, shape, timing('t'), 'UPDATE')},
s AS MATERIALIZED (${span(shape.shared)}),
p AS MATERIALIZED (
  SELECT l.ns, l.space, l.key, b.expires_at, coalesce(l.born_at, b.born_at) AS born_at, s.ttl_ms, b.cap_at,
    ${live('b', 'c.now')} AS stays
  FROM l CROSS JOIN c JOIN s ON ${shape.shared ? 's.key = l.key' : 'true'} ${begin('s', 'c.now', 'l.born_at')} WHERE ${live('l', 'c.now')}),
d AS (DELETE FROM ${items} t USING p l WHERE ${SAME} AND NOT l.stays),
u AS (
  UPDATE ${items} t SET expires_at = l.expires_at, sweep_at = LEAST(t.sweep_at, l.expires_at), born_at = l.born_at,
    ttl_ms = l.ttl_ms, cap_at = l.cap_at
  FROM p l WHERE ${SAME} AND l.stays)
${answers(items, shape, 'SELECT p.key FROM p WHERE p.stays')}`

/** Rows: the keys that were live. */
export const deleteSql = ({ items }: Names, clock: string, shape: ChangeShape): string =>
  shape.many
    ? `
${held(items, clock, shape, 't.expires_at', 'UPDATE')},
d AS (DELETE FROM ${items} t USING l WHERE ${SAME})
${answers(items, shape, `SELECT l.key FROM l, c WHERE ${live('l', 'c.now')}`)}`
    : `
WITH d AS (DELETE FROM ${items} t WHERE ${place(false)} RETURNING t.key, ${live('t', clock)} AS live)
SELECT d.key FROM d WHERE d.live`

/** Rows: body and bytes of the one that was live. */
export const takeSql = ({ items }: Names, clock: string): string => `
${held(items, clock, { many: false, shared: false }, 't.expires_at, t.body, t.bytes', 'UPDATE')},
d AS (DELETE FROM ${items} t USING l, c WHERE ${SAME} AND ${live('l', 'c.now')})
SELECT l.body, l.bytes FROM l, c WHERE ${live('l', 'c.now')}`

export const clearSql = ({ items }: Names): string => `
WITH l AS MATERIALIZED (
  SELECT t.ns, t.space, t.key FROM ${items} t WHERE t.ns = ${$('ns')} ORDER BY t.ns, t.space, t.key FOR UPDATE)
DELETE FROM ${items} t USING l WHERE ${SAME}`

export const nowSql = (clock: string): string => `SELECT ${clock}`
