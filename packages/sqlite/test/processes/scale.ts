import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/** How many rows are swept. The acceptance of the project is a million. */
export const ROWS = Number(process.env.TTL_SQLITE_ROWS ?? 20_000)

/** How many times a process is killed, of each kind. The acceptance of the project is twenty. */
export const KILLS = Number(process.env.TTL_SQLITE_KILLS ?? 4)

/** How long a test of that many rows may take, on a slow machine. */
export const LIMIT = { timeout: 120_000 + ROWS + KILLS * 20_000 }

/** A line for the end of `npm test`. */
export function note(line: string): void {
  if (process.env.TTL_NOTES_DIR === undefined) console.log(line)
  else appendFileSync(join(process.env.TTL_NOTES_DIR, 'sqlite-processes.txt'), `${line}\n`)
}

/** Numbers 0 … <1 that a seed determines. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
