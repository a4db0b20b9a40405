import type { Commands } from './commands.ts'
import type { Lot } from './index-sets.ts'

/** Where something stands in the order of deadlines. Its key is bytes as latin1, so that it compares as Redis compares them. */
export interface Position {
  /** As Redis writes it: `inf` for none. */
  readonly score: string
  readonly key: string
}

export interface PositionPage {
  /** What is there, in order. */
  readonly found: readonly Position[]
  /** After which the next page starts; `undefined` when this was the last. */
  readonly edge: Position | undefined
}

/**
 * A page of several sets in the order of deadlines: of what is live and, with `until`, has a deadline up to then. Each set
 * is asked for its share, and what lies behind the end of one that has more is left for the next page.
 */
export async function pageOf(
  commands: Commands,
  lots: readonly Lot[],
  after: Position | undefined,
  limit: number,
  until?: number,
): Promise<PositionPage> {
  const sets = lots.flatMap((lot) => lot.sets)
  const size = Math.max(8, Math.ceil((2 * limit) / sets.length))
  const args = [after?.score ?? '', Buffer.from(after?.key ?? '', 'latin1'), size, until ?? '']
  const replies = await Promise.all(sets.map((set) => commands.script('page', 'entry', [set], args)))
  const lists = replies.map((reply) => listed(reply as unknown[]))
  const edge = lists
    .filter((list) => list.length === size)
    .map((list) => list.at(-1) as Listed)
    .sort(compare)[0]
  const found = lists
    .flat()
    .filter((position) => position.there && (edge === undefined || compare(position, edge) <= 0))
    .sort(compare)
  return { found, edge }
}

/** The key as text, without what ioredis puts before it. */
export function keyOf({ key }: Position, { keyPrefix }: Commands): string {
  return Buffer.from(key, 'latin1').toString().slice(keyPrefix.length)
}

interface Listed extends Position {
  /** Not so where it was evicted, or deleted by somebody else. */
  readonly there: boolean
}

function listed(reply: readonly unknown[]): Listed[] {
  return Array.from({ length: reply.length / 3 }, (_, index) => ({
    key: (reply[index * 3] as Buffer).toString('latin1'),
    score: String(reply[index * 3 + 1]),
    there: Number(reply[index * 3 + 2]) === 1,
  }))
}

function compare(a: Position, b: Position): number {
  const [x, y] = [deadline(a), deadline(b)]
  if (x !== y) return x - y
  return a.key < b.key ? -1 : Number(a.key > b.key)
}

function deadline({ score }: Position): number {
  return score === 'inf' ? Number.MAX_SAFE_INTEGER : Number(score)
}
