import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backendConformance, type Harness } from '@ttl/conformance'
import type { Clock } from '@ttl/core/adapter'
import { describe, it } from 'vitest'
import { nodeSqlite } from '../src/node-sqlite.ts'

/** A file of its own for every place. */
function place(clock?: Clock): ReturnType<Harness['create']> {
  const folder = mkdtempSync(join(tmpdir(), 'ttl-custom-adapter-'))
  return {
    open: () => nodeSqlite(join(folder, 'store.db'), { clock }),
    destroy: () => rmSync(folder, { recursive: true }),
  }
}

backendConformance({ describe, it }, { name: 'node:sqlite, injected clock', create: ({ clock }) => place(clock) })
backendConformance({ describe, it }, { name: 'node:sqlite, host clock', create: () => place() })
