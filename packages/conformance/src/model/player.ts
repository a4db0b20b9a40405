import {
  after,
  at,
  createStore,
  type Duration,
  type Entry,
  earliest,
  type Instant,
  type Lifetime,
  maxAge,
  type Namespace,
  never,
  type PolicyInput,
  type SetOptions,
  type Store,
  TtlError,
} from '@ttl/core'
import type { Backend } from '@ttl/core/adapter'
import { collect } from '../scene.ts'
import type { Life, Operation, Options, View } from './operations.ts'
import { expiryTold, moment, timingTold } from './told.ts'

/** What units mean. */
export interface Grid {
  span(units: number): Duration
  instant(units: number): Instant
  /** Where a sweep may draw its line: never close to a deadline, if operations are not. */
  cutoff(units: number): Instant
}

/** Plays operations on one backend. */
export class Player {
  readonly #backend: Backend
  readonly #store: Store
  readonly #grid: Grid
  readonly #views: readonly Namespace[]
  readonly #read = new Map<string, Entry>()
  readonly #sweeps: boolean

  constructor(backend: Backend, grid: Grid, views: readonly View[], prefix: string, sweeps: boolean) {
    this.#backend = backend
    this.#grid = grid
    this.#sweeps = sweeps
    this.#store = createStore({ backend })
    this.#views = views.map(({ name, policy, max }) =>
      this.#store.namespace(prefix + name, {
        policy: this.#options(policy) as PolicyInput,
        limits: max === undefined ? undefined : { max: grid.span(max) },
      }),
    )
  }

  /** The answer, and the timing that is left, in a form that can be compared. A refusal is an answer. */
  async play(operation: Exclude<Operation, { op: 'advance' | 'deadline' }>): Promise<unknown> {
    const ns = this.#views[operation.view] as Namespace
    let answer: unknown
    try {
      answer = await this.#answer(ns, operation)
    } catch (error) {
      if (!(error instanceof TtlError) || error.code === 'TTL_BACKEND') throw error
      answer = { refused: error.code }
    }
    if (!('key' in operation)) return answer
    const [left] = await this.#backend.inspect(operation.op.startsWith('group.') ? 'group' : 'entry', ns.name, [
      operation.key,
    ])
    return { answer, left: left && timingTold(left) }
  }

  async #answer(ns: Namespace, operation: Exclude<Operation, { op: 'advance' | 'deadline' }>): Promise<unknown> {
    switch (operation.op) {
      case 'set': {
        const { key, value, options } = operation
        return ns.set(key, value as number, options && this.#set(ns, key, options))
      }
      case 'setMany':
        return [
          ...(await ns.setMany(
            operation.writes.map(
              ([key, value, options]) => [key, value as number, options && this.#set(ns, key, options)] as const,
            ),
          )),
        ]
      case 'get':
        return ns.get(operation.key, { touch: operation.touch })
      case 'getEntry': {
        const entry = await ns.getEntry(operation.key, { touch: operation.touch })
        if (entry === undefined) return undefined
        this.#read.set(`${ns.name} ${operation.key}`, entry)
        return [entry.value, expiryTold(entry.expiry)]
      }
      case 'getMany':
        return [...(await ns.getMany(operation.keys, { touch: operation.touch }))]
      case 'getOrSet':
        return ns.getOrSet(operation.key, () => operation.value)
      case 'has':
      case 'take':
      case 'delete':
      case 'touch':
      case 'persist':
        return ns[operation.op](operation.key)
      case 'expiry':
        return expiryTold(await ns.expiry(operation.key))
      case 'copy':
        return this.#copy(ns.name, operation)
      case 'deleteMany':
        return ns.deleteMany(operation.keys)
      case 'expire':
        return ns.expire(operation.key, this.#lifetime(operation.life))
      case 'keys':
        return (await collect(ns.keys())).sort()
      case 'entries':
        return (await collect(ns.entries())).sort(([a], [b]) => (a < b ? -1 : 1))
      case 'groups':
        return (await collect(ns.groups())).sort()
      case 'count':
        return ns.count()
      case 'clear':
        await ns.clear()
        // A clear in pages cannot name what is expired.
        await this.#store.sweep({ namespace: ns.name })
        return undefined
      case 'stats':
        return this.#stats(ns)
      case 'sweep':
        return this.#sweep(ns, operation)
      default:
        return this.#group(ns, operation)
    }
  }

  async #group(ns: Namespace, operation: Extract<Operation, { op: `group.${string}` }>): Promise<unknown> {
    const group = ns.group(
      operation.key,
      operation.op === 'group.set' && operation.policy ? (this.#options(operation.policy) as PolicyInput) : undefined,
    )
    switch (operation.op) {
      case 'group.set':
        return group.setMany(operation.members)
      case 'group.get':
        return [...(await group.getMany(operation.members, { touch: operation.touch }))].sort(([a], [b]) =>
          a < b ? -1 : 1,
        )
      case 'group.deleteMember':
        return group.delete(operation.member)
      case 'group.delete':
        return group.delete()
      case 'group.touch':
        return group.touch()
      case 'group.persist':
        return group.persist()
      case 'group.expiry':
        return expiryTold(await group.expiry())
      case 'group.expire':
        return group.expire(this.#lifetime(operation.life))
    }
  }

  async #copy(name: string, { key, to, overwrite }: Extract<Operation, { op: 'copy' }>): Promise<unknown> {
    const [found] = await this.#backend.read(name, [key], { touch: false, detail: true, sliding: false })
    if (found?.reading === undefined) return 'absent'
    const { now: _, ...timing } = found.reading
    const placement = { onLive: 'exact', timing } as const
    return this.#backend.write(name, [
      { key: to, payload: found.payload, placement, condition: overwrite ? undefined : 'absent' },
    ])
  }

  async #sweep(
    ns: Namespace,
    { limit, asOf }: { readonly limit?: number | undefined; readonly asOf?: number | undefined },
  ): Promise<unknown> {
    const options = { namespace: ns.name, asOf: asOf === undefined ? undefined : this.#grid.cutoff(asOf) }
    const first = limit === undefined ? 0 : (await this.#store.sweep({ ...options, limit })).deleted
    const rest = (await this.#store.sweep(options)).deleted
    return this.#sweeps ? [first, rest] : undefined
  }

  async #stats(ns: Namespace): Promise<unknown> {
    const { entries, groups } = await ns.stats()
    return [entries, groups].map(({ permanent, active, expired, nextExpiresAt, lastExpiresAt }) => [
      permanent,
      active,
      this.#sweeps ? expired : undefined,
      moment(nextExpiresAt),
      moment(lastExpiresAt),
    ])
  }

  #set(ns: Namespace, key: string, options: Options): SetOptions {
    const entry = this.#read.get(`${ns.name} ${key}`)
    const unchanged = entry === undefined ? 'present' : { unchanged: entry }
    return { ...this.#options(options), if: options.if === 'unchanged' ? unchanged : options.if } as SetOptions
  }

  #options({ life, expiry, restartOn, refreshAfter }: Options): object {
    // Only a ttl given as such keeps an inherited maximum age.
    const only = life !== undefined && !('never' in life) && life.age === undefined ? life : undefined
    const when =
      life === undefined
        ? {}
        : only?.ttl !== undefined && only.at === undefined
          ? { ttl: this.#grid.span(only.ttl) }
          : only?.at !== undefined && only.ttl === undefined
            ? { expiresAt: this.#grid.instant(only.at) }
            : { lifetime: this.#lifetime(life) }
    return expiry === undefined ? { ...when, restartOn, refreshAfter } : { ...when, expiry, refreshAfter }
  }

  #lifetime(life: Life): Lifetime {
    if ('never' in life) return never
    const terms: Lifetime[] = []
    if (life.ttl !== undefined) terms.push(after(this.#grid.span(life.ttl)))
    if (life.age !== undefined) terms.push(maxAge(this.#grid.span(life.age)))
    if (life.at !== undefined) terms.push(at(this.#grid.instant(life.at)))
    return earliest(never, ...terms)
  }
}
