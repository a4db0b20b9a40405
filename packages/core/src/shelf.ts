import type { Payload, Space } from './backend.ts'
import { DeadlineHeap, type Due } from './deadline-heap.ts'
import type { Timing } from './timing.ts'

/** An entry or a group in memory, with the timing that it has: one object, as reading it is what an operation costs. */
export interface Item extends Timing, Due {
  readonly space: Space
  readonly namespace: string
  readonly name: string
  /** The payload of an entry, the members of a group. */
  content: Payload | Map<string, Payload>
}

type Kept = { -readonly [Field in keyof Item]: Item[Field] }

/** Where the memory backend keeps its items: by name, and by deadline. Judges nothing. */
export class Shelf {
  readonly #rooms = { entry: new Map<string, Map<string, Kept>>(), group: new Map<string, Map<string, Kept>>() }
  readonly #deadlines = new DeadlineHeap<Kept>()
  #size = 0

  get size(): number {
    return this.#size
  }

  find(space: Space, namespace: string, name: string): Item | undefined {
    return this.#rooms[space].get(namespace)?.get(name)
  }

  items(space: Space, namespace: string): Iterable<Item> {
    return this.#rooms[space].get(namespace)?.values() ?? []
  }

  /** A lower bound of the first deadline. */
  get nextDue(): number | undefined {
    return this.#deadlines.first
  }

  /** Namespaces that hold anything. */
  namespaces(): Set<string> {
    return new Set([...this.#rooms.entry.keys(), ...this.#rooms.group.keys()])
  }

  add(space: Space, namespace: string, name: string, timing: Timing, content: Item['content']): void {
    let room = this.#rooms[space].get(namespace)
    if (room === undefined) {
      room = new Map()
      this.#rooms[space].set(namespace, room)
    }
    const { expiresAt, bornAt, ttlMs, capAt, restartOn, refreshAfter } = timing
    const item: Kept = {
      space,
      namespace,
      name,
      content,
      expiresAt,
      bornAt,
      ttlMs,
      capAt,
      restartOn,
      refreshAfter,
      slot: -1,
    }
    room.set(name, item)
    this.#size++
    if (timing.expiresAt !== undefined) this.#deadlines.file(item, timing.expiresAt)
  }

  retime(item: Item, timing: Timing): void {
    if (timing === item) return
    const kept: Kept = item
    kept.expiresAt = timing.expiresAt
    kept.bornAt = timing.bornAt
    kept.ttlMs = timing.ttlMs
    kept.capAt = timing.capAt
    kept.restartOn = timing.restartOn
    kept.refreshAfter = timing.refreshAfter
    if (timing.expiresAt !== undefined) this.#deadlines.file(kept, timing.expiresAt)
  }

  remove(item: Item): void {
    const room = this.#rooms[item.space].get(item.namespace)
    room?.delete(item.name)
    if (room?.size === 0) this.#rooms[item.space].delete(item.namespace)
    this.#deadlines.remove(item)
    this.#size--
  }

  /**
   * Items by deadline, the nearest first, as long as `wanted` says so about the next deadline. Each may be removed before
   * the next is asked for. `kept` is told what was filed under an earlier deadline than it has.
   */
  *byDeadline(wanted: (expiresAt: number) => boolean, kept?: (item: Item) => void): Generator<Item, void, undefined> {
    const seen: Kept[] = []
    try {
      for (let item = this.#deadlines.peek(); item !== undefined; item = this.#deadlines.peek()) {
        const sweepAt = this.#deadlines.first as number
        if (!wanted(sweepAt)) return
        const { expiresAt } = item
        if (expiresAt !== undefined && expiresAt > sweepAt) {
          this.#deadlines.postpone(item, expiresAt)
          kept?.(item)
          continue
        }
        this.#deadlines.remove(item)
        if (expiresAt === undefined) continue
        seen.push(item)
        yield item
      }
    } finally {
      for (const item of seen) {
        const { expiresAt } = item
        if (expiresAt !== undefined && this.find(item.space, item.namespace, item.name) === item)
          this.#deadlines.file(item, expiresAt)
      }
    }
  }
}
