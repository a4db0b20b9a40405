import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStore } from '@ttl/core'
import { sqlite } from '@ttl/sqlite'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { ROOT } from './blocks.ts'

// Those about PostgreSQL are asked in packages/postgres/test/monitoring.test.ts.
const shown = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')
const queries = [...shown.matchAll(/^-- SQLite: .*\n([^;]+);$/gm)].map(([, sql = '']) => sql)

it('what an operator asks SQLite is answered', async () => {
  const db = new Database(':memory:')
  const store = createStore({ backend: sqlite(db) })
  await store.namespace('n').setMany([
    ['a', 1, { ttl: '1ms' }],
    ['b', 1, { ttl: '1ms' }],
    ['c', 1, { ttl: '1h' }],
  ])
  await sleep(30)
  const [due, pages, ...more] = queries.map((sql) => db.prepare<[], Record<string, number>>(sql).get())
  expect(due?.waiting).toBe(2)
  expect(due?.lag_ms).toBeGreaterThan(20)
  expect(due?.lag_ms).toBeLessThan(60_000)
  expect(pages?.page_count).toBeGreaterThan(1)
  expect(pages?.freelist_count).toBeGreaterThanOrEqual(0)
  expect(more).toEqual([])
  await store.close()
  db.close()
})
