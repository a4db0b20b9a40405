import { TtlError } from '@ttl/core'
import { type PostgresClient, type Row, sendScript } from './client.ts'
import { ddl, dollar, literal, type Names, SCHEMA_VERSION } from './schema.ts'
import { SERVER_CLOCK, setting } from './statements/rules.ts'

/** How long the tables are waited for, be it another process that migrates, or a transaction that holds them. */
const LOCK_TIMEOUT = '10s'

/** Everything that `migrate` would create, for those who apply migrations themselves. Changes nothing where it is applied already. */
export function schemaScript(names: Names): string {
  return ddl(names, SERVER_CLOCK)
}

/**
 * Creates or upgrades the tables. Two reads of the catalogue, without a lock that anybody could hold, when they are current.
 *
 * @throws {@link TtlError} `TTL_UNSUPPORTED` when a newer version of this package made the tables
 */
export async function migrate(client: PostgresClient, names: Names): Promise<void> {
  if ((await versionOf(client, names)) === SCHEMA_VERSION) return
  const current = `coalesce((SELECT version FROM ${names.meta}), 0)`
  // A script is one transaction. Who waited for the lock finds the work done: each statement of the block looks anew, once
  // the lock of a table has made the session hear of what others made; an advisory lock does not.
  const block = `
DECLARE
  v_version integer := 0;
BEGIN
  PERFORM FROM pg_catalog.pg_namespace LIMIT 1;
  IF to_regclass(${literal(names.meta)}) IS NOT NULL THEN
    EXECUTE ${literal(`SELECT ${current}`)} INTO v_version;
  END IF;
  IF v_version < ${SCHEMA_VERSION} THEN
    ${ddl(names, SERVER_CLOCK)}
  END IF;
END`
  await sendScript(
    client,
    `SELECT ${setting('lock_timeout', LOCK_TIMEOUT)}, ${setting('client_min_messages', 'warning')};
SELECT pg_advisory_xact_lock(hashtextextended('@ttl/postgres', 0));
DO ${dollar(block)};`,
  )
  await versionOf(client, names)
}

/** The version of the tables; 0 when there are none. */
async function versionOf(client: PostgresClient, names: Names): Promise<number> {
  const exists = `SELECT to_regclass(${literal(names.meta)}) IS NOT NULL, current_setting('server_encoding')`
  const [there] = await sendScript(client, exists)
  const [found, encoding] = there as Row
  if (encoding !== 'UTF8') {
    throw new TtlError(
      'TTL_UNSUPPORTED',
      `the database has the encoding ${encoding}; @ttl/postgres needs one with UTF8`,
    )
  }
  if (found !== 't') return 0
  const [row] = await sendScript(client, `SELECT version FROM ${names.meta}`)
  const version = Number(row?.[0] ?? 0)
  if (version > SCHEMA_VERSION) {
    throw new TtlError(
      'TTL_UNSUPPORTED',
      `the tables ${names.items} have schema version ${version}, this @ttl/postgres knows up to ${SCHEMA_VERSION}; upgrade @ttl/postgres`,
    )
  }
  return version
}
