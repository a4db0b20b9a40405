/** Pending writes: what tasks of a superstep have written before its checkpoint is complete. */
import { type PendingWrite, type SerializerProtocol, WRITES_IDX_MAP } from '@langchain/langgraph-checkpoint'
import type { Frame, Typed } from './frames.ts'

/**
 * The pending writes of a checkpoint lie on this many shelves, picked by the task. A reader knows them all by name, so it
 * needs no list of tasks; tasks that finish at once in several processes seldom meet on one.
 */
export const SHELVES = 16

/** A write as it is listed: the task's special writes (errors, interrupts …) have negative places. */
export type Listed = readonly [taskId: string, place: number, channel: string]

export type WritesFrame = Frame<readonly Listed[]>

export interface StoredWrite {
  readonly taskId: string
  readonly place: number
  readonly channel: string
  readonly value: Typed
}

export function shelfOf(taskId: string): number {
  let hash = 0
  for (let index = 0; index < taskId.length; index++) hash = (Math.imul(hash, 31) + taskId.charCodeAt(index)) | 0
  return (hash >>> 0) % SHELVES
}

export async function serialized(
  writes: readonly PendingWrite[],
  taskId: string,
  serde: SerializerProtocol,
): Promise<StoredWrite[]> {
  return Promise.all(
    writes.map(async ([channel, value], index) => ({
      taskId,
      place: WRITES_IDX_MAP[channel] ?? index,
      channel,
      value: await serde.dumpsTyped(value),
    })),
  )
}

/** A task that is run again has its first results kept; a special write replaces the one before it. */
export function added(shelf: WritesFrame | undefined, writes: readonly StoredWrite[]): WritesFrame {
  const all = new Map(writesOn(shelf).map((write) => [placeOf(write), write]))
  for (const write of writes) {
    const at = placeOf(write)
    if (write.place < 0 || !all.has(at)) all.set(at, write)
  }
  return {
    head: [...all.values()].map(({ taskId, place, channel }) => [taskId, place, channel]),
    parts: [...all.values()].map(({ value }) => value),
  }
}

/** The writes of some shelves, by task and place. */
export function inOrder(shelves: readonly (WritesFrame | undefined)[]): StoredWrite[] {
  return shelves.flatMap(writesOn).sort((a, b) => compare(a.taskId, b.taskId) || a.place - b.place)
}

function writesOn(shelf: WritesFrame | undefined): StoredWrite[] {
  if (shelf === undefined) return []
  return shelf.head.map(([taskId, place, channel], index) => ({
    taskId,
    place,
    channel,
    value: shelf.parts[index] as Typed,
  }))
}

const placeOf = ({ taskId, place }: StoredWrite): string => JSON.stringify([taskId, place])

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
