import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reportOf } from '../src/report/index.ts'
import { merged, type Result, readResult } from '../src/result.ts'
import type { Row } from '../src/row.ts'
import { judge, TARGETS } from '../src/targets.ts'

const ROOT = join(import.meta.dirname, '../../..')

const row = (more: Partial<Row>): Row => ({
  workload: 'get',
  backend: 'sqlite',
  subject: '@ttl/sqlite',
  concurrency: 1,
  rounds: 5,
  opsPerSec: 1_000,
  spread: 0.01,
  p50Ms: 1,
  p99Ms: 2,
  clientCpuUs: 10,
  serverCpuUs: undefined,
  ratioToDriver: 0.9,
  ratios: { 'better-sqlite3': 0.9 },
  ...more,
})

const result = (rows: readonly Row[]): Result => ({
  measuredAt: '2026-01-01T00:00:00Z',
  machine: { node: 'v24.0.0', platform: 'linux x64', cpus: '2 × <a & b>', memoryGb: 8 },
  versions: { keyv: '6.0.0' },
  servers: { sqlite: 'none' },
  rows,
  growth: [
    { study: 'entries', backend: 'sqlite', subject: '@ttl/sqlite', size: 10_000, figures: { getZipfUs: 2 } },
    { study: 'entries', backend: 'sqlite', subject: '@ttl/sqlite', size: 10_000_000, figures: { getZipfUs: 4 } },
  ],
  growthSettings: { sizes: [10_000, 10_000_000], rounds: 5, ms: 300 },
})

const bare = row({
  subject: 'better-sqlite3',
  ratioToDriver: 1,
  ratios: { '@ttl/sqlite': 1.11, 'Keyv + @keyv/sqlite': 5.25 },
})

test('targets are judged by the ratios of the result, and what was not measured is neither met nor missed', () => {
  const verdicts = judge(result([row({}), bare]))
  expect(verdicts).toHaveLength(TARGETS.length)
  const of = (title: string) => verdicts.find((verdict) => verdict.title.startsWith(title))
  expect(of('@ttl/sqlite get, 1 in flight')).toMatchObject({ measured: 0.9, met: true })
  expect(of('@ttl/sqlite: get (Zipf 0.99) of 10 million')).toMatchObject({ measured: 2, met: false })
  expect(of('@ttl/redis get')).toMatchObject({ measured: undefined, met: undefined })
})

test('a part that is measured again replaces that part only', () => {
  const set = row({ workload: 'set' })
  const anew = row({ opsPerSec: 2_000 })
  expect(merged(result([row({}), bare, set]), result([anew])).rows).toEqual([set, anew])
})

test('the report says where we lose, what was compared and on what', () => {
  const files = reportOf(result([row({}), bare]))
  expect([...files.keys()]).toEqual(['benchmarks.md', 'benchmarks/sqlite.svg', 'benchmarks/growth.svg'])
  const page = files.get('benchmarks.md') ?? ''
  expect(page).toContain('- SQLite, `get`, 1 in flight: 0.90 × of better-sqlite3')
  expect(page).toContain('1 of our own targets missed')
  expect(page).toMatch(/get, 1 in flight, × of Keyv .* \| 5\.25 \|$/m)
  const plot = files.get('benchmarks/sqlite.svg') ?? ''
  expect(plot).toContain('2 × &lt;a &amp; b&gt;')
  expect(plot).toContain('× of better-sqlite3, logarithmic')
  expect(plot.match(/<circle/g)).toHaveLength(4)
})

test('the published page is what the published result gives', () => {
  const file = join(ROOT, 'packages/bench/results.json')
  for (const [name, text] of reportOf(readResult(file)))
    expect(readFileSync(join(ROOT, 'docs', name), 'utf8')).toBe(text)
})
