import { type Backend, createStore, type Instant, type Store, type Upkeep } from '@ttl/core'
import { word } from '../text/humane.ts'

/** What a command is about to do: read only, change what is there, or fill a place that may not exist yet. */
export type Access = 'read' | 'change' | 'fill'

/** Which store it is, of several that a database may hold. */
export interface Which {
  readonly table?: string | undefined
  readonly schema?: string | undefined
  readonly prefix?: string | undefined
  readonly index?: boolean | number | undefined
  readonly cluster?: boolean | undefined
}

/** What an operator looks after: a store, or a table of the application's own. */
export interface Kept {
  readonly upkeep: Upkeep
  /** The clock that judges what is in it. */
  now(): Promise<Instant>
  close(): Promise<void>
}

export interface Opened extends Kept {
  readonly store: Store
}

export function opened(backend: Backend, release: () => unknown = () => undefined): Opened {
  const store = createStore({ backend })
  return {
    store,
    upkeep: store,
    now: async () => (await store.explain()).now,
    async close() {
      try {
        await store.close()
      } finally {
        await release()
      }
    },
  }
}

/** A table, and what leads to it on the command line. */
export interface Named {
  /** PostgreSQL only. */
  readonly schema?: string
  readonly table: string
}

/** A table with a column that looks like a deadline. */
export interface Found extends Named {
  readonly column: string
}

/** What to say where there is no store under a name: what there is instead. */
export function noStore(table: string, stores: readonly Named[], found: readonly Found[], type = ''): string {
  const first = `there is no store of TTL under the name ${JSON.stringify(table)}`
  if (stores.length > 0) return `${first}; there is ${stores.map((store) => switches(store)).join(', or ')}`
  const [some] = found
  if (some === undefined) return `${first}; it is made on first use`
  const list = found.map((each) => `${nameOf(each)} (${each.column})`).join(', ')
  return `${first}\nTables of others that look as if they expire: ${list}\nTo look after one: ${switches(some)} --expires-at ${word(some.column)} --key COLUMN${type}`
}

const nameOf = ({ schema, table }: Named): string => (schema === undefined ? table : `${schema}.${table}`)

const switches = ({ schema, table }: Named): string =>
  `${schema === undefined ? '' : `--schema ${word(schema)} `}--table ${word(table)}`
