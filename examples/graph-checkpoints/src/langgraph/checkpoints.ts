/** A checkpoint on its way in and out: which values it stores, which it carries over, and how it is put together again. */
import {
  type ChannelVersions,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointTuple,
  maxChannelVersion,
  type SerializerProtocol,
  TASKS,
} from '@langchain/langgraph-checkpoint'
import { configOf } from './address.ts'
import type { Frame, Typed } from './frames.ts'
import { checkpointName, latestName, valueName, writesName } from './names.ts'
import { inOrder, SHELVES, type WritesFrame } from './writes.ts'

/** Where the value of a channel lies: with the checkpoint that wrote it, which may be an ancestor. */
type Reference = readonly [channel: string, checkpointId: string, version: string | number | null]

interface Head {
  readonly thread: string
  readonly ns: string
  readonly id: string
  readonly parent?: string | undefined
  readonly values: readonly Reference[]
}

/** Its parts: the checkpoint without the values of its channels, and its metadata. */
export type CheckpointFrame = Frame<Head>

/** A checkpoint that is put. */
export interface Putting {
  readonly threadId: string
  readonly ns: string
  readonly parentId: string | undefined
  readonly checkpoint: Checkpoint
  readonly metadata: CheckpointMetadata
  readonly newVersions: ChannelVersions
}

type Members = ReadonlyMap<string, Frame>

/** The members to read before a checkpoint is put. */
export function namesBefore({ ns, parentId }: Putting): string[] {
  return [latestName(ns), ...(parentId === undefined ? [] : [checkpointName(ns, parentId)])]
}

/**
 * The members to write. A value is stored once, by the checkpoint that changed it; whoever carries it over refers to it.
 * Where the parent cannot vouch for a value (it has expired during a long step, or is another's) it is stored again: a
 * checkpoint never refers to what is not there.
 */
export async function membersOf(
  putting: Putting,
  before: Members,
  serde: SerializerProtocol,
): Promise<Map<string, Frame>> {
  const { threadId, ns, parentId, checkpoint, metadata, newVersions } = putting
  const { channel_values: values, ...rest } = checkpoint
  const parent = parentId === undefined ? undefined : (before.get(checkpointName(ns, parentId)) as CheckpointFrame)
  const versionOf = (channel: string) => own(checkpoint.channel_versions, channel) ?? null
  const carried = (parent?.head.values ?? []).filter(
    ([channel, , version]) => !Object.hasOwn(newVersions, channel) && version === versionOf(channel),
  )
  const known = new Set(carried.map(([channel]) => channel))
  const vouched = parentId === undefined && metadata.source !== 'fork'
  const stored = Object.keys(values).filter(
    (channel) =>
      values[channel] !== undefined && !known.has(channel) && (Object.hasOwn(newVersions, channel) || !vouched),
  )
  const [body, about, ...datas] = await Promise.all(
    [rest, metadata, ...stored.map((channel) => values[channel])].map((value) => serde.dumpsTyped(value)),
  )
  const frame: CheckpointFrame = {
    head: {
      thread: threadId,
      ns,
      id: checkpoint.id,
      parent: parentId,
      values: [...carried, ...stored.map((channel): Reference => [channel, checkpoint.id, versionOf(channel)])],
    },
    parts: [body as Typed, about as Typed],
  }
  const members = new Map<string, Frame>(
    stored.map((channel, index) => [
      valueName(ns, checkpoint.id, channel),
      { head: null, parts: [datas[index] as Typed] },
    ]),
  )
  members.set(checkpointName(ns, checkpoint.id), frame)
  // A second copy rather than a pointer: who wants the latest has it with the first question.
  const latest = before.get(latestName(ns)) as CheckpointFrame | undefined
  if (latest === undefined || latest.head.id <= checkpoint.id) members.set(latestName(ns), frame)
  return members
}

/**
 * Puts a checkpoint together.
 *
 * @param read members of the thread by name: all that is still needed is asked for at once
 * @param firstVersion the version of a channel that nothing has a version of
 * @returns `undefined` when a part is missing: the thread expired or was deleted meanwhile, and half of it is nothing
 */
export async function tupleOf(
  { head, parts }: CheckpointFrame,
  read: (names: readonly string[]) => Promise<Members>,
  serde: SerializerProtocol,
  firstVersion: () => string | number,
): Promise<CheckpointTuple | undefined> {
  const { thread, ns, id, parent, values } = head
  const [rest, metadata] = (await Promise.all(parts.map(([type, data]) => serde.loadsTyped(type, data)))) as [
    Omit<Checkpoint, 'channel_values'>,
    CheckpointMetadata,
  ]
  const migrates = rest.v < 4 && parent !== undefined
  const members = await read([
    ...values.map(([channel, owner]) => valueName(ns, owner, channel)),
    ...shelvesOf(ns, id),
    ...(migrates ? shelvesOf(ns, parent) : []),
  ])
  const load = async (typed: Typed | undefined): Promise<unknown> => typed && serde.loadsTyped(...typed)
  const frames = values.map(([channel, owner]) => members.get(valueName(ns, owner, channel)))
  if (frames.includes(undefined)) return undefined
  const channels = await Promise.all(
    values.map(async ([channel], index) => [channel, await load(frames[index]?.parts[0])] as const),
  )
  const writes = (checkpointId: string) =>
    inOrder(shelvesOf(ns, checkpointId).map((name) => members.get(name) as WritesFrame | undefined))
  const checkpoint: Checkpoint = { ...rest, channel_values: Object.fromEntries(channels) }
  if (migrates) {
    const sends = writes(parent).filter(({ channel }) => channel === TASKS)
    migrate(checkpoint, await Promise.all(sends.map(({ value }) => load(value))), firstVersion)
  }
  return {
    config: configOf(thread, ns, id),
    checkpoint,
    metadata,
    pendingWrites: await Promise.all(
      writes(id).map(
        async ({ taskId, channel, value }): Promise<[string, string, unknown]> => [taskId, channel, await load(value)],
      ),
    ),
    ...(parent === undefined ? {} : { parentConfig: configOf(thread, ns, parent) }),
  }
}

/** Before version 4 of the format, what a superstep sent stayed among its pending writes. */
function migrate(checkpoint: Checkpoint, sends: unknown[], firstVersion: () => string | number): void {
  const versions = Object.values(checkpoint.channel_versions)
  checkpoint.channel_values[TASKS] = sends
  checkpoint.channel_versions[TASKS] = versions.length > 0 ? maxChannelVersion(...versions) : firstVersion()
}

function shelvesOf(ns: string, id: string): string[] {
  return Array.from({ length: SHELVES }, (_, shelf) => writesName(ns, id, shelf))
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
