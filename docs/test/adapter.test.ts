import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backendConformance } from '@ttl/conformance'
import type { Backend, Clock } from '@ttl/core/adapter'
import { afterAll, describe, it } from 'vitest'
import { programs } from './blocks.ts'

// "It passes the suite", says the page that shows this adapter.
const OUT = join(import.meta.dirname, '../.adapter')
const shown = programs('docs/write-an-adapter.md').find(({ code }) => code.includes('export function mapBackend'))
mkdirSync(OUT, { recursive: true })
writeFileSync(join(OUT, 'map.ts'), shown?.code ?? '')
afterAll(() => rmSync(OUT, { recursive: true, force: true }))

const { mapBackend } = (await import(join(OUT, 'map.ts'))) as {
  mapBackend: (options: { clock?: Clock | undefined }) => Backend
}

backendConformance(
  { describe, it },
  { name: 'the adapter of the documentation', create: ({ clock }) => ({ open: () => mapBackend({ clock }) }) },
)
