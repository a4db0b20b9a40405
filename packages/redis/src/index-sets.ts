import type { Space } from '@ttl/core/adapter'
import type { Commands } from './commands.ts'

const SPACES: readonly Space[] = ['entry', 'group']

/** Sorted sets of one shard, as many as one script may work on. */
export interface Lot {
  readonly shard: number
  readonly sets: readonly string[]
}

/** Which sorted sets there are: those of a namespace are known, the others are in the registry of each shard. */
export class IndexSets {
  readonly #commands: Commands

  constructor(commands: Commands) {
    this.#commands = commands
  }

  get shards(): readonly number[] {
    return Array.from({ length: this.#commands.keys.shards }, (_, shard) => shard)
  }

  /** The sorted sets of a namespace, or all, in lots of at most so many. */
  async lots(namespace: string | undefined, most: number): Promise<Lot[]> {
    if (namespace !== undefined) return this.of(namespace)
    const registered = await this.#registered()
    return registered.flatMap((all, shard) => {
      const starts = Array.from({ length: Math.ceil(all.length / most) }, (_, lot) => lot * most)
      return starts.map((start) => ({ shard, sets: all.slice(start, start + most) }))
    })
  }

  /** The sorted sets of a namespace, whether they are there or not. */
  of(namespace: string, spaces: readonly Space[] = SPACES): Lot[] {
    const { keys } = this.#commands
    return this.shards.map((shard) => ({ shard, sets: spaces.map((space) => keys.index(space, namespace, shard)) }))
  }

  /** The namespaces that have any, in order. */
  async namespaces(): Promise<string[]> {
    const all = (await this.#registered()).flat().map((set) => this.#commands.keys.ofIndex(set).namespace)
    return [...new Set(all)].sort()
  }

  /** What the registry of each shard holds. */
  async #registered(): Promise<string[][]> {
    const { keys, keyPrefix, send } = this.#commands
    const all = await Promise.all(this.shards.map((shard) => send.smembersBuffer(keys.registry(shard))))
    return all.map((members) => members.map((member) => member.toString().slice(keyPrefix.length)))
  }
}
