import { backendConformance } from '@ttl/conformance'
import Database from 'better-sqlite3'
import { describe, it } from 'vitest'
import { sqlite } from '../src/index.ts'
import { onDisk } from './places.ts'

const runner = { describe, it }

/** A Database as an application opens it, but for waiting for the disk. */
function theirs(file: string): Database.Database {
  const db = new Database(file, { timeout: 50 })
  db.pragma('synchronous = OFF')
  return db
}

backendConformance(runner, {
  name: 'sqlite file',
  create: onDisk((file, { clock }) => ({ open: () => sqlite(file, { clock }) })),
})

backendConformance(runner, {
  name: 'sqlite :memory:',
  create: ({ clock }) => ({ open: () => sqlite(':memory:', { clock }) }),
})

backendConformance(runner, {
  name: 'sqlite, a Database of the caller, safe integers on',
  create: onDisk((file, { clock }) => {
    const db = theirs(file).defaultSafeIntegers()
    return { open: () => sqlite(db, { clock }), destroy: async () => void db.close() }
  }),
})

backendConformance(runner, {
  name: 'sqlite, two Databases on one file, rollback journal',
  create: onDisk((file, { clock }) => {
    const dbs = [theirs(file), theirs(file)] as const
    let opened = 0
    return {
      open: () => sqlite(dbs[++opened % 2 === 0 ? 0 : 1], { clock }),
      destroy: async () => void dbs.map((db) => db.close()),
    }
  }),
})

backendConformance(runner, {
  name: 'sqlite, another table',
  create: onDisk((file, { clock }) => ({ open: () => sqlite(file, { clock, table: 'we"ird tàble' }) })),
})
