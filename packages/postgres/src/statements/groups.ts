/** Statements about groups: one row with the timing, and rows of members that bear its id. */
import { $ } from '../client.ts'
import { literal, type Names } from '../schema.ts'
import { due, live, moved, ON_LIVE, place, timing } from './rules.ts'
import { scalars } from './writes.ts'

const ROW = `t.ns = ${$('ns')} AND t.space = 1 AND t.key = ${$('key')}`

/** Rows: member, body, bytes, whether there is more to do (as `readSql` says it), now and the timing. */
export function readGroupSql({ items, members }: Names, clock: string, all: boolean, slide: boolean): string {
  const restart = `
l AS MATERIALIZED (
  SELECT t.key FROM ${items} t WHERE ${ROW} AND EXISTS (SELECT FROM g WHERE g.due) AND EXISTS (SELECT FROM m)
  FOR NO KEY UPDATE SKIP LOCKED),
u AS (
  UPDATE ${items} t SET ${moved('t', 'c.now')} FROM l, c
  WHERE ${ROW} AND t.key = l.key AND t.id = (SELECT g.id FROM g) AND ${live('t', 'c.now')} AND ${due('t', 'c.now')}
  RETURNING t.expires_at)`
  return `
WITH c AS MATERIALIZED (SELECT ${clock} AS now),
g AS MATERIALIZED (
  SELECT t.id, ${timing('t')}, ${slide ? `coalesce(${due('t', 'c.now')}, false)` : 't.restart_on = 2'} AS due FROM c, ${items} t WHERE ${ROW} AND ${live('t', 'c.now')}),
m AS MATERIALIZED (
  SELECT e.member, e.body, e.bytes FROM ${members} e
  WHERE e.owner = (SELECT g.id FROM g) ${all ? '' : `AND e.member = ANY (${$('members')}::text[])`})${slide ? `,${restart}` : ''}
SELECT m.member, m.body, m.bytes, g.due ${slide ? 'AND u.expires_at IS NULL' : ''}, c.now,
  ${slide ? 'coalesce(u.expires_at, g.expires_at)' : 'g.expires_at'}, g.born_at, g.ttl_ms, g.cap_at, g.restart_on, g.refresh_after
FROM c CROSS JOIN g CROSS JOIN m ${slide ? 'LEFT JOIN u ON true' : ''} ORDER BY m.member`
}

/**
 * Members of several groups, for several callers. Rows: member, body, bytes, whether there is more to do, and the key of the group.
 */
export function readGroupsSql({ items, members }: Names, clock: string, slide: boolean): string {
  const where = `t.ns = ${$('ns')} AND t.space = 1 AND t.key =`
  const restart = `,
l AS MATERIALIZED (
  SELECT t.key FROM ${items} t
  WHERE ${where} ANY (ARRAY(SELECT g.key FROM g WHERE g.due AND g.key IN (SELECT m.key FROM m)))
  ORDER BY t.key FOR NO KEY UPDATE SKIP LOCKED),
u AS (
  UPDATE ${items} t SET ${moved('t', 'c.now')} FROM l JOIN g ON g.key = l.key CROSS JOIN c
  WHERE ${where} l.key AND t.id = g.id AND ${live('t', 'c.now')} AND ${due('t', 'c.now')}
  RETURNING t.key, t.expires_at)`
  return `
WITH c AS MATERIALIZED (SELECT ${clock} AS now),
g AS MATERIALIZED (
  SELECT t.key, t.id, ${timing('t')}, ${slide ? `coalesce(${due('t', 'c.now')}, false)` : 't.restart_on = 2'} AS due
  FROM c, ${items} t WHERE ${where} ANY (${$('keys')}::text[]) AND ${live('t', 'c.now')}),
m AS MATERIALIZED (
  SELECT w.key, w.member, e.body, e.bytes FROM unnest(${$('owners')}::text[], ${$('members')}::text[]) AS w(key, member)
  JOIN g ON g.key = w.key
  CROSS JOIN LATERAL (SELECT e.body, e.bytes FROM ${members} e WHERE e.owner = g.id AND e.member = w.member OFFSET 0) e)${slide ? restart : ''}
SELECT m.member, m.body, m.bytes, g.due ${slide ? 'AND u.expires_at IS NULL' : ''}, m.key
FROM m JOIN g ON g.key = m.key ${slide ? 'LEFT JOIN u ON u.key = m.key' : ''} ORDER BY m.key COLLATE "C", m.member COLLATE "C"`
}

const COLUMNS = 'expires_at, sweep_at, born_at, ttl_ms, cap_at, restart_on, refresh_after, id'

/**
 * One row: whether the members are stored. A dead group, or one that is written exactly, gets a new id, and its members
 * leave by the trigger.
 */
export function writeGroupSql({ items, members, ids }: Names, clock: string): string {
  const id = `nextval(${literal(ids)}::regclass)`
  const stays = (live: string) => `${live} AND p.on_live <> ${ON_LIVE.exact}`
  return `
WITH w AS MATERIALIZED (SELECT ${scalars()}, ${$('absent')}::boolean AS absent),
l AS MATERIALIZED (SELECT t.id, ${timing('t')} FROM ${items} t WHERE ${ROW} FOR UPDATE),
c AS MATERIALIZED (SELECT ${clock} AS now FROM (SELECT count(*) FROM l) held),
p AS MATERIALIZED (
  SELECT w.*, l.id IS NOT NULL AS had, v.live AS was_live, NOT (w.absent AND v.live) AS ok, ${live('n', 'c.now')} AS stays,
    n.expires_at AS n_expires_at, n.born_at AS n_born_at, n.ttl_ms AS n_ttl_ms, n.cap_at AS n_cap_at,
    n.restart_on AS n_restart_on, n.refresh_after AS n_refresh_after
  FROM w CROSS JOIN c LEFT JOIN l ON true ${place('l', 'l.id IS NOT NULL', 'w', 'c.now')}),
d AS (DELETE FROM ${items} t USING p WHERE ${ROW} AND p.had AND p.ok AND NOT p.stays),
u AS (
  UPDATE ${items} t SET expires_at = p.n_expires_at, sweep_at = LEAST(t.sweep_at, p.n_expires_at), born_at = p.n_born_at,
    ttl_ms = p.n_ttl_ms, cap_at = p.n_cap_at, restart_on = p.n_restart_on, refresh_after = p.n_refresh_after,
    id = CASE WHEN ${stays('p.was_live')} THEN t.id ELSE ${id} END
  FROM p WHERE ${ROW} AND p.had AND p.ok AND p.stays RETURNING t.id),
n AS (
  INSERT INTO ${items} AS o (ns, space, key, ${COLUMNS})
  SELECT ${$('ns')}, 1, ${$('key')}, p.n_expires_at, p.n_expires_at, p.n_born_at, p.n_ttl_ms, p.n_cap_at, p.n_restart_on, p.n_refresh_after, ${id}
  FROM p WHERE NOT p.had AND p.stays
  ON CONFLICT (ns, space, key) DO UPDATE SET (${COLUMNS}) = (
    SELECT n.expires_at, LEAST(o.sweep_at, n.expires_at), n.born_at, n.ttl_ms, n.cap_at, n.restart_on, n.refresh_after,
      CASE WHEN ${stays('v.live')} THEN o.id ELSE excluded.id END
    FROM p CROSS JOIN LATERAL (SELECT ${clock} AS now OFFSET 0) r ${place('o', 'true', 'p', 'r.now')})
  WHERE NOT ((SELECT p.absent FROM p) AND ${live('o', clock)})
  RETURNING o.id, ${live('o', clock)} AS live),
own AS (SELECT u.id FROM u UNION ALL SELECT n.id FROM n WHERE n.live),
e AS (
  INSERT INTO ${members} (owner, member, body, bytes)
  SELECT own.id, i.member,
    CASE WHEN i.is_text THEN convert_from(substring(${$('data')}::bytea FROM i.at FOR i.size), 'UTF8') END,
    CASE WHEN NOT i.is_text THEN substring(${$('data')}::bytea FROM i.at FOR i.size) END
  FROM own, unnest(${$('members')}::text[], ${$('isText')}::boolean[], ${$('at')}::int[], ${$('size')}::int[]) AS i(member, is_text, at, size)
  ORDER BY i.member COLLATE "C"
  ON CONFLICT (owner, member) DO UPDATE SET body = excluded.body, bytes = excluded.bytes)
SELECT EXISTS (SELECT FROM own)`
}

/** Rows: the members that were there. The function reads the server's clock itself, behind the lock of the group. */
export const leaveSql = ({ leave }: Names, injected: boolean): string =>
  `SELECT m FROM ${leave}(${$('ns')}::text, ${$('key')}::text, ${$('members')}::text[], ${injected ? $('now') : 'NULL'}::bigint) m`
