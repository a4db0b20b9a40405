import {
  type DurationInput,
  duration,
  type Expiration,
  type Explanation,
  type Lifetime,
  type Namespace,
  never,
  type Store,
} from '@ttl/core'
import { type Definition, type Meta, namespaceOf, type Saved, type SaveOptions } from './definition.ts'
import { Postings } from './postings.ts'

/** Records of one class, each with an `id`, which expire as the class says or as they say themselves. */
export class Model<Fields extends { readonly id: string }> {
  readonly meta: Meta
  readonly #records: Namespace<Fields>
  readonly #postings: Postings<Fields>

  /** @throws `TTL_INVALID` when the class cannot be what it says: a ttl of 0, a bare number, … */
  constructor(store: Store, definition: Definition<Fields>) {
    this.#records = namespaceOf(store, definition)
    this.#postings = new Postings(store, definition)
    this.meta = {
      name: definition.name,
      ttl: definition.ttl === undefined ? undefined : duration(definition.ttl),
      restartOn: 'write',
      indexes: this.#postings.names,
    }
  }

  /** Writes a whole record, and restarts its life unless the options say otherwise. */
  async save(record: Fields, options?: SaveOptions): Promise<Saved> {
    return (await this.#write(record.id, () => record, options)).saved ?? 'ended'
  }

  /** Writes some fields, and restarts the record's life unless the options say otherwise. @returns the record, or `undefined`: nothing is written then */
  async update(
    id: string,
    fields: Partial<Fields> | ((record: Fields) => Partial<Fields>),
    options?: SaveOptions,
  ): Promise<Fields | undefined> {
    const change = (old: Fields | undefined) =>
      old && { ...old, ...(typeof fields === 'function' ? fields(old) : fields), id }
    const { saved, record } = await this.#write(id, change, options)
    return saved === 'updated' ? record : undefined
  }

  /** Writes several records, checked before any is written, in one round trip. @returns those that are there now */
  async saveMany(records: Iterable<readonly [record: Fields, options?: SaveOptions | undefined]>): Promise<string[]> {
    const list = [...records]
    const before = await this.getMany(list.map(([{ id }]) => id))
    const stored = await this.#records.setMany(list.map(([record, options]) => [record.id, record, lifeOf(options)]))
    for (const id of stored.keys()) await this.#file(id, before.get(id))
    return [...stored].flatMap(([id, is]) => (is ? [id] : []))
  }

  get(id: string): Promise<Fields | undefined> {
    return this.#records.get(id)
  }

  getMany(ids: Iterable<string>): Promise<Map<string, Fields>> {
    return this.#records.getMany(ids)
  }

  has(id: string): Promise<boolean> {
    return this.#records.has(id)
  }

  /** Records whose index has a value. */
  async find(index: string, value: string): Promise<Fields[]> {
    const ids: string[] = []
    for await (const id of this.#postings.ids(index, value)) ids.push(id)
    const records = await this.getMany(ids)
    return [...records.values()].filter((record) => this.#postings.holds(index, value, record))
  }

  async all(): Promise<Fields[]> {
    const records: Fields[] = []
    for await (const [, record] of this.#records.entries()) records.push(record)
    return records
  }

  ids(): AsyncIterable<string> {
    return this.#records.keys()
  }

  count(): Promise<number> {
    return this.#records.count()
  }

  /** How long a record lives, and by what. */
  expiry(id: string): Promise<Expiration> {
    return this.#records.expiry(id)
  }

  /** Why a save would give the deadline that it would give. */
  explain(id: string, options?: SaveOptions): Promise<Explanation> {
    return this.#records.explain(id, lifeOf(options))
  }

  /** Restarts a record's life without writing it. @returns whether it lives, as do the next three */
  touch(id: string): Promise<boolean> {
    return this.#retime(id, () => this.#records.touch(id))
  }

  /** Gives a record another life from now on, also a shorter one. */
  expire(id: string, lifetime: Lifetime | DurationInput): Promise<boolean> {
    return this.#retime(id, () => this.#records.expire(id, lifetime))
  }

  /** Gives a record what its class says now: after the class has changed, or after a pin. */
  adopt(id: string): Promise<boolean> {
    return this.expire(id, this.meta.ttl ?? never)
  }

  /** Makes a record permanent. */
  pin(id: string): Promise<boolean> {
    return this.#retime(id, () => this.#records.persist(id))
  }

  /** @returns whether it was there */
  async delete(id: string): Promise<boolean> {
    const record = await this.#records.take(id)
    if (record !== undefined) await this.#postings.file(id, record, undefined)
    return record !== undefined
  }

  /** Reads, changes and writes, again when somebody else wrote meanwhile. */
  async #write(
    id: string,
    change: (old: Fields | undefined) => Fields | undefined,
    options: SaveOptions | undefined,
  ): Promise<{ saved?: Saved; record?: Fields }> {
    const life = lifeOf(options)
    for (;;) {
      const old = await this.#records.getEntry(id)
      const record = change(old?.value)
      if (record === undefined) return {}
      const stored = await this.#records.set(id, record, {
        ...life,
        if: old === undefined ? 'absent' : { unchanged: old },
      })
      if (stored) {
        await this.#file(id, old?.value)
        return { saved: old === undefined ? 'created' : 'updated', record }
      }
      await this.#file(id, old?.value)
      // Nothing was there, nothing is, and still it was not stored: its deadline has passed.
      if (old === undefined && !(await this.has(id))) return { saved: 'ended' }
    }
  }

  async #retime(id: string, step: () => Promise<boolean>): Promise<boolean> {
    const live = await step()
    await this.#file(id, undefined)
    return live
  }

  async #file(id: string, before: Fields | undefined): Promise<void> {
    if (this.meta.indexes.length > 0) await this.#postings.file(id, before, await this.#records.getEntry(id))
  }
}

/** A save without a word about expiry restarts. What has other words is for the store to refuse. */
function lifeOf(options: SaveOptions = {}): SaveOptions {
  const { ttl, expiresAt, lifetime, expiry } = options
  const silent = [ttl, expiresAt, lifetime, expiry].every((given) => given === undefined)
  return silent ? ({ ...options, expiry: 'restart' } as SaveOptions) : options
}
