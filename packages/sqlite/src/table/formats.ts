import { MAX_INSTANT_MS } from '@ttl/core/adapter'

/** How deadlines are written in the column. */
export type DeadlineType = 'epoch-ms' | 'epoch-s' | 'iso' | 'datetime'

export interface Format {
  /** For messages: what a value has to look like. */
  readonly example: string
  /** Declared types, by affinity, in which such values do not compare as instants. */
  readonly unfit: readonly Affinity[]
  /** The instant of a stored value, in whole milliseconds, rounded up; `undefined` when it is not written in this way. */
  read(stored: unknown): number | undefined
  /** What is stored and not greater than this has expired at `ms`. */
  write(ms: number): number | string
  /** The same in SQL, from SQL of epoch milliseconds; of now, if there is none. */
  writeSql(ms: string | undefined): string
  /** Whether a value is written in this way, in SQL. */
  readSql(column: string): string
}

export type Affinity = 'INTEGER' | 'REAL' | 'NUMERIC' | 'TEXT' | 'BLOB'

/** Between 1973 in seconds and 1973 in milliseconds: a number from here is in the other unit. */
const [SECONDS_FROM, MS_FROM] = [1e8, 1e11]

const FIRST_TEXT_MS = Date.parse('0000-01-01T00:00:00.000Z')
const LAST_TEXT_MS = Date.parse('9999-12-31T23:59:59.999Z')

function clamped(ms: number): number {
  return Math.max(-MAX_INSTANT_MS, Math.min(MAX_INSTANT_MS, ms))
}

function numeric(stored: unknown): number | undefined {
  return typeof stored === 'number' || typeof stored === 'bigint' ? Number(stored) : undefined
}

/** `2026-12-31T23:59:59.123Z`, within the years that sort as text. */
function isoFrom(ms: number): string {
  return new Date(Math.max(FIRST_TEXT_MS, Math.min(LAST_TEXT_MS, ms))).toISOString()
}

function msFromIso(text: string): number | undefined {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

const digits = (count: number) => '[0-9]'.repeat(count)
const DATE = [digits(4), digits(2), digits(2)].join('-')
const TIME = [digits(2), digits(2), digits(2)].join(':')

/** Exact, and known to every SQLite: `unixepoch('subsec')` is NULL before 3.42. */
const NOW_MS = "round((julianday('now') - 2440587.5) * 86400000)"

/** SQL of an instant as text: SQLite's own functions know milliseconds. */
const formatted = (pattern: string) => (ms: string | undefined) =>
  ms === undefined ? `strftime('${pattern}', 'now')` : `strftime('${pattern}', (${ms}) / 1000.0, 'unixepoch')`

export const FORMATS: Readonly<Record<DeadlineType, Format>> = {
  'epoch-ms': {
    example: 'epoch milliseconds such as 1798761599000',
    unfit: ['TEXT'],
    read(stored) {
      const ms = numeric(stored)
      return ms === undefined || (ms >= SECONDS_FROM && ms < MS_FROM) ? undefined : clamped(Math.ceil(ms))
    },
    write: (ms) => ms,
    writeSql: (ms = NOW_MS) => `CAST(${ms} AS INTEGER)`,
    readSql: (column) =>
      `typeof(${column}) IN ('integer', 'real') AND (${column} < ${SECONDS_FROM} OR ${column} >= ${MS_FROM})`,
  },
  'epoch-s': {
    example: 'epoch seconds such as 1798761599',
    unfit: ['TEXT'],
    read(stored) {
      const seconds = numeric(stored)
      if (seconds === undefined || (seconds >= MS_FROM && seconds < Number.POSITIVE_INFINITY)) return undefined
      const ms = Math.round(seconds * 1000)
      return clamped(ms / 1000 < seconds ? ms + 1 : ms)
    },
    write: (ms) => ms / 1000,
    writeSql: (ms = NOW_MS) => `(${ms}) / 1000.0`,
    readSql: (column) => `typeof(${column}) IN ('integer', 'real') AND ${column} < ${MS_FROM}`,
  },
  iso: {
    example: "text of exactly the form '2026-12-31T23:59:59.000Z', as toISOString() gives it",
    unfit: ['INTEGER', 'REAL'],
    read: (stored) =>
      typeof stored === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(stored)
        ? msFromIso(stored)
        : undefined,
    write: isoFrom,
    writeSql: formatted('%Y-%m-%dT%H:%M:%fZ'),
    readSql: (column) =>
      `typeof(${column}) = 'text' AND ${column} GLOB '${DATE}T${TIME}.${digits(3)}Z' AND julianday(${column}) IS NOT NULL`,
  },
  // Without a suffix text of any number of decimals sorts as time does, if what it is compared with has more of them.
  datetime: {
    example: "text in UTC of the form '2026-12-31 23:59:59', with or without decimals, as datetime() gives it",
    unfit: ['INTEGER', 'REAL'],
    read(stored) {
      const parts = typeof stored === 'string' && /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?$/.exec(stored)
      if (!parts) return undefined
      const [, date, time, decimals = ''] = parts
      const ms = msFromIso(`${date}T${time}.${decimals.slice(0, 3).padEnd(3, '0')}Z`)
      return ms !== undefined && Number(decimals.slice(3)) > 0 ? ms + 1 : ms
    },
    write: (ms) => `${isoFrom(ms).slice(0, -1).replace('T', ' ')}000000`,
    writeSql: formatted('%Y-%m-%d %H:%M:%f000000'),
    readSql: (column) =>
      `typeof(${column}) = 'text' AND substr(${column}, 1, 19) GLOB '${DATE} ${TIME}' AND (length(${column}) = 19 OR ` +
      `(length(${column}) BETWEEN 21 AND 29 AND substr(${column}, 20) GLOB '.[0-9]*' AND substr(${column}, 21) NOT GLOB '*[^0-9]*')) AND julianday(${column}) IS NOT NULL`,
  },
}

/** SQLite's rules of column affinity. */
export function affinityOf(declared: string): Affinity {
  const type = declared.toUpperCase()
  if (type.includes('INT')) return 'INTEGER'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'TEXT'
  if (type === '' || type.includes('BLOB')) return 'BLOB'
  return /REAL|FLOA|DOUB/.test(type) ? 'REAL' : 'NUMERIC'
}
