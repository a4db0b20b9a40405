import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backendConformance, type HarnessContext, type Place } from '@ttl/conformance'
import Database from 'better-sqlite3'
import { describe, it } from 'vitest'
import { sqlite } from '../src/index.ts'

const runner = { describe, it }

/** A directory of its own for each place. */
function onDisk(place: (file: string, context: HarnessContext) => Place) {
  return (context: HarnessContext): Place => {
    const directory = mkdtempSync(join(tmpdir(), 'ttl-sqlite-'))
    const { open, destroy } = place(join(directory, 'ttl.db'), context)
    return {
      open,
      destroy: async () => {
        await destroy?.()
        rmSync(directory, { recursive: true, force: true })
      },
    }
  }
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
    const db = new Database(file).defaultSafeIntegers()
    return { open: () => sqlite(db, { clock }), destroy: async () => void db.close() }
  }),
})

backendConformance(runner, {
  name: 'sqlite, two Databases on one file, rollback journal',
  create: onDisk((file, { clock }) => {
    const dbs = [new Database(file, { timeout: 50 }), new Database(file, { timeout: 50 })] as const
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

backendConformance(runner, {
  name: 'sqlite on the host clock',
  create: onDisk((file) => ({ open: () => sqlite(file) })),
})
