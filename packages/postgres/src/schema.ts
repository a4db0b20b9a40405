import { TtlTypeError } from '@ttl/core'
import { describe } from '@ttl/core/adapter'

/** Raised by one with every change of the tables; `migrate` brings older ones up to it. */
export const SCHEMA_VERSION = 1

/** What PostgreSQL keeps of an identifier, in bytes. */
export const MAX_NAME_BYTES = 63
/** Less the longest suffix of ours. */
const MAX_TABLE_BYTES = MAX_NAME_BYTES - '_members'.length

/** The identifiers of one set of tables, quoted. The only place where names become SQL. */
export interface Names {
  readonly schema: string | undefined
  /** Entries, and the deadlines of groups. */
  readonly items: string
  readonly members: string
  readonly meta: string
  readonly ids: string
  /** Without their schema: an index and a trigger live where their table does. */
  readonly sweepIndex: string
  readonly trigger: string
  /** The functions behind the trigger and behind the deletion of members. */
  readonly drop: string
  readonly leave: string
}

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return quoted.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

/** @throws {@link TtlTypeError} `TTL_INVALID` for names that PostgreSQL would refuse or cut off */
export function namesFor(table: string, schema: string | undefined): Names {
  checkIdentifier(table, 'table of postgres()', MAX_TABLE_BYTES)
  if (schema !== undefined) checkIdentifier(schema, 'schema of postgres()')
  const local = (suffix: string) => identifier(`${table}${suffix}`)
  const named = (suffix: string) => (schema === undefined ? local(suffix) : `${identifier(schema)}.${local(suffix)}`)
  return {
    schema: schema === undefined ? undefined : identifier(schema),
    items: named(''),
    members: named('_members'),
    meta: named('_meta'),
    ids: named('_ids'),
    sweepIndex: local('_sweep'),
    trigger: local('_drop'),
    drop: named('_drop'),
    leave: named('_leave'),
  }
}

/** @throws {@link TtlTypeError} `TTL_INVALID` */
export function checkIdentifier(name: unknown, what: string, most: number = MAX_NAME_BYTES): void {
  const fits = typeof name === 'string' && name !== '' && name.isWellFormed() && !name.includes('\0')
  if (!fits || Buffer.byteLength(name) > most) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `${what} must be a name of 1 to ${most} bytes without NUL, got ${describe(name)}`,
    )
  }
}

/**
 * The tables.
 *
 * The deadline is split. `expires_at` is exact and not indexed, so a refresh is a HOT update; every read filters by it.
 * `sweep_at` is an indexed lower bound that only a sweep raises. Instants are epoch milliseconds: exact, and independent
 * of any TimeZone. `body` holds a payload of text, `bytes` one of bytes; a group has neither, but an `id` that its members
 * bear. Members go with the group by a trigger: it sees what was written until its statement got the group's lock.
 */
export function ddl(names: Names, clock: string): string {
  const { items, members, meta, ids, sweepIndex, trigger, drop, leave } = names
  // A name that is looked up on the path has to be found also by those who come by another path.
  const path = names.schema === undefined ? 'SET search_path FROM CURRENT' : ''
  const storage =
    'autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0'
  return `
${names.schema === undefined ? '' : `CREATE SCHEMA IF NOT EXISTS ${names.schema};`}
CREATE TABLE IF NOT EXISTS ${items} (
  ns text COLLATE "C" NOT NULL,
  space smallint NOT NULL,
  key text COLLATE "C" NOT NULL,
  expires_at bigint,
  sweep_at bigint,
  born_at bigint,
  ttl_ms bigint,
  cap_at bigint,
  id bigint,
  restart_on smallint NOT NULL,
  refresh_after double precision NOT NULL,
  body text,
  bytes bytea,
  PRIMARY KEY (ns, space, key)
) WITH (fillfactor = 90, ${storage});
ALTER TABLE ${items} ALTER body SET STORAGE EXTERNAL, ALTER bytes SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS ${sweepIndex} ON ${items} (sweep_at) WHERE sweep_at IS NOT NULL;
CREATE SEQUENCE IF NOT EXISTS ${ids};
CREATE TABLE IF NOT EXISTS ${members} (
  owner bigint NOT NULL,
  member text COLLATE "C" NOT NULL,
  body text,
  bytes bytea,
  PRIMARY KEY (owner, member)
) WITH (fillfactor = 90, ${storage});
ALTER TABLE ${members} ALTER body SET STORAGE EXTERNAL, ALTER bytes SET STORAGE EXTERNAL;
CREATE OR REPLACE FUNCTION ${drop}() RETURNS trigger LANGUAGE plpgsql ${path} AS ${dollar(`
BEGIN
  DELETE FROM ${members} WHERE owner = OLD.id;
  RETURN NULL;
END`)};
DROP TRIGGER IF EXISTS ${trigger} ON ${items};
CREATE TRIGGER ${trigger} AFTER DELETE ON ${items} FOR EACH ROW WHEN (OLD.id IS NOT NULL) EXECUTE FUNCTION ${drop}();
DROP TRIGGER IF EXISTS ${identifierOf(trigger, '_id')} ON ${items};
CREATE TRIGGER ${identifierOf(trigger, '_id')} AFTER UPDATE OF id ON ${items}
  FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id) EXECUTE FUNCTION ${drop}();
CREATE OR REPLACE FUNCTION ${leave}(p_ns text, p_key text, p_members text[], p_now bigint) RETURNS SETOF text LANGUAGE plpgsql ${path} AS ${dollar(`
DECLARE
  v_id bigint;
  v_expires_at bigint;
BEGIN
  SELECT t.id, t.expires_at INTO v_id, v_expires_at FROM ${items} t
    WHERE t.ns = p_ns AND t.space = 1 AND t.key = p_key FOR UPDATE;
  IF v_id IS NULL OR v_expires_at <= coalesce(p_now, ${clock}) THEN
    RETURN;
  END IF;
  RETURN QUERY DELETE FROM ${members} m WHERE m.owner = v_id AND m.member = ANY (p_members) RETURNING m.member;
  IF NOT EXISTS (SELECT FROM ${members} m WHERE m.owner = v_id) THEN
    DELETE FROM ${items} t WHERE t.ns = p_ns AND t.space = 1 AND t.key = p_key;
  END IF;
END`)};
CREATE TABLE IF NOT EXISTS ${meta} (single boolean PRIMARY KEY DEFAULT true CHECK (single), version integer NOT NULL);
INSERT INTO ${meta} (version) VALUES (${SCHEMA_VERSION}) ON CONFLICT (single) DO NOTHING;`.trim()
}

const identifierOf = (quoted: string, suffix: string): string => `${quoted.slice(0, -1)}${suffix}"`

/** Quotes a body with a tag that does not occur in it. */
export function dollar(body: string): string {
  let tag = '$ttl$'
  for (let turn = 0; body.includes(tag); turn++) tag = `$ttl${turn}$`
  return `${tag}${body}${tag}`
}
