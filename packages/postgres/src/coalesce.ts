interface Waiting<Item, Answer> {
  readonly key: string
  readonly item: Item
  readonly resolve: (answer: Answer | Promise<Answer>) => void
  readonly reject: (error: unknown) => void
}

export interface LaneOptions<Item, Answer> {
  /** Answers several at once; of one it is the plain call. An answer may follow later. */
  readonly run: (items: readonly Item[]) => Promise<readonly (Answer | Promise<Answer>)[]>
  /** Whether an error may be the fault of one item: then each is tried by itself. */
  readonly divisible: (error: unknown) => boolean
  /** Whether two of one key must not be under way at once. */
  readonly exclusive: boolean
  /** At most this many items in a batch, and this much weight. */
  readonly most: number
  readonly weigh?: (item: Item) => number
  readonly idle: () => void
}

/** Batches that are under way at once. With more, batches are smaller and the server does more of the same. */
const UNDER_WAY = 2
const MOST_WEIGHT = 1 << 20

/** Gathers what is asked in one turn of the event loop into one query. */
export class Lane<Item, Answer> {
  readonly #options: LaneOptions<Item, Answer>
  readonly #busy = new Set<string>()
  #queue: Waiting<Item, Answer>[] = []
  #underWay = 0
  #scheduled = false

  constructor(options: LaneOptions<Item, Answer>) {
    this.#options = options
  }

  ask(key: string, item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ key, item, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      // After all continuations that are due already: they may ask as well.
      queueMicrotask(() => process.nextTick(() => this.#flush()))
    })
  }

  #flush(): void {
    this.#scheduled = false
    while (this.#underWay < UNDER_WAY) {
      const batch = this.#take()
      if (batch.length === 0) break
      this.#underWay++
      void this.#settle(batch).finally(() => {
        this.#underWay--
        for (const { key } of batch) this.#busy.delete(key)
        if (this.#queue.length > 0) this.#flush()
        else if (this.#underWay === 0) this.#options.idle()
      })
    }
  }

  #take(): Waiting<Item, Answer>[] {
    const { exclusive, most, weigh } = this.#options
    const batch: Waiting<Item, Answer>[] = []
    const rest: Waiting<Item, Answer>[] = []
    let weight = 0
    for (const waiting of this.#queue) {
      const full = batch.length >= most || (batch.length > 0 && weight > MOST_WEIGHT)
      if (full || (exclusive && this.#busy.has(waiting.key))) {
        rest.push(waiting)
        continue
      }
      if (exclusive) this.#busy.add(waiting.key)
      weight += weigh?.(waiting.item) ?? 0
      batch.push(waiting)
    }
    this.#queue = rest
    return batch
  }

  async #settle(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.run(batch.map(({ item }) => item))
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer | Promise<Answer>)
    } catch (error) {
      if (batch.length > 1 && this.#options.divisible(error)) {
        await Promise.all(batch.map((waiting) => this.#settle([waiting])))
      } else {
        for (const { reject } of batch) reject(error)
      }
    }
  }
}
