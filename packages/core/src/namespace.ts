import { chain } from './awaitable.ts'
import type { Awaitable, Backend, Space, Write } from './backend.ts'
import { writeAll } from './batch.ts'
import type { DurationInput } from './duration.ts'
import { Entry } from './entry.ts'
import { annotate, kindOf, TtlError, TtlTypeError } from './errors.ts'
import { type Expiration, expirationOf } from './expiration.ts'
import { type Explanation, explain, type Layer, type Layered } from './explain.ts'
import type { Flights } from './flights.ts'
import { foreignSync } from './foreign.ts'
import { Group } from './group.ts'
import { type Lifetime, never } from './lifetime.ts'
import { type Loaded, Loading } from './loading.ts'
import { checkIterable, checkName, checkNames } from './names.ts'
import type { Operation } from './operations.ts'
import { checkTouch, type GetOptions, readTouch } from './options.ts'
import { copied } from './payload.ts'
import {
  EXPLAIN_OPTIONS,
  type ExpiryOptions,
  GET_OR_SET_OPTIONS,
  type Planner,
  readCondition,
  readWrite,
  SET_OPTIONS,
  type SetOptions,
} from './planner.ts'
import { type PolicyInput, readPolicy } from './policy.ts'
import type { Port } from './port.ts'
import { detailOf, pairs, type Reads, readsOf } from './reads.ts'
import { pages } from './scan.ts'
import { type NamespaceStats, statsOf } from './stats.ts'
import type { Values } from './values.ts'

/** Options of `getOrSet`: those of the write that a miss leads to, and `touch` for the read. */
export type GetOrSetOptions = ExpiryOptions & GetOptions

/** @internal What a store gives a namespace. */
export interface NamespaceParts<Value> {
  readonly name: string
  readonly port: Port
  readonly layers: readonly Layered[]
  readonly limits: readonly { readonly layer: Layer; readonly max: number | undefined }[]
  readonly planner: Planner
  readonly values: Values<Value>
  readonly flights: Flights<Loaded>
}

/** Entries and groups under one name, one policy and one type of value. Made by `store.namespace(name)`. */
export class Namespace<Value = unknown> {
  readonly name: string
  readonly #parts: NamespaceParts<Value>
  readonly #loading: Loading<Value>
  readonly #reads: Reads

  /** @internal */
  constructor(parts: NamespaceParts<Value>) {
    this.name = parts.name
    this.#parts = parts
    this.#loading = new Loading(parts)
    this.#reads = readsOf(parts.planner.policy.restartOn === 'access')
  }

  /**
   * The value of a live entry, or `undefined`. Restarts an entry written under 'access', unless `{ touch: false }`.
   *
   * @throws {@link TtlError} `TTL_BACKEND` when the backend fails: an outage is never a miss
   */
  get(key: string, options?: GetOptions): Promise<Value | undefined> {
    return this.#run('get', key, (backend) => {
      checkName(key, 'key')
      const read = readTouch(options, 'get') ? this.#reads.touch : this.#reads.peek
      return chain(backend.read(this.name, [key], read), ([found]) => {
        this.#count(1, found === undefined ? 0 : 1)
        return this.#parts.values.decodeFound(found?.payload)
      })
    })
  }

  /** The value with its expiry, after the restart if there was one; pass it on as `if: { unchanged: entry }`. */
  getEntry(key: string, options?: GetOptions): Promise<Entry<Value> | undefined> {
    return this.#run('getEntry', key, async (backend) => {
      checkName(key, 'key')
      const read = readTouch(options, 'getEntry') ? this.#reads.detail : this.#reads.peekDetail
      const [found] = await backend.read(this.name, [key], read)
      this.#count(1, found === undefined ? 0 : 1)
      if (found === undefined) return undefined
      // The entry keeps what is stored apart from the value, which is the caller's to change.
      const value = await this.#parts.values.decode(copied(found.payload))
      return new Entry(this.name, key, value, expirationOf(detailOf(found, backend)), found.payload)
    })
  }

  /** The values of those keys that are live, in the order of the keys. Restarts what it returns, as `get` does. */
  getMany(keys: Iterable<string>, options?: GetOptions): Promise<Map<string, Value>> {
    return this.#run('getMany', undefined, async (backend) => {
      const unique = checkNames(keys, 'key', 'getMany')
      const read = readTouch(options, 'getMany') ? this.#reads.touch : this.#reads.peek
      if (unique.length === 0) return new Map()
      const found = pairs(unique, await backend.read(this.name, unique, read))
      this.#count(unique.length, found.length)
      return this.#parts.values.decodeAll(found)
    })
  }

  /** Whether an entry is live. Restarts nothing. */
  has(key: string): Promise<boolean> {
    return this.#run('has', key, (backend) => {
      checkName(key, 'key')
      return chain(backend.inspect('entry', this.name, [key]), ([reading]) => reading !== undefined)
    })
  }

  /**
   * Writes an entry: value and expiry are replaced; a live entry keeps its birth.
   *
   * @returns whether it is stored: `false` when the condition failed (nothing changed), or when the deadline is not
   *   after now (then what was there is removed)
   * @throws {@link TtlTypeError} `TTL_INVALID` or `TTL_CONFLICT` before anything is sent; `TTL_CODEC`; `TTL_BACKEND`
   */
  set(key: string, value: Value, options?: SetOptions): Promise<boolean> {
    return this.#run('set', key, (backend) => {
      const write = this.#write(key, value, options)
      if (write.condition === undefined) this.#parts.flights.forget(this.name, key)
      return chain(backend.write(this.name, [write]), ([outcome]) => {
        if (outcome instanceof Error) throw outcome
        // A condition that fails has changed nothing: what is being loaded is still right.
        if (outcome === true) this.#parts.flights.forget(this.name, key)
        return outcome === true
      })
    })
  }

  /**
   * Writes several entries in one round trip. Everything is checked and encoded before anything is sent; of a key that
   * is given twice the last wins.
   *
   * @returns for each key whether it is stored, as `set` answers
   * @throws {@link TtlError} with `stored` and `failed` keys; where `capabilities.batch` is `'all'`, `stored` is empty
   */
  setMany(
    entries: Iterable<readonly [key: string, value: Value, options?: SetOptions | undefined]>,
  ): Promise<Map<string, boolean>> {
    return this.#run('setMany', undefined, async (backend) => {
      const writes = new Map<string, Write>()
      for (const entry of foreignSync(() => [...checkIterable(entries, 'setMany')])) {
        if (!Array.isArray(entry)) {
          throw new TtlTypeError('TTL_INVALID', `setMany takes entries [key, value, options?], got ${kindOf(entry)}`)
        }
        const [key, value, options] = entry
        writes.set(key, this.#write(key, value, options))
      }
      if (writes.size === 0) return new Map()
      const keys = [...writes.keys()]
      const forget = (names: string[]) => {
        for (const name of names) this.#parts.flights.forget(this.name, name)
      }
      forget(keys.filter((key) => writes.get(key)?.condition === undefined))
      const outcomes = await writeAll(backend, this.name, [...writes.values()], keys)
      forget(keys.filter((_, index) => outcomes[index] === true))
      return new Map(keys.map((key, index) => [key, outcomes[index] === true]))
    })
  }

  /**
   * The value of a live entry, or else what `load` gives, which is stored unless the key was written meanwhile.
   * Callers in this process that ask for the same key at the same time share one call of `load`.
   *
   * @returns what a `get` after it would answer: a loaded value has been encoded and decoded
   * @param load must not ask for the same key again: it would wait for itself
   * @throws what `load` throws, as it is; nothing is stored then
   */
  getOrSet(key: string, load: (key: string) => Awaitable<Value>, options?: GetOrSetOptions): Promise<Value> {
    return this.#run('getOrSet', key, async (backend) => {
      checkName(key, 'key')
      if (typeof load !== 'function')
        throw new TtlTypeError('TTL_INVALID', `getOrSet takes a function that loads the value, got ${kindOf(load)}`)
      const placement = this.#parts.planner.write(key, options, GET_OR_SET_OPTIONS)
      const read = checkTouch(options?.touch, 'getOrSet') ? this.#reads.touch : this.#reads.peek
      const payload = await this.#loading.payload(backend, key, load, placement, read)
      return this.#parts.values.decode(copied(payload))
    })
  }

  /** Reads and deletes in one step: of several callers at once, one gets the value. For one-time tokens. */
  take(key: string): Promise<Value | undefined> {
    return this.#run('take', key, (backend) => {
      checkName(key, 'key')
      this.#parts.flights.forget(this.name, key)
      return chain(backend.take(this.name, key), (payload) => this.#parts.values.decodeFound(payload))
    })
  }

  /** @returns whether the entry was live */
  delete(key: string): Promise<boolean> {
    return this.#run('delete', key, (backend) => {
      checkName(key, 'key')
      this.#parts.flights.forget(this.name, key)
      return chain(backend.delete('entry', this.name, [key]), ([was]) => was === true)
    })
  }

  /** @returns how many of them were live */
  deleteMany(keys: Iterable<string>): Promise<number> {
    return this.#run('deleteMany', undefined, async (backend) => {
      const unique = checkNames(keys, 'key', 'deleteMany')
      for (const key of unique) this.#parts.flights.forget(this.name, key)
      if (unique.length === 0) return 0
      return (await backend.delete('entry', this.name, unique)).filter(Boolean).length
    })
  }

  /**
   * Restarts the entry's own window under 'write' and 'access', up to its cap, without rewriting the value; under
   * 'create' it changes nothing. Never shortens, revives or creates.
   *
   * @returns whether the entry is live
   */
  touch(key: string): Promise<boolean> {
    return this.#run('touch', key, (backend) => {
      checkName(key, 'key')
      return chain(backend.touch('entry', this.name, [key]), ([live]) => live === true)
    })
  }

  /**
   * Replaces the entry's whole lifetime; value, birth and what restarts it stay. May shorten. Limits hold.
   *
   * @param lifetime a duration stands for `after(duration)`
   * @returns whether the entry is live afterwards
   */
  expire(key: string, lifetime: Lifetime | DurationInput): Promise<boolean> {
    return this.#expire('expire', key, lifetime)
  }

  /** Removes the deadline, until a `set` with an expiry or `expire`. Under `limits.max` it becomes birth + max. */
  persist(key: string): Promise<boolean> {
    return this.#expire('persist', key, never)
  }

  /** How long an entry lives. Restarts nothing. */
  expiry(key: string): Promise<Expiration> {
    return this.#run('expiry', key, async (backend) => {
      checkName(key, 'key')
      const [reading] = await backend.inspect('entry', this.name, [key])
      return reading === undefined ? { state: 'absent' } : expirationOf(reading)
    })
  }

  /** Names of live entries, in no order that is promised. What lives throughout is named, once. Restarts nothing. */
  keys(): AsyncIterableIterator<string> {
    return this.#names('keys', 'entry')
  }

  /** Live entries as `[key, value]`. Restarts nothing. */
  async *entries(): AsyncIterableIterator<[key: string, value: Value]> {
    for await (const keys of this.#pages('entries', 'entry')) {
      const values = await this.#run('entries', undefined, async (backend) =>
        this.#parts.values.decodeAll(pairs(keys, await backend.read(this.name, keys, this.#reads.peek))),
      )
      yield* values
    }
  }

  /** How many entries are live. */
  count(): Promise<number> {
    return this.#run('count', undefined, async (backend) => {
      if (backend.stats === undefined) {
        let count = 0
        for await (const keys of this.#pages('count', 'entry')) count += keys.length
        return count
      }
      const [tally] = await backend.stats(this.name)
      return tally === undefined ? 0 : tally.entries.permanent + tally.entries.active
    })
  }

  /** Removes all entries and groups of this namespace. */
  clear(): Promise<void> {
    return this.#run('clear', undefined, async (backend) => {
      this.#parts.flights.forget(this.name)
      if (backend.clear !== undefined) return backend.clear(this.name)
      const spaces: Space[] = backend.capabilities.groups ? ['entry', 'group'] : ['entry']
      for (const space of spaces) {
        for await (const keys of pages(this.#parts.port, 'clear', space, this.name, false))
          await backend.delete(space, this.name, keys)
      }
    })
  }

  /**
   * A set of named members that live and die together. Nothing is stored until a member is.
   *
   * @param policy on top of the namespace's, for when the group is created; a live group keeps the one it was created with
   * @throws {@link TtlError} `TTL_UNSUPPORTED` when the backend has no groups
   */
  group(id: string, policy?: PolicyInput): Group<Value> {
    const { backend } = this.#parts.port
    if (!backend.capabilities.groups)
      throw new TtlError('TTL_UNSUPPORTED', `${backend.name} has no groups`, {
        operation: 'group',
        namespace: this.name,
      })
    checkName(id, 'group id')
    const { port, values, planner } = this.#parts
    return new Group({
      namespace: this.name,
      id,
      port,
      values,
      planner: policy === undefined ? planner : planner.with(readPolicy(policy, 'policy of a group')),
    })
  }

  /** Ids of live groups. */
  groups(): AsyncIterableIterator<string> {
    return this.#names('groups', 'group')
  }

  /**
   * Why `set(key, value, options)` would get the deadline it would get: for each field of the policy the layer that
   * supplied it, what a limit changes, and the result. Writes nothing.
   */
  explain(key: string, options?: ExpiryOptions): Promise<Explanation> {
    return this.#run('explain', key, async (backend) => {
      checkName(key, 'key')
      const { layers, limits, planner } = this.#parts
      const call: Layered[] =
        options === undefined ? [] : [{ layer: 'call', patch: readWrite(options, EXPLAIN_OPTIONS).patch }]
      const planned = planner.write(key, options, EXPLAIN_OPTIONS)
      const [reading] = await backend.inspect('entry', this.name, [key])
      return explain({
        layers: [...layers, ...call],
        limits,
        planned,
        unlimited: planner.unlimited().write(key, options, EXPLAIN_OPTIONS),
        current: reading,
        now: reading?.now ?? (await backend.now()),
      })
    })
  }

  /**
   * Counts and deadlines of this namespace.
   * @throws {@link TtlError} `TTL_UNSUPPORTED` when the backend cannot count without reading everything
   */
  stats(): Promise<NamespaceStats> {
    return this.#run('stats', undefined, (backend) => statsOf(backend, this.name))
  }

  #run<T>(operation: Operation, key: string | undefined, call: (backend: Backend) => Awaitable<T>): Promise<T> {
    return this.#parts.port.run(operation, this.name, key, call)
  }

  #count(asked: number, found: number): void {
    this.#parts.port.meter.read(found, asked - found)
  }

  /** A write, checked and encoded; what is wrong with it is said with its key. */
  #write(key: string, value: unknown, options: SetOptions | undefined): Write {
    checkName(key, 'key')
    try {
      const placement = this.#parts.planner.write(key, options, SET_OPTIONS)
      const condition = options === undefined ? undefined : readCondition(options.if, this.name, key)
      return { key, payload: this.#parts.values.encode(value), placement, condition }
    } catch (error) {
      throw error instanceof TtlError ? annotate(error, { key }) : error
    }
  }

  #expire(operation: Operation, key: string, lifetime: Lifetime | DurationInput): Promise<boolean> {
    return this.#run(operation, key, (backend) => {
      checkName(key, 'key')
      const span = this.#parts.planner.span(lifetime, key)
      return chain(backend.expire('entry', this.name, [key], span), ([live]) => live === true)
    })
  }

  async *#names(operation: Operation, space: Space): AsyncGenerator<string, void, undefined> {
    for await (const names of this.#pages(operation, space)) yield* names
  }

  #pages(operation: Operation, space: Space): AsyncGenerator<readonly string[], void, undefined> {
    return pages(this.#parts.port, operation, space, this.name)
  }
}
