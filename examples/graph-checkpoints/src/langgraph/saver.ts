import { isDeepStrictEqual } from 'node:util'
import type { RunnableConfig } from '@langchain/core/runnables'
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  type PendingWrite,
  type SerializerProtocol,
} from '@langchain/langgraph-checkpoint'
import {
  after,
  at,
  earliest,
  epochMs,
  type GetOptions,
  type Group,
  type Lifetime,
  type Namespace,
  never,
  type PolicyInput,
  type Store,
} from '@ttl/core'
import { addressOf, configOf, required } from './address.ts'
import { type CheckpointFrame, membersOf, namesBefore, type Putting, tupleOf } from './checkpoints.ts'
import { type Frame, frames } from './frames.ts'
import { checkpointName, groupIdOf, isCheckpointName, latestName, writesName } from './names.ts'
import { Thread } from './thread.ts'
import { Turns } from './turns.ts'
import { added, serialized, shelfOf, type WritesFrame } from './writes.ts'

export interface TtlSaverOptions {
  /** The namespace of the store in which threads are kept. Default `'langgraph:threads'`. */
  readonly namespace?: string | undefined
  /**
   * How long threads live: `rolling('2h')`, or `sliding('2h', { max: '30d' })` to have reads restart it too. On top of the
   * store's. A function says it thread by thread, `{ ttl: never }` for a pinned one; it is asked when a thread begins.
   */
  readonly policy?: PolicyInput | ((threadId: string) => PolicyInput | undefined) | undefined
  /** Default: LangGraph's JSON. */
  readonly serde?: SerializerProtocol | undefined
}

const QUIETLY: GetOptions = { touch: false }

/**
 * A checkpointer whose threads expire, over any store.
 *
 * A thread is one group: its checkpoints, the values of their channels, its pending writes and the latest pointer have one
 * deadline between them and cannot expire apart. Every write of a run restarts it, and with a `sliding` policy every read.
 *
 * Two processes that run one thread at the same time take no turns: the later put is then the latest, and of two tasks
 * of one superstep that finish within the same round trip, one in sixteen pairs loses a pending write and is run again.
 */
export class TtlSaver extends BaseCheckpointSaver {
  readonly #threads: Namespace<Frame>
  readonly #policyOf: (threadId: string) => PolicyInput | undefined
  readonly #turns: Turns

  /** @param store made by `createStore`, and closed by whoever made it */
  constructor(store: Store, options: TtlSaverOptions = {}) {
    super(options.serde)
    const { namespace = 'langgraph:threads', policy } = options
    const byThread = typeof policy === 'function'
    this.#threads = store.namespace<Frame>(namespace, { codec: frames, policy: byThread ? undefined : policy })
    this.#policyOf = byThread ? policy : () => undefined
    this.#turns = Turns.of(store)
  }

  /** The life of one thread: pin and unpin it, give it another lifetime, keep things of your own with it. */
  thread(threadId: string): Thread {
    return new Thread(threadId, this.#group(threadId), this.serde, () => this.#usual(threadId))
  }

  /** @param options `{ touch: false }` reads without restarting the thread */
  override async getTuple(config: RunnableConfig, options?: GetOptions): Promise<CheckpointTuple | undefined> {
    const { threadId, ns = '', id } = addressOf(config)
    if (threadId === undefined) return undefined
    const group = this.#group(threadId)
    const name = id === undefined ? latestName(ns) : checkpointName(ns, id)
    const frame = (await group.get(name, options)) as CheckpointFrame | undefined
    return frame && this.#tuple(frame, (names) => group.getMany(names, QUIETLY))
  }

  /**
   * Checkpoints of a thread, the newest first; without a thread those of all, thread by thread. Reads a whole thread at
   * a time. A list of one thread restarts it, as reading its latest checkpoint does; a list of all restarts none.
   */
  override async *list(
    config: RunnableConfig,
    { limit = Number.POSITIVE_INFINITY, before, filter = {} }: CheckpointListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const { threadId, ns, id } = addressOf(config)
    const end = before === undefined ? undefined : addressOf(before).id
    const wanted = ({ head }: CheckpointFrame) =>
      (ns === undefined || head.ns === ns) &&
      (id === undefined || head.id === id) &&
      (end === undefined || head.id < end)
    let left = limit
    for await (const group of this.#groups(threadId)) {
      if (left <= 0) return
      const members = await group.getMany(undefined, { touch: threadId !== undefined })
      const found = [...members]
        .filter(([name]) => isCheckpointName(name))
        .map(([, frame]) => frame as CheckpointFrame)
        .filter(wanted)
        .sort((a, b) => (a.head.id < b.head.id ? 1 : -1))
      for (const frame of found) {
        const tuple = await this.#tuple(frame, async (names) => pick(members, names))
        const metadata = tuple?.metadata as Readonly<Record<string, unknown>> | undefined
        if (
          tuple === undefined ||
          !Object.entries(filter).every(([key, value]) => isDeepStrictEqual(metadata?.[key], value))
        )
          continue
        if (left-- <= 0) return
        yield tuple
      }
    }
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { threadId: thread, ns = '', id: parentId } = addressOf(config)
    const threadId = required(thread, 'thread_id', 'put')
    const putting: Putting = { threadId, ns, parentId, checkpoint, metadata, newVersions }
    const group = this.#group(threadId)
    await this.#turns.take(JSON.stringify([this.#threads.name, threadId, ns]), async () => {
      const before = await group.getMany(namesBefore(putting), QUIETLY)
      await group.setMany(await membersOf(putting, before, this.serde))
    })
    return configOf(threadId, ns, checkpoint.id)
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    const address = addressOf(config)
    const threadId = required(address.threadId, 'thread_id', 'putWrites')
    const name = writesName(address.ns ?? '', required(address.id, 'checkpoint_id', 'putWrites'), shelfOf(taskId))
    if (writes.length === 0) return
    const group = this.#group(threadId)
    const stored = await serialized(writes, taskId, this.serde)
    await this.#turns.take(JSON.stringify([this.#threads.name, threadId, name]), async () => {
      const shelf = (await group.get(name, QUIETLY)) as WritesFrame | undefined
      await group.set(name, added(shelf, stored))
    })
  }

  override async deleteThread(threadId: string): Promise<void> {
    await this.#group(threadId).delete()
  }

  #group(threadId: string): Group<Frame> {
    const id = required(addressOf({ configurable: { thread_id: threadId } }).threadId, 'thread_id', 'this')
    return this.#threads.group(groupIdOf(id), this.#policyOf(id))
  }

  async *#groups(threadId: string | undefined): AsyncGenerator<Group<Frame>> {
    if (threadId !== undefined) yield this.#group(threadId)
    else for await (const id of this.#threads.groups()) yield this.#threads.group(id)
  }

  #tuple(
    frame: CheckpointFrame,
    read: (names: readonly string[]) => Promise<ReadonlyMap<string, Frame>>,
  ): Promise<CheckpointTuple | undefined> {
    return tupleOf(frame, read, this.serde, () => this.getNextVersion(undefined))
  }

  /** The lifetime that a new thread of this id would get: its cap, too, counts from now. */
  async #usual(threadId: string): Promise<Lifetime> {
    const policy = this.#policyOf(threadId)
    const { now, ttl, maxAge, expiresAt } = await this.#threads.explain(groupIdOf(threadId), policy)
    return earliest(
      ttl.value === undefined ? never : after(ttl.value),
      maxAge.value === undefined ? never : at(epochMs(now.epochMilliseconds + maxAge.value.ms)),
      expiresAt.value === undefined ? never : at(expiresAt.value),
    )
  }
}

function pick(members: ReadonlyMap<string, Frame>, names: readonly string[]): ReadonlyMap<string, Frame> {
  return new Map(
    names.flatMap((name) => {
      const frame = members.get(name)
      return frame === undefined ? [] : [[name, frame] as const]
    }),
  )
}
