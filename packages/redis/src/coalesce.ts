import { asError, groupsOf } from './batches.ts'
import { nextTick } from './tick.ts'

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

/** Where commands go. */
export interface Line {
  /** Whether a command that comes now is alone on its way, as far as one can tell. */
  readonly idle: boolean
  /** Called before something begins to wait. */
  begin(): void
  /** Writes at once what was sent in this tick. */
  push(): void
}

/** So many need not wait for the end of the tick: the server answers them while the rest of the tick is still asking. */
const ENOUGH = 32

/** Collects what is asked for in one tick, and asks for it together. */
export class Coalescer<T, R> {
  readonly #line: Line
  readonly #slotKey: ((item: T) => string) | undefined
  readonly #asking: Asking<T, R>
  #waiting: Waiting<T, R>[] = []
  /** Whether several came together last. They will again, so that the first of them waits as well. */
  #inCompany = false
  /** Whether some of this tick did not wait for its end. */
  #wentEarly = false
  readonly #endTick = () => {
    this.flush()
    this.#wentEarly = false
  }

  constructor(line: Line, slotKey: ((item: T) => string) | undefined, asking: Asking<T, R>) {
    this.#line = line
    this.#slotKey = slotKey
    this.#asking = asking
  }

  ask(item: T): Promise<R> {
    const alone = this.#waiting.length === 0 && !this.#inCompany && this.#line.idle
    if (alone) return this.#asking.one(item)
    const answer = this.collect(item)
    if (this.#waiting.length >= ENOUGH) {
      this.#wentEarly = true
      this.flush()
      this.#line.push()
    }
    return answer
  }

  /** Asks for it with what else there is in this tick. */
  collect(item: T): Promise<R> {
    if (this.#waiting.length === 0) this.#line.begin()
    return new Promise((resolve, reject) => {
      // After all microtasks: callers that were answered together ask together again.
      if (this.#waiting.push({ item, resolve, reject }) === 1) nextTick(this.#endTick)
    })
  }

  /** Asks now for what is waiting. */
  flush(): void {
    const all = this.#waiting
    if (all.length === 0) return
    this.#waiting = []
    this.#inCompany = all.length > 1 || this.#wentEarly
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
