import { asError, groupsOf } from './batches.ts'

interface Waiting<T, R> {
  readonly item: T
  readonly resolve: (reply: R) => void
  readonly reject: (error: unknown) => void
}

/** How one is asked for, and how several at once. */
export interface Asking<T, R> {
  one(item: T): Promise<R>
  several(items: readonly T[]): Promise<readonly (R | Error)[]>
}

/** Collects what is asked for in one tick, and asks for it together. */
export class Coalescer<T, R> {
  readonly #slotKey: ((item: T) => string) | undefined
  readonly #asking: Asking<T, R>
  readonly #isAlone: () => boolean
  readonly #begin: () => void
  #waiting: Waiting<T, R>[] = []

  /**
   * @param isAlone whether what comes now need not wait for others
   * @param begin called before something begins to wait
   */
  constructor(
    slotKey: ((item: T) => string) | undefined,
    isAlone: () => boolean,
    asking: Asking<T, R>,
    begin: () => void = () => undefined,
  ) {
    this.#begin = begin
    this.#slotKey = slotKey
    this.#isAlone = isAlone
    this.#asking = asking
  }

  ask(item: T): Promise<R> {
    return this.#waiting.length === 0 && this.#isAlone() ? this.#asking.one(item) : this.collect(item)
  }

  /** Asks for it with what else there is in this tick. */
  collect(item: T): Promise<R> {
    if (this.#waiting.length === 0) this.#begin()
    return new Promise((resolve, reject) => {
      // After all microtasks: callers that were answered together ask together again.
      if (this.#waiting.push({ item, resolve, reject }) === 1) process.nextTick(() => this.flush())
    })
  }

  /** Asks now for what is waiting. */
  flush(): void {
    const all = this.#waiting
    if (all.length === 0) return
    this.#waiting = []
    const slotKey = this.#slotKey
    for (const positions of groupsOf(all, slotKey && (({ item }) => slotKey(item)))) {
      void this.#ask(positions.map((position) => all[position] as Waiting<T, R>))
    }
  }

  async #ask(group: readonly Waiting<T, R>[]): Promise<void> {
    const [first] = group
    if (group.length === 1 && first !== undefined) {
      this.#asking.one(first.item).then(first.resolve, first.reject)
      return
    }
    const replies = await this.#asking.several(group.map(({ item }) => item)).catch(asError)
    for (const [index, { resolve, reject }] of group.entries()) {
      const reply = replies instanceof Error ? replies : (replies[index] as R | Error)
      if (reply instanceof Error) reject(reply)
      else resolve(reply)
    }
  }
}
