import assert from 'node:assert/strict'
import {
  createStore,
  type Expiration,
  type Namespace,
  type NamespaceOptions,
  type PolicyInput,
  type Store,
  type StoreOptions,
} from '@ttl/core'
import type { Backend, Capabilities } from '@ttl/core/adapter'
import type { Stage } from './stage.ts'
import type { Timeline } from './timeline.ts'

export interface NamespaceSetup extends Pick<NamespaceOptions, 'limits' | 'codec'> {
  /** Two of the same label are the same namespace. Default: `'main'`. */
  readonly label?: string
  /** Options of the store around it. */
  readonly store?: Omit<StoreOptions, 'backend'>
  /** Default: the first connection. */
  readonly on?: Backend
}

/** What a law is given: a timeline, and a backend that keeps everything in names that are the law's own. */
export class Scene {
  readonly t: Timeline
  readonly can: Capabilities
  /** The first connection. */
  readonly backend: Backend
  readonly #stage: Stage
  readonly #prefix: string

  constructor(t: Timeline, backend: Backend, stage: Stage, prefix: string) {
    this.t = t
    this.can = backend.capabilities
    this.backend = backend
    this.#stage = stage
    this.#prefix = prefix
  }

  /** The name of a namespace that is this law's own. */
  name(label = 'main'): string {
    return this.#prefix + label
  }

  ns<Value = unknown>(policy?: PolicyInput, setup: NamespaceSetup = {}): Namespace<Value> {
    const { label, store, on, ...options } = setup
    return this.store(store, on).namespace<Value>(this.name(label), { ...options, policy })
  }

  store(options: Omit<StoreOptions, 'backend'> = {}, on: Backend = this.backend): Store {
    return createStore({ ...options, backend: on })
  }

  /** Several connections to the same data; the same one several times where there can be only one. */
  async connections(count: number): Promise<Backend[]> {
    const backends = [this.backend]
    while (backends.length < count) backends.push(this.can.shared ? await this.#stage.open() : this.backend)
    return backends
  }

  /** Sweeps one namespace; answers how much was deleted. */
  async sweep(ns: Pick<Namespace, 'name'>, limit?: number, on: Backend = this.backend): Promise<number> {
    return (await this.store({}, on).sweep({ namespace: ns.name, limit })).deleted
  }

  /** Closes every connection and opens the place again. Only for laws that are `alone`. */
  async reopen(): Promise<Backend> {
    await this.#stage.leave()
    return this.#stage.open()
  }

  /** A backend on another place. Only for laws that are `alone`. */
  async elsewhere(): Promise<Backend> {
    return (await this.#stage.apart()).open()
  }

  /** Asserts that every view of a key shows this value. Restarts nothing. */
  async alive(ns: Namespace, key: string, value: unknown): Promise<void> {
    const seen = await this.#views(ns, key)
    const all = { get: value, getEntry: value, getMany: value, has: true, expiry: true, keys: true, entries: value }
    assert.deepStrictEqual(seen, this.can.scan === 'none' ? { ...all, keys: undefined, entries: undefined } : all)
  }

  /** Asserts that no view shows anything of a key. */
  async gone(ns: Namespace, key: string): Promise<void> {
    const seen = await this.#views(ns, key)
    const all = {
      get: undefined,
      getEntry: undefined,
      getMany: undefined,
      has: false,
      expiry: false,
      keys: false,
      entries: undefined,
    }
    assert.deepStrictEqual(seen, this.can.scan === 'none' ? { ...all, keys: undefined } : all)
  }

  /** The expiry of what must be live. */
  async living(ns: Pick<Namespace, 'expiry'>, key: string): Promise<Exclude<Expiration, { state: 'absent' }>> {
    const expiry = await ns.expiry(key)
    if (expiry.state === 'absent') assert.fail(`${JSON.stringify(key)} should be live`)
    return expiry
  }

  /** Asserts when a key ends; `undefined` is never. */
  async ends(ns: Pick<Namespace, 'expiry'>, key: string, ms: number | undefined): Promise<void> {
    this.endsAt(await ns.expiry(key), ms)
  }

  endsAt(expiry: Expiration, ms: number | undefined): void {
    assert.equal(expiry.state, ms === undefined ? 'never' : 'expires')
    if (expiry.state === 'expires' && ms !== undefined) this.t.is(expiry.expiresAt, ms)
  }

  async #views(ns: Namespace, key: string) {
    const peek = { touch: false }
    const lists = this.can.scan !== 'none'
    const [get, entry, many, has, expiry, keys, entries] = await Promise.all([
      ns.get(key, peek),
      ns.getEntry(key, peek),
      ns.getMany([key], peek),
      ns.has(key),
      ns.expiry(key),
      lists ? collect(ns.keys()) : undefined,
      lists ? collect(ns.entries()) : undefined,
    ])
    return {
      get,
      getEntry: entry?.value,
      getMany: many.get(key),
      has,
      expiry: expiry.state !== 'absent',
      keys: keys?.includes(key),
      entries: entries?.find(([name]) => name === key)?.[1],
    }
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
