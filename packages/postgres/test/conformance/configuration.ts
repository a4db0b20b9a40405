import { backendConformance } from '@ttl/conformance'
import type pg from 'pg'
import { describe, it } from 'vitest'
import { postgres } from '../../src/index.ts'
import { emptyTables, freshTable, poolOf, urlOf, type VERSIONS } from '../support.ts'

export interface Configuration {
  readonly version: keyof typeof VERSIONS
  readonly clock: 'server' | 'injected'
  readonly connections: number
  readonly schema?: string
}

const ZONES = ['Asia/Tokyo', 'America/New_York']

/** Registers the whole suite for one way to run the backend. */
export function conforms({ version, clock: whose, connections, schema }: Configuration): void {
  const name = [`PostgreSQL ${version}`, `${whose} clock`, ...ZONES, `pools of ${connections}`, schema ?? 'search path']
  const pools = ZONES.map((zone) => poolOf(urlOf(version), { max: connections, options: `-c TimeZone=${zone}` }))
  let opened = 0
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
          // In one zone after the other, so that what one has written the other one reads.
          open: () => postgres(pools[opened++ % pools.length] as pg.Pool, { table, schema, ...given }),
          async destroy() {
            await emptyTables(pools[0] as pg.Pool, table, schema)
            free.push(table)
          },
        }
      },
    },
  )
}
