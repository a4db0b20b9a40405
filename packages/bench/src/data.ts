import { uniformPicks } from './random.ts'
import type { Value } from './subject.ts'

/** Picks repeat after so many: enough that no cache of a processor knows them. */
const PICKS = 2 ** 17
const VALUES = 64

/** The keys and values of a run; what is next is looked up, so that choosing costs next to nothing. */
export class Data {
  readonly keys: readonly string[]
  readonly groups: readonly string[]
  readonly members: readonly string[]
  readonly values: readonly Value[]
  readonly #picks: Uint32Array
  readonly #lists: readonly (readonly string[])[]

  constructor(keys: number, valueBytes: number) {
    this.keys = Array.from({ length: keys }, (_, index) => `user-${String(index).padStart(8, '0')}`)
    this.groups = Array.from({ length: Math.ceil(keys / 20) }, (_, index) => `thread-${index}`)
    this.members = Array.from({ length: 10 }, (_, index) => `member-${index}`)
    this.values = Array.from({ length: VALUES }, (_, index) => makeValue(`user-${index}`, valueBytes))
    this.#picks = uniformPicks(keys, PICKS)
    this.#lists = Array.from({ length: 256 }, (_, list) =>
      Array.from({ length: 100 }, (_, index) => this.keys[(list * 7_919 + index * 31) % keys] as string).sort(),
    )
  }

  key(index: number): string {
    return this.keys[this.#picks[index % PICKS] as number] as string
  }

  value(index: number): Value {
    return this.values[index % VALUES] as Value
  }

  group(index: number): string {
    return this.groups[(this.#picks[index % PICKS] as number) % this.groups.length] as string
  }

  /** A hundred keys, in order: batches that lock rows in different orders would deadlock. */
  list(index: number): readonly string[] {
    return this.#lists[index % this.#lists.length] as readonly string[]
  }

  membersOf(index: number): Record<string, Value> {
    return Object.fromEntries(this.members.map((member, offset) => [member, this.value(index + offset)]))
  }
}

/** A value whose JSON has so many bytes. */
export function makeValue(id: string, bytes: number): Value {
  const empty = JSON.stringify({ id, text: '' }).length
  const letters = 'the quick brown fox jumps over the lazy dog and sleeps in the sun '
  const length = Math.max(0, bytes - empty)
  return { id, text: letters.repeat(Math.ceil(length / letters.length)).slice(0, length) }
}
