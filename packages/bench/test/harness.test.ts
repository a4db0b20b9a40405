import { expect, test } from 'vitest'
import type { Row } from '../src/row.ts'
import { run, type Settings } from '../src/run.ts'
import { select } from '../src/select.ts'
import { BACKENDS, type Subject, type Value } from '../src/subject.ts'
import { SUBJECTS } from '../src/subjects/index.ts'
import { WORKLOADS } from '../src/workloads/index.ts'

/** So short that no figure means anything. */
const SETTINGS: Settings = {
  keys: 200,
  rounds: 1,
  ms: 2,
  inFlight: [4],
  valueBytes: 256,
  ttlMs: 3_600_000,
  poolSize: 4,
  sharedBuffers: '32MB',
}

test.for(BACKENDS)('every subject of %s gives right answers and is measured', { timeout: 240_000 }, async (backend) => {
  const plans = select([backend], SUBJECTS, WORKLOADS)
  const rows: Row[] = []
  for (const plan of plans) rows.push(...(await run(plan, SETTINGS, () => undefined)).rows)
  for (const { name } of plans[0]!.subjects) {
    const own = rows.filter((row) => row.subject === name)
    expect(own.map((row) => row.workload)).toEqual(expect.arrayContaining(['set', 'get', 'sliding-get', 'delete']))
    for (const row of own) {
      expect(row.opsPerSec).toBeGreaterThan(0)
      expect(row.p99Ms).toBeGreaterThanOrEqual(row.p50Ms)
      expect(row.ratioToDriver).toBeGreaterThan(0)
    }
  }
})

test('a subject that does not keep its promise is found out', async () => {
  const [plan] = select(['memory', 'Map', 'get'], SUBJECTS, WORKLOADS)
  const honest = plan!.subjects[0]!
  const immortal: Subject = {
    ...honest,
    async open(place) {
      const opened = await honest.open(place)
      const { entries } = opened
      return { ...opened, entries: { ...entries, set: (key: string, value: Value) => entries.set(key, value) } }
    },
  }
  await expect(run({ ...plan!, subjects: [immortal] }, SETTINGS, () => undefined)).rejects.toThrow('has expired')
})
