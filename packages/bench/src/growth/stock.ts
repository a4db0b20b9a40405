import { makeValue } from '../data.ts'
import type { Entries, Value } from '../subject.ts'

/** Growth is about many entries, not about large ones. */
export const VALUE_BYTES = 100

const BATCH = 500
const BATCHES_AT_ONCE = 4

export const keyOf = (index: number): string => `user-${String(index).padStart(9, '0')}`

/** Writes so many entries, in order, several batches at once. */
export async function stock(entries: Pick<Entries, 'set' | 'setMany'>, size: number): Promise<void> {
  const value = makeValue('stock', VALUE_BYTES)
  const write = (batch: (readonly [string, Value])[]) =>
    entries.setMany?.(batch) ?? Promise.all(batch.map(([key, each]) => entries.set(key, each)))
  await inBatches(size, (from, to) => write(range(from, to, (index) => [keyOf(index), value] as const)))
}

/** Writes so many entries that are dead at once. */
export async function bury(entries: Pick<Entries, 'set'>, size: number): Promise<void> {
  const value = makeValue('dead', VALUE_BYTES)
  await inBatches(size, (from, to) => Promise.all(range(from, to, (index) => entries.set(deadKeyOf(index), value, 1))))
}

/** Sorts among the keys of what lives. */
const deadKeyOf = (index: number): string => `${keyOf(Math.floor(index / 9))}-${index % 9}`

async function inBatches(size: number, write: (from: number, to: number) => unknown): Promise<void> {
  let next = 0
  const writer = async () => {
    while (next < size) {
      const from = next
      next = Math.min(size, from + BATCH)
      await write(from, next)
    }
  }
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, writer))
}

const range = <T>(from: number, to: number, make: (index: number) => T): T[] =>
  Array.from({ length: to - from }, (_, offset) => make(from + offset))
