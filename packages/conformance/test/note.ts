import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const directory = process.env.TTL_NOTES_DIR ?? join(import.meta.dirname, '..', '..', '..', '.results', 'notes')

/** Leaves lines for the report of a run, and prints them. */
export function note(file: string, lines: readonly string[]): void {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, file), `${lines.join('\n')}\n`)
  console.log(lines.join('\n'))
}
