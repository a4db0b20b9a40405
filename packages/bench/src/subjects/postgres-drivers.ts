import pg from 'pg'
import postgres from 'postgres'
import type { Entries, Place, Subject, Value } from '../subject.ts'

/** A statement with its parameters; all of a subject's differ only in how they are sent. */
type Send = (name: string, text: string, values: readonly unknown[]) => Promise<readonly { readonly body?: string }[]>

/** The table that most people build, without an index on the deadline; the statements are one round trip each. */
async function bare(send: Send, table: string, { ttlMs }: Place) {
  const at = (parameter: string) => `now() + ${parameter}::float8 * interval '1 millisecond'`
  const create = (name: string) =>
    send(
      '',
      `CREATE TABLE ${name} (ns text COLLATE "C", key text COLLATE "C", body text NOT NULL, at timestamptz NOT NULL,
        PRIMARY KEY (ns, key)) WITH (fillfactor = 90)`,
      [],
    )
  await create(table)
  await create(`${table}_idle`)
  const entriesIn = (name: string): Required<Entries> => ({
    set: (key, value, ms = ttlMs) =>
      send(
        `${name}_set`,
        `INSERT INTO ${name} VALUES ('bench', $1, $2, ${at('$3')})
          ON CONFLICT (ns, key) DO UPDATE SET body = excluded.body, at = excluded.at`,
        [key, JSON.stringify(value), ms],
      ),
    async get(key) {
      const [row] = await send(
        `${name}_get`,
        `SELECT body FROM ${name} WHERE ns = 'bench' AND key = $1 AND at > now()`,
        [key],
      )
      return row && JSON.parse(row.body as string)
    },
    delete: (key) => send(`${name}_delete`, `DELETE FROM ${name} WHERE ns = 'bench' AND key = $1`, [key]),
    touch: (key) =>
      send(`${name}_touch`, `UPDATE ${name} SET at = ${at('$2')} WHERE ns = 'bench' AND key = $1 AND at > now()`, [
        key,
        ttlMs,
      ]),
    getMany: async (keys) =>
      (
        await send(
          `${name}_many`,
          `SELECT body FROM ${name} WHERE ns = 'bench' AND key = ANY ($1::text[]) AND at > now()`,
          [keys],
        )
      ).map((row) => JSON.parse(row.body as string) as Value).length,
    setMany: (list) =>
      send(
        `${name}_set_many`,
        `INSERT INTO ${name} SELECT 'bench', key, body, ${at('$3')} FROM unnest($1::text[], $2::text[]) AS t (key, body)
          ON CONFLICT (ns, key) DO UPDATE SET body = excluded.body, at = excluded.at`,
        [list.map(([key]) => key), list.map(([, value]) => JSON.stringify(value)), ttlMs],
      ),
  })
  const entries = entriesIn(table)
  const slide = async (key: string): Promise<Value | undefined> => {
    const [row] = await send(
      `${table}_slide`,
      `UPDATE ${table}_idle SET at = ${at('$2')} WHERE ns = 'bench' AND key = $1 AND at > now() RETURNING body`,
      [key, ttlMs],
    )
    return row && JSON.parse(row.body as string)
  }
  return {
    entries,
    sliding: { ...entriesIn(`${table}_idle`), get: slide },
    groups: {
      write: (id: string, members: Readonly<Record<string, Value>>) =>
        entries.setMany(Object.entries(members).map(([member, value]) => [`${id}:${member}`, value] as const)),
      read: (id: string, members: readonly string[]) => entries.getMany(members.map((member) => `${id}:${member}`)),
      touch: (id: string, members: readonly string[]) =>
        send(
          `${table}_touch_many`,
          `UPDATE ${table} SET at = ${at('$2')} WHERE ns = 'bench' AND key = ANY ($1::text[]) AND at > now()`,
          [members.map((member) => `${id}:${member}`), ttlMs],
        ),
    },
  }
}

export const postgresDrivers: readonly Subject[] = [
  {
    name: 'pg',
    backend: 'postgres',
    role: 'driver',
    packages: ['pg'],
    note: 'named statements, no index on the deadline',
    async open(place) {
      const pool = new pg.Pool({ connectionString: place.postgresUrl(), max: place.poolSize })
      const send: Send = async (name, text, values) =>
        (await pool.query({ ...(name === '' ? {} : { name }), text, values: [...values] })).rows
      return { ...(await bare(send, `bare_pg${place.name}`, place)), close: () => pool.end() }
    },
  },
  {
    name: 'postgres.js',
    backend: 'postgres',
    role: 'driver',
    packages: ['postgres'],
    note: 'the same statements, which it prepares by itself and pipelines',
    async open(place) {
      const sql = postgres(place.postgresUrl(), { max: place.poolSize })
      const send: Send = (name, text, values) =>
        sql.unsafe<{ body?: string }[]>(text, [...values] as (string | number | string[])[], { prepare: name !== '' })
      return { ...(await bare(send, 'bare_postgresjs', place)), close: () => sql.end() }
    },
  },
]
