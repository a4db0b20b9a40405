import { slotOf } from './slots.ts'

/** The most keys that one script or `MGET` gets: it holds up everybody else. */
const MOST = 256

/** Splits items into groups that one command may hold: on a cluster, of one slot. Gives their positions. */
export function groupsOf<T>(items: readonly T[], slotKey: ((item: T) => string) | undefined): number[][] {
  if (items.length === 1) return [[0]]
  const groups = new Map<number, number[][]>()
  for (const [position, item] of items.entries()) {
    const slot = slotKey === undefined ? 0 : slotOf(slotKey(item))
    const chunks = groups.get(slot)
    const last = chunks?.at(-1)
    if (chunks === undefined) groups.set(slot, [[position]])
    else if (last === undefined || last.length >= MOST) chunks.push([position])
    else last.push(position)
  }
  return [...groups.values()].flat()
}

/** Sends each group and puts the answers in the order of the items; an answer is an `Error` where its group failed. */
export async function inGroups<T, R>(
  items: readonly T[],
  slotKey: ((item: T) => string) | undefined,
  send: (group: readonly T[]) => Promise<readonly R[]>,
): Promise<(R | Error)[]> {
  const answers = new Array<R | Error>(items.length)
  const sent = groupsOf(items, slotKey).map(async (positions) => {
    const replies = await send(positions.map((position) => items[position] as T)).catch(asError)
    for (const [index, position] of positions.entries()) {
      answers[position] = replies instanceof Error ? replies : (replies[index] as R)
    }
  })
  await Promise.all(sent)
  return answers
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error })
}
