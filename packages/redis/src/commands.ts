import type { Space } from '@ttl/core/adapter'
import { inGroups } from './batches.ts'
import { type Arg, isCluster, isIdle, type RedisClient } from './client.ts'
import { type Asking, Coalescer, type Line } from './coalesce.ts'
import { Cork } from './cork.ts'
import { translatedAll } from './errors.ts'
import type { ItemKeys, Keys } from './keys.ts'
import { ScriptRunner } from './script-runner.ts'
import type { ScriptName } from './scripts/index.ts'

/** Sends commands, those of a tick together, and batches by slot. */
export class Commands {
  readonly client: RedisClient
  readonly keys: Keys
  readonly indexed: boolean
  /** What ioredis puts before every key. */
  readonly keyPrefix: string
  /** The slot of a key, where it matters. */
  readonly slotKey: ((keys: ItemKeys) => string) | undefined
  readonly #changes: Readonly<Record<Space, { flush(): void }[]>> = { entry: [], group: [] }
  readonly #cork: Cork | undefined
  readonly #scripts: ScriptRunner

  constructor(client: RedisClient, keys: Keys) {
    this.client = client
    this.keys = keys
    this.indexed = keys.shards > 0
    this.keyPrefix = client.options.keyPrefix ?? ''
    this.slotKey = isCluster(client) ? ([key]) => this.keyPrefix + key : undefined
    // Auto-pipelining collects a tick's commands itself.
    this.#cork = client.options.enableAutoPipelining === true ? undefined : new Cork(client)
    this.#scripts = new ScriptRunner(client, this.indexed)
  }

  /** Collects what is read in one tick. */
  reads<R>(asking: Asking<ItemKeys, R>): Coalescer<ItemKeys, R> {
    return new Coalescer(
      this.#line(() => undefined),
      this.slotKey,
      asking,
    )
  }

  /**
   * Collects what changes something in one tick. No command that comes later overtakes it, unless the server has to be told
   * the script first.
   */
  changes<T, R>(space: Space, slotKey: ((item: T) => string) | undefined, asking: Asking<T, R>): Coalescer<T, R> {
    const line = this.#line(() => this.#first(space))
    const coalescer = new Coalescer(line, slotKey, asking)
    this.#changes[space].push(coalescer)
    return coalescer
  }

  #line(begin: () => void): Line {
    const cork = this.#cork
    const { client } = this
    return {
      get idle() {
        return cork !== undefined && isIdle(client)
      },
      begin,
      push: () => cork?.release(),
    }
  }

  /** Sends the changes that were asked for earlier and are still waiting: entries and groups share no key. */
  #first(...spaces: readonly Space[]): void {
    for (const space of spaces) for (const change of this.#changes[space]) change.flush()
  }

  /** The client, for one command. */
  get send(): RedisClient {
    return this.#send(false)
  }

  /** The client, for commands that are written together. */
  get sendSeveral(): RedisClient {
    return this.#send(true)
  }

  #send(several: boolean): RedisClient {
    this.#first('entry', 'group')
    this.#cork?.hold(several)
    return this.client
  }

  /** Runs a script on keys of one slot. */
  script(name: ScriptName, space: Space, keys: readonly string[], args: readonly Arg[]): Promise<unknown> {
    this.#first(space)
    this.#cork?.hold()
    return this.#scripts.run(name, space, keys, args)
  }

  /** Runs a script on one entry or group. */
  one(name: ScriptName, space: Space, namespace: string, item: string, args: readonly Arg[]): Promise<unknown> {
    return this.script(name, space, this.keys.item(space, namespace, item), args)
  }

  /** Runs a script on several entries or groups; its answer for each, or the error. */
  async each(
    name: ScriptName,
    space: Space,
    namespace: string,
    items: readonly string[],
    args: (positions: readonly number[]) => readonly Arg[],
  ): Promise<unknown[]> {
    const keyed = items.map((item, position) => ({ keys: this.keys.item(space, namespace, item), position }))
    const { slotKey } = this
    const replies = await inGroups(keyed, slotKey && (({ keys }) => slotKey(keys)), (group) => {
      const keys = group.flatMap((item) => item.keys)
      return this.script(name, space, keys, args(group.map((item) => item.position))) as Promise<unknown[]>
    })
    return translatedAll(replies)
  }

  /** The same; the first error is thrown, once everything has been answered. */
  async all(
    name: ScriptName,
    space: Space,
    namespace: string,
    items: readonly string[],
    args: readonly Arg[] = [],
  ): Promise<unknown[]> {
    const replies = await this.each(name, space, namespace, items, () => args)
    for (const reply of replies) if (reply instanceof Error) throw reply
    return replies
  }
}
