/** `@ttl/core/memory`: the backend without a store, and the executable specification of the contract. */
import type {
  Backend,
  Capabilities,
  Classified,
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
import { type Clock, systemClock } from './clock.ts'
import { DeadlineHeap, type Due } from './deadline-heap.ts'
import { describe, TtlError, TtlRangeError, TtlTypeError } from './errors.ts'
import { satisfies } from './payload.ts'
import * as timingRules from './timing.ts'
import type { Placement, Span, Timing } from './timing.ts'

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

interface Item extends Due {
  readonly name: string
  readonly room: Room
  timing: Timing
  /** The payload of an entry, the members of a group. */
  content: Payload | Map<string, Payload>
}

/** One space of one namespace. */
interface Room {
  readonly namespace: string
  readonly space: Space
  readonly items: Map<string, Item>
}

/** Bytes are copied in and out: what is stored does not change under a caller's hands. */
const copied = (payload: Payload): Payload => (typeof payload === 'string' ? payload : new Uint8Array(payload))

/** Behind {@link memory}: the executable specification. With other rules than those of core it is a backend with a bug. */
export class MemoryBackend implements Backend {
  readonly name = 'memory'
  readonly capabilities: Capabilities
  readonly #clock: Clock
  readonly #rules: TimingRules
  readonly #maxEntries: number
  readonly #whenFull: 'refuse' | 'evict'
  readonly #rooms = { entry: new Map<string, Room>(), group: new Map<string, Room>() }
  readonly #deadlines = new DeadlineHeap<Item>()
  #size = 0

  constructor(options: MemoryOptions, rules: TimingRules) {
    const { clock = systemClock, maxEntries = Number.POSITIVE_INFINITY, whenFull = 'refuse' } = options
    if (typeof clock?.now !== 'function') {
      throw new TtlTypeError('TTL_INVALID', `clock of memory() must have a now() method, got ${describe(clock)}`)
    }
    if (!(maxEntries >= 1) || (maxEntries !== Number.POSITIVE_INFINITY && !Number.isInteger(maxEntries))) {
      throw new TtlRangeError('TTL_INVALID', `maxEntries of memory() must be a whole number ≥ 1, got ${describe(maxEntries)}`)
    }
    if (whenFull !== 'refuse' && whenFull !== 'evict') {
      throw new TtlTypeError('TTL_INVALID', `whenFull of memory() must be 'refuse' or 'evict', got ${describe(whenFull)}`)
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
      persistent: false,
      shared: false,
      maxPayloadBytes: Number.POSITIVE_INFINITY,
    }
  }

  now(): number {
    return Math.floor(this.#clock.now())
  }

  read(namespace: string, keys: readonly string[], options: ReadOptions): (Found | undefined)[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#live('entry', namespace, key, now)
      if (item === undefined) return undefined
      if (options.touch) this.#retime(item, this.#rules.accessed(item.timing, now))
      const payload = copied(item.content as Payload)
      return options.detail ? { payload, reading: { ...item.timing, now } } : { payload }
    })
  }

  inspect(space: Space, namespace: string, keys: readonly string[]): (Reading | undefined)[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#live(space, namespace, key, now)
      return item && { ...item.timing, now }
    })
  }

  write(namespace: string, writes: readonly Write[]): boolean[] {
    const now = this.now()
    const plans = writes.map(({ key, payload, placement, condition }) => {
      const live = this.#live('entry', namespace, key, now)
      if (!satisfies(condition, live?.content as Payload | undefined)) return undefined
      return { key, payload, timing: this.#rules.place(this.#item('entry', namespace, key)?.timing, placement, now) }
    })
    const stored = plans.flatMap((plan) => (plan !== undefined && this.#rules.isLive(plan.timing, now) ? [plan.key] : []))
    this.#makeRoom('entry', namespace, stored)
    return plans.map((plan) => plan !== undefined && this.#settle('entry', namespace, plan.key, plan.timing, now, () => copied(plan.payload)))
  }

  take(namespace: string, key: string): Payload | undefined {
    const item = this.#live('entry', namespace, key, this.now())
    if (item === undefined) return undefined
    this.#remove(item)
    return item.content as Payload
  }

  delete(space: Space, namespace: string, keys: readonly string[]): boolean[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#item(space, namespace, key)
      if (item === undefined) return false
      this.#remove(item)
      return this.#rules.isLive(item.timing, now)
    })
  }

  touch(space: Space, namespace: string, keys: readonly string[]): boolean[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#live(space, namespace, key, now)
      if (item !== undefined) this.#retime(item, this.#rules.touched(item.timing, now))
      return item !== undefined
    })
  }

  expire(space: Space, namespace: string, keys: readonly string[], span: Span): boolean[] {
    const now = this.now()
    return keys.map((key) => {
      const item = this.#live(space, namespace, key, now)
      return item !== undefined && this.#settle(space, namespace, key, this.#rules.replaced(item.timing, span, now), now, () => item.content)
    })
  }

  scan(space: Space, namespace: string): Page {
    const now = this.now()
    const items = this.#rooms[space].get(namespace)?.items.values() ?? []
    return { keys: [...items].filter((item) => this.#rules.isLive(item.timing, now)).map((item) => item.name) }
  }

  readGroup(namespace: string, id: string, names: readonly string[] | undefined, options: ReadOptions): FoundGroup | undefined {
    const now = this.now()
    const item = this.#live('group', namespace, id, now)
    if (item === undefined) return undefined
    const all = item.content as Map<string, Payload>
    const members = (names ?? [...all.keys()]).flatMap((name) => (all.has(name) ? [[name, copied(all.get(name) as Payload)] as const] : []))
    if (members.length === 0) return undefined
    if (options.touch) this.#retime(item, this.#rules.accessed(item.timing, now))
    return options.detail ? { members, reading: { ...item.timing, now } } : { members }
  }

  writeGroup(namespace: string, id: string, members: readonly (readonly [string, Payload])[], placement: Placement): boolean {
    const now = this.now()
    const timing = this.#rules.place(this.#item('group', namespace, id)?.timing, placement, now)
    const live = this.#live('group', namespace, id, now)
    if (this.#rules.isLive(timing, now)) this.#makeRoom('group', namespace, [id])
    return this.#settle('group', namespace, id, timing, now, () => {
      const all = (live?.content as Map<string, Payload> | undefined) ?? new Map<string, Payload>()
      for (const [member, payload] of members) all.set(member, copied(payload))
      return all
    })
  }

  deleteMembers(namespace: string, id: string, members: readonly string[]): boolean[] {
    const item = this.#live('group', namespace, id, this.now())
    if (item === undefined) return members.map(() => false)
    const all = item.content as Map<string, Payload>
    const were = members.map((member) => all.delete(member))
    if (all.size === 0) this.#remove(item)
    return were
  }

  clear(namespace: string): void {
    for (const rooms of Object.values(this.#rooms)) {
      for (const item of rooms.get(namespace)?.items.values() ?? []) this.#remove(item)
    }
  }

  stats(namespace?: string): NamespaceTally[] {
    const now = this.now()
    const names = namespace === undefined ? new Set([...this.#rooms.entry.keys(), ...this.#rooms.group.keys()]) : [namespace]
    return [...names].map((name) => ({ namespace: name, entries: this.#tally('entry', name, now), groups: this.#tally('group', name, now) }))
  }

  sweep({ limit, namespace, asOf }: SweepRequest): Swept {
    const now = this.now()
    const cutoff = Math.min(asOf ?? now, now)
    const deleted = new Map<string, number>()
    const passed: Item[] = []
    let count = 0
    let next = this.#deadlines.peek()
    for (; next !== undefined && next.sweepAt <= cutoff && count < limit; next = this.#deadlines.peek()) {
      const { expiresAt } = next.timing
      if (this.#rules.isLive(next.timing, cutoff)) {
        if (expiresAt === undefined) this.#deadlines.remove(next)
        else this.#deadlines.postpone(next, expiresAt)
      } else if (namespace !== undefined && next.room.namespace !== namespace) {
        this.#deadlines.remove(next)
        passed.push(next)
      } else {
        this.#remove(next)
        deleted.set(next.room.namespace, (deleted.get(next.room.namespace) ?? 0) + 1)
        count++
      }
    }
    for (const item of passed) this.#deadlines.file(item, item.timing.expiresAt as number)
    return { deleted, more: next !== undefined && next.sweepAt <= cutoff }
  }

  classify(): Classified {
    return { retryable: false }
  }

  close(): void {
    for (const rooms of Object.values(this.#rooms)) for (const name of [...rooms.keys()]) this.clear(name)
  }

  #item(space: Space, namespace: string, name: string): Item | undefined {
    return this.#rooms[space].get(namespace)?.items.get(name)
  }

  #live(space: Space, namespace: string, name: string, now: number): Item | undefined {
    const item = this.#item(space, namespace, name)
    return item !== undefined && this.#rules.isLive(item.timing, now) ? item : undefined
  }

  /** Stores content under a timing, or removes what is there when the timing is not live. */
  #settle(space: Space, namespace: string, name: string, timing: Timing, now: number, content: () => Item['content']): boolean {
    const item = this.#item(space, namespace, name)
    if (!this.#rules.isLive(timing, now)) {
      if (item !== undefined) this.#remove(item)
      return false
    }
    if (item === undefined) {
      this.#add(space, namespace, name, timing, content())
    } else {
      item.content = content()
      this.#retime(item, timing)
    }
    return true
  }

  #add(space: Space, namespace: string, name: string, timing: Timing, content: Item['content']): void {
    let room = this.#rooms[space].get(namespace)
    if (room === undefined) {
      room = { namespace, space, items: new Map() }
      this.#rooms[space].set(namespace, room)
    }
    const item: Item = { name, room, timing, content, sweepAt: 0, slot: -1 }
    room.items.set(name, item)
    this.#size++
    if (timing.expiresAt !== undefined) this.#deadlines.file(item, timing.expiresAt)
  }

  #retime(item: Item, timing: Timing): void {
    if (timing === item.timing) return
    item.timing = timing
    if (timing.expiresAt !== undefined) this.#deadlines.file(item, timing.expiresAt)
  }

  #remove(item: Item): void {
    const { namespace, space, items } = item.room
    items.delete(item.name)
    if (items.size === 0) this.#rooms[space].delete(namespace)
    this.#deadlines.remove(item)
    this.#size--
  }

  /** Makes room for what a write adds, or refuses before anything is removed that was live. */
  #makeRoom(space: Space, namespace: string, names: readonly string[]): void {
    if (this.#size + names.length <= this.#maxEntries) return
    const excess = () =>
      this.#size + names.filter((name) => this.#item(space, namespace, name) === undefined).length - this.#maxEntries
    if (excess() > 0) this.sweep({ limit: Number.POSITIVE_INFINITY })
    if (excess() <= 0) return
    const victims = this.#whenFull === 'evict' ? this.#nearest(excess(), new Set(names.map((name) => this.#item(space, namespace, name)))) : []
    if (victims.length < excess()) {
      throw new TtlError(
        'TTL_LIMIT',
        `memory() is full: it holds ${this.#size} of at most ${this.#maxEntries} entries, and nothing of that may be removed for ${names.length} more`,
      )
    }
    for (const item of victims) this.#remove(item)
  }

  /** Up to `count` items with the nearest deadlines, none of them in `kept`. */
  #nearest(count: number, kept: ReadonlySet<Item | undefined>): Item[] {
    const found: Item[] = []
    const aside: Item[] = []
    for (let item = this.#deadlines.peek(); item !== undefined && found.length < count; item = this.#deadlines.peek()) {
      const { expiresAt } = item.timing
      if (expiresAt !== undefined && expiresAt > item.sweepAt) {
        this.#deadlines.postpone(item, expiresAt)
        continue
      }
      this.#deadlines.remove(item)
      if (expiresAt === undefined) continue
      aside.push(item)
      if (!kept.has(item)) found.push(item)
    }
    for (const item of aside) this.#deadlines.file(item, item.timing.expiresAt as number)
    return found
  }

  #tally(space: Space, namespace: string, now: number): Tally {
    let [permanent, active, expired] = [0, 0, 0]
    let [next, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const { timing } of this.#rooms[space].get(namespace)?.items.values() ?? []) {
      if (timing.expiresAt === undefined) permanent++
      else if (!this.#rules.isLive(timing, now)) expired++
      else {
        active++
        next = Math.min(next, timing.expiresAt)
        last = Math.max(last, timing.expiresAt)
      }
    }
    return {
      permanent,
      active,
      expired,
      nextExpiresAt: active === 0 ? undefined : next,
      lastExpiresAt: active === 0 ? undefined : last,
    }
  }
}
