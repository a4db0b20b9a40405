import { backendConformance } from '@ttl/conformance'
import { describe, it } from 'vitest'
import { postgres } from '../../src/index.ts'
import { emptyTables, freshTable, poolOf, urlOf, type VERSIONS } from '../support.ts'

export interface Configuration {
  readonly version: keyof typeof VERSIONS
  readonly clock: 'server' | 'injected'
  readonly timeZone: string
  readonly connections: number
  readonly schema?: string
}

/** Registers the whole suite for one way to run the backend. */
export function conforms({ version, clock: whose, timeZone, connections, schema }: Configuration): void {
  const name = [`PostgreSQL ${version}`, `${whose} clock`, timeZone, `pool of ${connections}`, schema ?? 'search path']
  const pool = poolOf(urlOf(version), { max: connections, options: `-c TimeZone=${timeZone}` })
  // Tables are used again, empty: making them takes longer than most laws.
  const free: string[] = []
  backendConformance(
    { describe, it },
    {
      name: name.join(', '),
      create({ clock }) {
        const table = free.pop() ?? freshTable()
        const given = whose === 'injected' ? { clock } : {}
        return {
          open: () => postgres(pool, { table, schema, ...given }),
          async destroy() {
            await emptyTables(pool, table, schema)
            free.push(table)
          },
        }
      },
    },
  )
}
