import type { Store } from '@ttl/core'

/** Lets those who want to read and then write the same thing do so one after the other, in this process. */
export class Turns {
  /** Savers are often made for a request: those over one store take turns with each other. */
  static of(store: Store): Turns {
    const known = Turns.#all.get(store) ?? new Turns()
    Turns.#all.set(store, known)
    return known
  }

  static readonly #all = new WeakMap<Store, Turns>()
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work, work)
    this.#last.set(key, mine)
    const leave = () => {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
    mine.then(leave, leave)
    return mine
  }
}
