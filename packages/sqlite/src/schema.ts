import { TtlError } from '@ttl/core'
import type { SqliteDatabase } from './client.ts'
import { quoted } from './quoting.ts'

/** Raised by one with every change of the tables; `migrate` brings older ones up to it. */
export const SCHEMA_VERSION = 1

/** The identifiers of one set of tables, quoted. */
export interface Names {
  /** Entries, and the deadlines of groups. */
  readonly items: string
  readonly members: string
  readonly sweepIndex: string
  readonly memberTrigger: string
  readonly meta: string
  /** The name of `meta` as a value. */
  readonly metaName: string
}

export function namesFor(table: string): Names {
  const named = (suffix: string) => quoted(`${table}${suffix}`)
  return {
    items: named(''),
    members: named('_member'),
    sweepIndex: named('_sweep'),
    memberTrigger: named('_members_gone'),
    meta: named('_meta'),
    metaName: `${table}_meta`,
  }
}

/**
 * The deadline is split. `expires_at` is exact and not indexed, so a refresh rewrites one row and nothing else; every read
 * filters by it. `sweep_at` is an indexed lower bound that only a sweep raises. `value` comes last: what looks at
 * deadlines does not read through large values. The value is NULL for a group, whose members are rows of their own.
 */
const ddl = (names: Names) => `
  CREATE TABLE ${names.items} (
    id INTEGER PRIMARY KEY,
    ns TEXT NOT NULL,
    space INTEGER NOT NULL,
    key TEXT NOT NULL,
    expires_at INTEGER,
    sweep_at INTEGER,
    born_at INTEGER,
    ttl_ms INTEGER,
    cap_at INTEGER,
    restart_on INTEGER NOT NULL,
    refresh_after REAL NOT NULL,
    value ANY,
    UNIQUE (ns, space, key),
    CHECK (expires_at IS NULL OR (sweep_at IS NOT NULL AND sweep_at <= expires_at))
  ) STRICT;
  CREATE INDEX ${names.sweepIndex} ON ${names.items} (sweep_at) WHERE sweep_at IS NOT NULL;
  CREATE TABLE ${names.members} (
    id INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    member TEXT NOT NULL,
    value ANY NOT NULL,
    UNIQUE (owner, member)
  ) STRICT;
  CREATE TRIGGER ${names.memberTrigger} AFTER DELETE ON ${names.items} WHEN old.space = 1 BEGIN
    DELETE FROM ${names.members} WHERE owner = old.id;
  END;
  CREATE TABLE ${names.meta} (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO ${names.meta} VALUES ('schema', ${SCHEMA_VERSION});
`

/**
 * Creates what is missing, in one transaction that any number of processes may race for. Only reads when all is there.
 *
 * @throws {@link TtlError} `TTL_UNSUPPORTED` when a newer version of this package made the tables
 */
export function migrate(db: SqliteDatabase, names: Names): void {
  if (versionOf(db, names) === SCHEMA_VERSION) return
  const upgrade = () => {
    if (versionOf(db, names) === 0) create(db, names)
  }
  db.transaction((work) => work()).immediate(upgrade)
}

function create(db: SqliteDatabase, names: Names): void {
  try {
    db.exec(ddl(names))
  } catch (error) {
    if (!(error instanceof Error && /already exists/.test(error.message))) throw error
    throw new TtlError(
      'TTL_UNSUPPORTED',
      `the database has a table ${names.items}, or one whose name begins so, that @ttl/sqlite did not make; choose another name: sqlite(…, { table: 'my_ttl' })`,
      { cause: error },
    )
  }
}

function versionOf(db: SqliteDatabase, names: Names): number {
  const known = db
    .prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE`)
    .get(names.metaName)
  if (known === undefined) return 0
  const row = db.prepare(`SELECT value FROM ${names.meta} WHERE name = 'schema'`).get() as
    | { value: number | bigint }
    | undefined
  const version = Number(row?.value ?? 0)
  if (version > SCHEMA_VERSION) {
    throw new TtlError(
      'TTL_UNSUPPORTED',
      `the tables ${names.items} have schema version ${version}, this @ttl/sqlite knows up to ${SCHEMA_VERSION}; upgrade @ttl/sqlite`,
    )
  }
  return version
}
