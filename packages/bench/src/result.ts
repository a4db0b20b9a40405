import { readFileSync, writeFileSync } from 'node:fs'
import type { Row } from './row.ts'
import type { Settings } from './run.ts'
import type { Machine } from './versions.ts'

/** Everything that a run found out, and on what. */
export interface Result {
  /** ISO 8601. */
  readonly measuredAt: string
  readonly machine: Machine
  readonly settings: Settings
  readonly versions: Readonly<Record<string, string>>
  readonly servers: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
}

export function readResult(file: string): Result {
  return JSON.parse(readFileSync(file, 'utf8')) as Result
}

const short = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value

/** One line a row, so that two results can be compared. */
export function writeResult(file: string, result: Result): void {
  const fields = Object.entries(result).map(([name, value]) =>
    Array.isArray(value)
      ? `${JSON.stringify(name)}: [\n${value.map((row) => JSON.stringify(row, short)).join(',\n')}\n]`
      : `${JSON.stringify(name)}: ${JSON.stringify(value, short)}`,
  )
  writeFileSync(file, `{\n${fields.join(',\n')}\n}\n`)
}
