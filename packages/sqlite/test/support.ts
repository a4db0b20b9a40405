import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backend } from '@ttl/core/adapter'
import Database from 'better-sqlite3'
import { afterEach } from 'vitest'
import { type SqliteOptions, sqlite } from '../src/index.ts'

export * from './tools.ts'

export const T0 = Date.UTC(2026, 0, 1)

/** A clock in the hands of the test, in milliseconds. */
export class Hands {
  at = T0
  reads = 0
  now(): number {
    this.reads++
    return this.at
  }
}

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

export function finallyDo(step: () => unknown): void {
  undo.push(step)
}

/** A path for a database that does not exist yet; its directory goes when the test ends. */
export function freshFile(name = 'ttl.db'): string {
  const directory = mkdtempSync(join(tmpdir(), 'ttl-sqlite-'))
  finallyDo(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, name)
}

export function open(target: Parameters<typeof sqlite>[0], options?: SqliteOptions): Backend {
  const backend = sqlite(target, options)
  finallyDo(() => backend.close())
  return backend
}

/** A connection of the test's own, to look at the tables or to get in the way. */
export function connect(file: string, options: Database.Options = {}): Database.Database {
  const db = new Database(file, options)
  finallyDo(() => db.close())
  return db
}

/** Sweeps until nothing is waiting; answers how many were deleted. */
export async function sweepAll(backend: Backend, namespace?: string): Promise<number> {
  let count = 0
  for (;;) {
    const { deleted, more } = await backend.sweep({ limit: 10_000, namespace })
    for (const each of deleted.values()) count += each
    if (!more) return count
  }
}
