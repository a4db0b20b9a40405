import type { Space } from '@ttl/core/adapter'
import type { Coalescer } from './coalesce.ts'
import type { Commands } from './commands.ts'
import { checked, translatedAll } from './errors.ts'
import type { ItemKeys } from './keys.ts'

/** Restarts times to live: what is asked for in one tick, in one script. */
export class Touches {
  readonly #commands: Commands
  readonly #lanes: Readonly<Record<Space, Coalescer<ItemKeys, unknown>>>

  constructor(commands: Commands) {
    this.#commands = commands
    this.#lanes = { entry: this.#lane('entry'), group: this.#lane('group') }
  }

  /** @returns for each 1 if it was live, or 0 */
  async touch(space: Space, namespace: string, names: readonly string[]): Promise<unknown[]> {
    const [name] = names
    return names.length === 1 && name !== undefined
      ? [await this.#lanes[space].ask(this.#commands.keys.item(space, namespace, name))]
      : this.#commands.all('touch', space, namespace, names, ['touched'])
  }

  #lane(space: Space): Coalescer<ItemKeys, unknown> {
    const run = async (keys: readonly string[]) =>
      translatedAll(await this.#commands.script('touch', space, keys, ['touched']))
    return this.#commands.changes<ItemKeys, unknown>(space, this.#commands.slotKey, {
      one: async (keys) => checked(await run(keys))[0],
      several: (items) => run(items.flat()),
    })
  }
}
