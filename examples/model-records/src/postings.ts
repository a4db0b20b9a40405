import { type LiveExpiration, type Namespace, never, type Store } from '@ttl/core'
import type { Definition } from './definition.ts'

/**
 * What records are found by. A posting says "this record has this value"; it is an entry of its own, under the name of
 * the index and the value, and it has the deadline of its record: so postings of the dead are dead, and nobody has to
 * clean them. One that a crash left behind is skipped by whoever reads, and ends by itself.
 */
export class Postings<Fields extends object> {
  readonly #store: Store
  readonly #name: string
  readonly #index: NonNullable<Definition<Fields>['index']>

  constructor(store: Store, { name, index = {} }: Definition<Fields>) {
    this.#store = store
    this.#name = name
    this.#index = index
  }

  get names(): string[] {
    return Object.keys(this.#index)
  }

  /** Whether a record belongs under a value, whatever the postings say. */
  holds(index: string, value: string, record: Fields): boolean {
    return this.#index[index]?.(record) === value
  }

  /** Ids that are posted under a value: no live record is missing, some may be of the dead or say what was. */
  ids(index: string, value: string): AsyncIterable<string> {
    if (this.#index[index] === undefined)
      throw new TypeError(`${this.#name} has no index ${index}; it has ${this.names}`)
    return this.#under(index, value).keys()
  }

  /** Posts a record under its values, for as long as it lives, and takes it from those that it had before. */
  async file(id: string, before: Fields | undefined, now: { value: Fields; expiry: LiveExpiration } | undefined) {
    for (const [index, read] of Object.entries(this.#index)) {
      const old = before && read(before)
      const value = now && read(now.value)
      if (now !== undefined && value !== undefined) {
        const { expiry } = now
        const deadline = expiry.state === 'never' ? undefined : { expiresAt: expiry.expiresAt }
        await this.#under(index, value).set(id, true, deadline)
      }
      if (old !== undefined && old !== value) await this.#under(index, old).delete(id)
    }
  }

  #under(index: string, value: string): Namespace<true> {
    return this.#store.namespace<true>(`${this.#name}.${index}=${value}`, { policy: { lifetime: never } })
  }
}
