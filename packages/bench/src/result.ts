import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Finding, GrowthSettings } from './growth/index.ts'
import type { Row } from './row.ts'
import type { Settings } from './run.ts'
import type { Machine } from './versions.ts'

/** Everything that was found out, and on what. */
export interface Result {
  /** ISO 8601, of the last part. */
  readonly measuredAt: string
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly servers: Readonly<Record<string, string>>
  readonly settings?: Settings
  readonly growthSettings?: GrowthSettings
  readonly rows: readonly Row[]
  readonly growth: readonly Finding[]
}

export function readResult(file: string): Result {
  return JSON.parse(readFileSync(file, 'utf8')) as Result
}

/** What was measured anew replaces what is there: side by side is only what was measured side by side. */
export function merged(old: Result, fresh: Result): Result {
  const contest = ({ backend, workload, concurrency }: Row) => `${backend} ${workload} ${concurrency}`
  const studied = ({ study, backend }: Finding) => `${study} ${backend}`
  const replacing = <T>(before: readonly T[], after: readonly T[], keyOf: (each: T) => string): T[] => {
    const anew = new Set(after.map(keyOf))
    return [...before.filter((each) => !anew.has(keyOf(each))), ...after]
  }
  return {
    ...old,
    ...fresh,
    versions: { ...old.versions, ...fresh.versions },
    servers: { ...old.servers, ...fresh.servers },
    rows: replacing(old.rows, fresh.rows, contest),
    growth: replacing(old.growth, fresh.growth, studied),
  }
}

/** Adds to the file if there is one. A line a row, so that two results can be compared. */
export function writeResult(file: string, fresh: Result): void {
  const result = existsSync(file) ? merged(readResult(file), fresh) : fresh
  const fields = Object.entries(result).map(([name, value]) =>
    Array.isArray(value)
      ? `${JSON.stringify(name)}: [\n${value.map((row) => JSON.stringify(row, short)).join(',\n')}\n]`
      : `${JSON.stringify(name)}: ${JSON.stringify(value, short)}`,
  )
  writeFileSync(file, `{\n${fields.join(',\n')}\n}\n`)
}

const short = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
