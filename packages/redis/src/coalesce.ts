import { asError, groupsOf } from './batches.ts'

interface Waiting<T, R> {
  readonly item: T
  readonly resolve: (reply: R) => void
  readonly reject: (error: unknown) => void
}

/** Collects what is asked for in one tick, and asks for it together. */
export class Coalescer<T, R> {
  readonly #slotKey: ((item: T) => string) | undefined
  readonly #send: (items: readonly T[]) => Promise<readonly (R | Error)[]>
  #waiting: Waiting<T, R>[] = []

  constructor(
    slotKey: ((item: T) => string) | undefined,
    send: (items: readonly T[]) => Promise<readonly (R | Error)[]>,
  ) {
    this.#slotKey = slotKey
    this.#send = send
  }

  ask(item: T): Promise<R> {
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
    const replies = await this.#send(group.map(({ item }) => item)).catch(asError)
    for (const [index, { resolve, reject }] of group.entries()) {
      const reply = replies instanceof Error ? replies : (replies[index] as R | Error)
      if (reply instanceof Error) reject(reply)
      else resolve(reply)
    }
  }
}
