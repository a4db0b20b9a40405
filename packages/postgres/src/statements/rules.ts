/** The rules of `@ttl/core/adapter` in SQL. `row` and `now` are what they are applied to. */
import { MAX_INSTANT_MS } from '@ttl/core/adapter'

/**
 * The server's clock in epoch milliseconds; volatile, so each statement reads it in one place, and behind the locks it
 * waits for.
 */
export const SERVER_CLOCK = `floor(date_part('epoch', clock_timestamp()) * 1000)::bigint`

/** The milliseconds since the script that it ends reached the server: with the triggers of its statements. */
export const TOOK_MS = `greatest(0, date_part('epoch', clock_timestamp() - statement_timestamp()) * 1000)`

/** Whether a statement runs in a transaction that was open before it: alone, it starts the one that it is in. */
export const IN_BLOCK = `(now() <> statement_timestamp())`

/** For the transaction of a script alone: one of the caller's keeps what it has. */
export const setting = (name: string, value: string): string =>
  `set_config('${name}', CASE WHEN ${IN_BLOCK} THEN current_setting('${name}') ELSE '${value}' END, true)`

export const MAX = `${MAX_INSTANT_MS}`

/** The columns of a timing, in the order of `readingOf`. */
export const timing = (row: string): string =>
  ['expires_at', 'born_at', 'ttl_ms', 'cap_at', 'restart_on', 'refresh_after']
    .map((name) => `${row}.${name}`)
    .join(', ')

export const live = (row: string, now: string): string => `(${row}.expires_at IS NULL OR ${row}.expires_at > ${now})`

/**
 * `live` at the moment it is evaluated, for a statement that asks nothing else of the clock: a deadline is a whole number of
 * milliseconds, so comparing instants says the same as comparing numbers, and costs less than half.
 */
export const liveNow = (row: string, clock: string): string =>
  clock === SERVER_CLOCK
    ? `(to_timestamp(${row}.expires_at::float8 / 1000) > clock_timestamp()) IS NOT FALSE`
    : live(row, clock)

/** The deadline after a restart, where it is later: `restart`. NULL where there is no window or no deadline. */
export const renewed = (row: string, now: string): string => `LEAST(${now} + ${row}.ttl_ms, ${row}.cap_at, ${MAX})`

/** Moves the deadline of `t` to a later one. `sweep_at` stays a lower bound of it as it is, and so the update is HOT. */
export const moved = (row: string, now: string): string => `expires_at = ${renewed(row, now)}`

const later = (row: string, now: string): string =>
  `${row}.ttl_ms IS NOT NULL AND ${renewed(row, now)} > ${row}.expires_at`

/** Whether `touched` moves the deadline of a live row. */
export const touchable = (row: string, now: string): string => `(${row}.restart_on > 0 AND ${later(row, now)})`

/** Whether `accessed` moves the deadline of a live row; the gate is in double precision, in the order of `accessed`. */
export const due = (row: string, now: string): string =>
  `(${row}.restart_on = 2 AND (${row}.expires_at - ${now})::float8 <= ${row}.ttl_ms::float8 - ${row}.ttl_ms::float8 * ${row}.refresh_after AND ${later(row, now)})`

/** `begin`, as LATERAL subqueries that end in `b`. `span` has ttl_ms, max_age_ms and until. */
export const begin = (span: string, now: string, bornAt: string): string => `
  CROSS JOIN LATERAL (SELECT CASE WHEN ${span}.max_age_ms IS NOT NULL THEN coalesce(${bornAt}, ${now}) END AS born_at) b1
  CROSS JOIN LATERAL (SELECT CASE WHEN ${span}.max_age_ms IS NULL THEN ${span}.until
    ELSE LEAST(b1.born_at + ${span}.max_age_ms, ${MAX}, ${span}.until) END AS cap_at) b2
  CROSS JOIN LATERAL (SELECT b1.born_at, b2.cap_at, CASE WHEN ${span}.ttl_ms IS NULL THEN b2.cap_at
    ELSE LEAST(${now} + ${span}.ttl_ms, ${MAX}, b2.cap_at) END AS expires_at) b`

/** The numbers of `Placement['onLive']`. */
export const ON_LIVE = { replace: 0, keep: 1, restart: 2, exact: 3 } as const

/**
 * `place`, as LATERAL subqueries that end in `v` (whether the row is live) and `n` (the timing after the write).
 *
 * @param row the stored row, with NULL in all columns where there is none; `present` says which
 * @param write what is written: on_live, ttl_ms, max_age_ms, until, mode, gate, limit_ms, at_born, at_cap
 */
export const place = (row: string, present: string, write: string, now: string): string => `
  CROSS JOIN LATERAL (SELECT ${present} AND ${live(row, now)} AS live) v
  ${begin(write, now, `CASE WHEN v.live THEN ${row}.born_at END`)}
  CROSS JOIN LATERAL (SELECT CASE WHEN ${write}.limit_ms IS NULL THEN ${row}.born_at ELSE coalesce(${row}.born_at, ${now}) END AS born_at) k1
  CROSS JOIN LATERAL (SELECT CASE WHEN ${write}.limit_ms IS NOT NULL THEN LEAST(k1.born_at + ${write}.limit_ms, ${MAX}) END AS edge) k2
  CROSS JOIN LATERAL (SELECT LEAST(${row}.expires_at, k2.edge) AS expires_at, LEAST(${row}.cap_at, k2.edge) AS cap_at,
    ${row}.ttl_ms, ${row}.restart_on) k
  CROSS JOIN LATERAL (SELECT
    CASE WHEN ${write}.on_live = ${ON_LIVE.exact} THEN 0 WHEN v.live AND ${write}.on_live > 0 THEN 1 ELSE 2 END AS way) y
  CROSS JOIN LATERAL (SELECT
    CASE y.way WHEN 0 THEN ${write}.until
      WHEN 1 THEN CASE WHEN ${write}.on_live = ${ON_LIVE.restart} AND ${live('k', now)} AND ${touchable('k', now)}
        THEN ${renewed('k', now)} ELSE k.expires_at END
      ELSE b.expires_at END AS expires_at,
    CASE y.way WHEN 0 THEN ${write}.at_born WHEN 1 THEN k1.born_at ELSE b.born_at END AS born_at,
    CASE y.way WHEN 1 THEN ${row}.ttl_ms ELSE ${write}.ttl_ms END AS ttl_ms,
    CASE y.way WHEN 0 THEN ${write}.at_cap WHEN 1 THEN k.cap_at ELSE b.cap_at END AS cap_at,
    CASE y.way WHEN 1 THEN ${row}.restart_on ELSE ${write}.mode END AS restart_on,
    CASE y.way WHEN 1 THEN ${row}.refresh_after ELSE ${write}.gate END AS refresh_after) n`

/** The numbers of a write's condition. */
export const CONDITIONS = { none: 0, absent: 1, present: 2, payload: 3 } as const

/** `satisfies`. The payload of the row is looked at only where `compare` says that it was read. */
export const satisfied = (row: string, isLive: string, write: string, compare: boolean): string => `(CASE ${write}.cond
  WHEN ${CONDITIONS.none} THEN true WHEN ${CONDITIONS.absent} THEN NOT ${isLive} WHEN ${CONDITIONS.present} THEN ${isLive}
  ELSE ${compare ? `${isLive} AND ${row}.body IS NOT DISTINCT FROM ${write}.cond_body AND ${row}.bytes IS NOT DISTINCT FROM ${write}.cond_bytes` : 'false'} END)`
