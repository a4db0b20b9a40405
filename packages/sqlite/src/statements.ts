import { MAX_INSTANT_MS } from '@ttl/core/adapter'
import type { SqliteDatabase, SqliteStatement } from './client.ts'
import { CONDEMNED, FILED, TIMING } from './rows.ts'
import type { Names } from './schema.ts'

/** All SQL of a backend. `?` are bound in the order in which they are written. */
export const sqlFor = ({ items, members }: Names) => {
  const renewed = `min(? + ttl_ms, coalesce(cap_at, ${MAX_INSTANT_MS}))`
  const restart = (where: string) => `
      UPDATE ${items} SET expires_at = ${renewed}
      WHERE ${where} AND restart_on >= ? AND expires_at > ?
        AND expires_at - ? <= ttl_ms - ttl_ms * refresh_after * ? AND ${renewed} > expires_at`
  return {
    find: `SELECT id, sweep_at AS sweepAt, ${TIMING} FROM ${items} WHERE ns = ? AND space = ? AND key = ?`,
    get: `SELECT id, ${TIMING}, value FROM ${items} WHERE ns = ? AND space = 0 AND key = ?`,
    /** Changes nothing when `sweep_at` has to come down first: assigning it costs an index entry even if it is the same. */
    put: `
      INSERT INTO ${items} (ns, space, key, expires_at, sweep_at, born_at, ttl_ms, cap_at, restart_on, refresh_after, value)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (ns, space, key) DO UPDATE SET
        expires_at = excluded.expires_at, born_at = excluded.born_at, ttl_ms = excluded.ttl_ms, cap_at = excluded.cap_at,
        restart_on = excluded.restart_on, refresh_after = excluded.refresh_after, value = excluded.value
      WHERE excluded.expires_at IS NULL OR sweep_at <= excluded.expires_at`,
    file: `UPDATE ${items} SET sweep_at = ? WHERE ns = ? AND space = ? AND key = ?`,
    retime: `
      UPDATE ${items} SET expires_at = ?, born_at = ?, ttl_ms = ?, cap_at = ?, restart_on = ?, refresh_after = ?
      WHERE ns = ? AND space = ? AND key = ?`,
    /** The rules `touched` (least mode 1, gate 0) and `accessed` (2, 1) on the row's own columns, whatever they are by now. */
    restart: restart('ns = ? AND space = ? AND key = ?'),
    /** Spares a search in the index. The id may be of another row by now. */
    restartFound: restart('id = ? AND ns = ? AND space = ? AND key = ?'),
    remove: `DELETE FROM ${items} WHERE ns = ? AND space = ? AND key = ? RETURNING expires_at AS expiresAt`,
    take: `DELETE FROM ${items} WHERE ns = ? AND space = 0 AND key = ? AND (expires_at IS NULL OR expires_at > ?) RETURNING value`,
    clear: `DELETE FROM ${items} WHERE ns = ?`,
    scan: `SELECT key, expires_at AS expiresAt FROM ${items} WHERE ns = ? AND space = ? AND key > ? ORDER BY key LIMIT ?`,

    member: `SELECT value FROM ${members} WHERE owner = ? AND member = ?`,
    members: `SELECT member, value FROM ${members} WHERE owner = ?`,
    anyMember: `SELECT 1 FROM ${members} WHERE owner = ? LIMIT 1`,
    putMember: `
      INSERT INTO ${members} (owner, member, value) VALUES (?, ?, ?)
      ON CONFLICT (owner, member) DO UPDATE SET value = excluded.value`,
    dropMember: `DELETE FROM ${members} WHERE owner = ? AND member = ?`,
    trimMembers: `DELETE FROM ${members} WHERE id IN (SELECT id FROM ${members} WHERE owner = ? LIMIT ?)`,

    nextNamespace: `SELECT ns AS namespace FROM ${items} WHERE ns > ? ORDER BY ns LIMIT 1`,
    tally: `
      SELECT count(*) AS rows, max(key) AS lastKey,
        count(*) FILTER (WHERE expires_at IS NULL) AS permanent,
        count(*) FILTER (WHERE expires_at > ?) AS active,
        count(*) FILTER (WHERE expires_at <= ?) AS expired,
        min(expires_at) FILTER (WHERE expires_at > ?) AS nextExpiresAt,
        max(expires_at) FILTER (WHERE expires_at > ?) AS lastExpiresAt,
        json_group_array(expires_at) FILTER (WHERE expires_at > ? AND expires_at <= ?) AS deadlines
      FROM (SELECT key, expires_at FROM ${items} WHERE ns = ? AND space = ? AND key > ? ORDER BY key LIMIT ?)`,

    firstDue: `SELECT ${FILED} FROM ${items} WHERE sweep_at IS NOT NULL ORDER BY sweep_at LIMIT 1`,
    due: `
      SELECT id, ns AS namespace, space, key, ${FILED} FROM ${items}
      WHERE sweep_at > ? AND sweep_at <= ? ORDER BY sweep_at, id LIMIT ?`,
    /** What shares a place with others: a comparison of both columns at once would walk over all of those again. */
    dueTied: `
      SELECT id, ns AS namespace, space, key, ${FILED} FROM ${items}
      WHERE sweep_at = ? AND id > ? ORDER BY id LIMIT ?`,
    refile: `UPDATE ${items} SET sweep_at = expires_at WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)`,
    condemn: `
      UPDATE ${items} SET cap_at = expires_at, expires_at = ${CONDEMNED}, sweep_at = ${CONDEMNED}
      WHERE id = ? AND expires_at > ${CONDEMNED}`,
    reap: `DELETE FROM ${items} WHERE id = ? AND expires_at <= ?`,
  }
}

export type Statements = Readonly<Record<keyof ReturnType<typeof sqlFor>, SqliteStatement>>

/** Prepares everything once. A statement per call would be slow, and some better-sqlite3 crash when one is collected. */
export function prepareAll(db: SqliteDatabase, names: Names): Statements {
  const prepared = Object.entries(sqlFor(names)).map(([name, sql]) => {
    const statement = db.prepare(sql)
    statement.safeIntegers(false)
    return [name, statement] as const
  })
  return Object.fromEntries(prepared) as unknown as Statements
}
