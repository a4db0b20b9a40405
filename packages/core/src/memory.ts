/** `@ttl/core/memory`: the backend without a store, and the executable specification of the contract. */
import type {
  Backend,
  Capabilities,
  Classified,
  Due,
  DuePage,
  DueRequest,
  Found,
  FoundGroup,
  NamespaceTally,
  Page,
  Payload,
  Reading,
  ReadOptions,
  Space,
  SweepRequest,
  Swept,
  Tally,
  Write,
} from './backend.ts'
import { type Clock, readClock, systemClock } from './clock.ts'
import { describe, TtlError, TtlRangeError, TtlTypeError } from './errors.ts'
import { checkOptions } from './options.ts'
import { copied, satisfies } from './payload.ts'
import { type Item, Shelf } from './shelf.ts'
import type { Placement, Span, Timing } from './timing.ts'
import * as timingRules from './timing.ts'

export interface MemoryOptions {
  /** Where time is read. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** The most entries and groups (a group counts once) that are kept. Minimum 1. Default: no bound. */
  readonly maxEntries?: number | undefined
  /**
   * What a write does that would exceed `maxEntries`, after everything expired was freed: `'refuse'` fails it with
   * `TTL_LIMIT`; `'evict'` removes what is nearest to its deadline, never what has none. Default `'refuse'`.
   */
  readonly whenFull?: 'refuse' | 'evict' | undefined
}

/** The rules that decide; replaced only to prove that the conformance suite notices. */
export type TimingRules = Pick<typeof timingRules, 'accessed' | 'isLive' | 'place' | 'replaced' | 'touched'>

/** Keeps everything in this process, judged by the injected clock or this machine's. Frees the expired by `sweep`. */
export function memory(options: MemoryOptions = {}): Backend {
  return new MemoryBackend(options, timingRules)
}

/** Behind {@link memory}: the executable specification. With other rules than those of core it is a backend with a bug. */
export class MemoryBackend implements Backend {
  readonly name = 'memory'
  readonly capabilities: Capabilities
  readonly #clock: Clock
  readonly #rules: TimingRules
  readonly #maxEntries: number
  readonly #whenFull: 'refuse' | 'evict'
  readonly #shelf = new Shelf()

  constructor(options: MemoryOptions, rules: TimingRules) {
    checkOptions(options, ['clock', 'maxEntries', 'whenFull'], 'memory()')
    const { clock = systemClock, maxEntries = Number.POSITIVE_INFINITY, whenFull = 'refuse' } = options
    if (typeof clock?.now !== 'function') {
      throw new TtlTypeError('TTL_INVALID', `clock of memory() must have a now() method, got ${describe(clock)}`)
    }
    if (!(maxEntries >= 1) || (maxEntries !== Number.POSITIVE_INFINITY && !Number.isInteger(maxEntries))) {
      throw new TtlRangeError(
        'TTL_LIMIT',
        `maxEntries of memory() must be a whole number ≥ 1, got ${describe(maxEntries)}`,
      )
    }
    if (whenFull !== 'refuse' && whenFull !== 'evict') {
      throw new TtlTypeError(
        'TTL_INVALID',
        `whenFull of memory() must be 'refuse' or 'evict', got ${describe(whenFull)}`,
      )
    }
    this.#clock = clock
    this.#rules = rules
    this.#maxEntries = maxEntries
    this.#whenFull = whenFull
    this.capabilities = {
      clock: clock === systemClock ? 'host' : 'injected',
      resolutionMs: 0,
      reclaims: 'sweep',
      batch: 'all',
      clear: 'atomic',
      groups: true,
      scan: 'once',
      stats: true,
      due: true,
      persistent: false,
      shared: false,
      maxPayloadBytes: Number.POSITIVE_INFINITY,
    }
  }

  now(): number {
    return readClock(this.#clock)
  }

  read(namespace: string, keys: readonly string[], options: ReadOptions): (Found | undefined)[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#live('entry', namespace, key, now)
      if (item === undefined) return undefined
      if (options.touch) this.#shelf.retime(item, this.#rules.accessed(item, now))
      const payload = copied(item.content as Payload)
      return options.detail ? { payload, reading: readingOf(item, now) } : { payload }
    })
  }

  inspect(space: Space, namespace: string, keys: readonly string[]): (Reading | undefined)[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#live(space, namespace, key, now)
      return item && readingOf(item, now)
    })
  }

  write(namespace: string, writes: readonly Write[]): boolean[] {
    const now = this.now()
    const plans = writes.map(({ key, payload, placement, condition }) => {
      const item = this.#shelf.find('entry', namespace, key)
      const live = item !== undefined && this.#rules.isLive(item, now) ? (item.content as Payload) : undefined
      return satisfies(condition, live) ? { key, payload, timing: this.#rules.place(item, placement, now) } : undefined
    })
    this.#makeRoom('entry', namespace, () =>
      plans.flatMap((plan) => (plan !== undefined && this.#rules.isLive(plan.timing, now) ? [plan.key] : [])),
    )
    return plans.map(
      (plan) =>
        plan !== undefined && this.#settle('entry', namespace, plan.key, plan.timing, now, copied(plan.payload)),
    )
  }

  take(namespace: string, key: string): Payload | undefined {
    const item = this.#live('entry', namespace, key, this.now())
    if (item === undefined) return undefined
    this.#shelf.remove(item)
    return item.content as Payload
  }

  delete(space: Space, namespace: string, keys: readonly string[]): boolean[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#shelf.find(space, namespace, key)
      if (item === undefined) return false
      this.#shelf.remove(item)
      return this.#rules.isLive(item, now)
    })
  }

  touch(space: Space, namespace: string, keys: readonly string[]): boolean[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#live(space, namespace, key, now)
      if (item !== undefined) this.#shelf.retime(item, this.#rules.touched(item, now))
      return item !== undefined
    })
  }

  expire(space: Space, namespace: string, keys: readonly string[], span: Span): boolean[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#live(space, namespace, key, now)
      return (
        item !== undefined &&
        this.#settle(space, namespace, key, this.#rules.replaced(item, span, now), now, item.content)
      )
    })
  }

  scan(space: Space, namespace: string): Page {
    const now = this.now()
    const items = this.#shelf.items(space, namespace)
    return { keys: [...items].filter((item) => this.#rules.isLive(item, now)).map((item) => item.name) }
  }

  readGroup(
    namespace: string,
    id: string,
    names: readonly string[] | undefined,
    options: ReadOptions,
  ): FoundGroup | undefined {
    const now = this.now()
    const item = this.#live('group', namespace, id, now)
    if (item === undefined) return undefined
    const all = item.content as Map<string, Payload>
    const members = (names ?? [...all.keys()]).flatMap((name) =>
      all.has(name) ? [[name, copied(all.get(name) as Payload)] as const] : [],
    )
    if (members.length === 0) return undefined
    if (options.touch) this.#shelf.retime(item, this.#rules.accessed(item, now))
    return options.detail ? { members, reading: readingOf(item, now) } : { members }
  }

  writeGroup(
    namespace: string,
    id: string,
    members: readonly (readonly [string, Payload])[],
    placement: Placement,
    condition?: 'absent',
  ): boolean {
    const now = this.now()
    const timing = this.#rules.place(this.#shelf.find('group', namespace, id), placement, now)
    const live = this.#live('group', namespace, id, now)
    if (condition === 'absent' && live !== undefined) return false
    if (this.#rules.isLive(timing, now)) this.#makeRoom('group', namespace, () => [id])
    const kept = placement.onLive === 'exact' ? undefined : live
    const all = (kept?.content as Map<string, Payload> | undefined) ?? new Map<string, Payload>()
    for (const [member, payload] of members) all.set(member, copied(payload))
    return this.#settle('group', namespace, id, timing, now, all)
  }

  deleteMembers(namespace: string, id: string, members: readonly string[]): boolean[] {
    const item = this.#live('group', namespace, id, this.now())
    if (item === undefined) return members.map(() => false)
    const all = item.content as Map<string, Payload>
    const were = members.map((member) => all.delete(member))
    if (all.size === 0) this.#shelf.remove(item)
    return were
  }

  clear(namespace: string): void {
    for (const space of ['entry', 'group'] as const) {
      for (const item of this.#shelf.items(space, namespace)) this.#shelf.remove(item)
    }
  }

  stats(namespace?: string, edges?: readonly number[]): NamespaceTally[] {
    const now = this.now()
    const names = namespace === undefined ? this.#shelf.namespaces() : [namespace]
    return [...names].map((name) => ({
      namespace: name,
      entries: this.#tally('entry', name, now, edges),
      groups: this.#tally('group', name, now, edges),
    }))
  }

  due({ asOf, namespace }: DueRequest): DuePage {
    const names = namespace === undefined ? this.#shelf.namespaces() : [namespace]
    const due: Due[] = []
    for (const name of names) {
      for (const space of ['entry', 'group'] as const) {
        for (const item of this.#shelf.items(space, name)) if (!this.#rules.isLive(item, asOf)) due.push(dueOf(item))
      }
    }
    return { due: due.sort((one, other) => one.expiresAt - other.expiresAt) }
  }

  nextDue(): number | undefined {
    return this.#shelf.nextDue
  }

  sweep({ limit, namespace, asOf, names }: SweepRequest): Swept {
    const now = this.now()
    const cutoff = Math.min(asOf ?? now, now)
    const counts = new Map<string, number>()
    const wanted = (item: Item) => namespace === undefined || item.namespace === namespace
    const [deleted, kept]: [Due[], Due[]] = [[], []]
    const keep = (item: Item): void => {
      if (names && wanted(item)) kept.push(dueOf(item))
    }
    let [count, more] = [0, false]
    for (const item of this.#shelf.byDeadline((expiresAt) => expiresAt <= cutoff, keep)) {
      if (this.#rules.isLive(item, cutoff) || !wanted(item)) continue
      more = count === limit
      if (more) break
      this.#shelf.remove(item)
      counts.set(item.namespace, (counts.get(item.namespace) ?? 0) + 1)
      count++
      if (names) deleted.push(dueOf(item))
    }
    return { deleted: counts, more, ...(names ? { names: { deleted, kept } } : {}) }
  }

  classify(): Classified {
    return { retryable: false }
  }

  close(): void {
    for (const namespace of this.#shelf.namespaces()) this.clear(namespace)
  }

  #live(space: Space, namespace: string, name: string, now: number): Item | undefined {
    const item = this.#shelf.find(space, namespace, name)
    return item !== undefined && this.#rules.isLive(item, now) ? item : undefined
  }

  /** Stores content under a timing, or removes what is there when the timing is not live. */
  #settle(
    space: Space,
    namespace: string,
    name: string,
    timing: Timing,
    now: number,
    content: Item['content'],
  ): boolean {
    const item = this.#shelf.find(space, namespace, name)
    if (!this.#rules.isLive(timing, now)) {
      if (item !== undefined) this.#shelf.remove(item)
      return false
    }
    if (item === undefined) {
      this.#shelf.add(space, namespace, name, timing, content)
    } else {
      item.content = content
      this.#shelf.retime(item, timing)
    }
    return true
  }

  /** Makes room for what a write adds, or refuses before anything is removed that was live. */
  #makeRoom(space: Space, namespace: string, written: () => readonly string[]): void {
    if (this.#maxEntries === Number.POSITIVE_INFINITY) return
    const [shelf, names] = [this.#shelf, written()]
    if (shelf.size + names.length <= this.#maxEntries) return
    const excess = () =>
      shelf.size + names.filter((name) => shelf.find(space, namespace, name) === undefined).length - this.#maxEntries
    if (excess() > 0) this.sweep({ limit: Number.POSITIVE_INFINITY })
    const needed = excess()
    if (needed <= 0) return
    const victims: Item[] = []
    if (this.#whenFull === 'evict') {
      const spared = new Set(names.map((name) => shelf.find(space, namespace, name)))
      for (const item of shelf.byDeadline(() => victims.length < needed)) if (!spared.has(item)) victims.push(item)
    }
    if (victims.length < needed) {
      throw new TtlError(
        'TTL_LIMIT',
        `memory() is full: it holds ${shelf.size} of at most ${this.#maxEntries} entries, and nothing of that may be removed for ${names.length} more`,
      )
    }
    for (const item of victims) shelf.remove(item)
  }

  #tally(space: Space, namespace: string, now: number, edges?: readonly number[]): Tally {
    const buckets = edges?.map(() => 0)
    let [permanent, active, expired] = [0, 0, 0]
    let [next, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const item of this.#shelf.items(space, namespace)) {
      if (item.expiresAt === undefined) permanent++
      else if (!this.#rules.isLive(item, now)) expired++
      else {
        active++
        next = Math.min(next, item.expiresAt)
        last = Math.max(last, item.expiresAt)
        const bucket = edges?.findIndex((edge) => !this.#rules.isLive(item, edge)) ?? -1
        if (buckets !== undefined && bucket !== -1) buckets[bucket] = (buckets[bucket] as number) + 1
      }
    }
    return {
      permanent,
      active,
      expired,
      nextExpiresAt: active === 0 ? undefined : next,
      lastExpiresAt: active === 0 ? undefined : last,
      buckets,
    }
  }
}

/** Of an item that has a deadline. */
function dueOf({ space, namespace, name, expiresAt }: Item): Due {
  return { space, namespace, key: name, expiresAt: expiresAt as number }
}

function readingOf({ expiresAt, bornAt, ttlMs, capAt, restartOn, refreshAfter }: Item, now: number): Reading {
  return { expiresAt, bornAt, ttlMs, capAt, restartOn, refreshAfter, now }
}
