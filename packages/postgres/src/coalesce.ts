interface Waiting<Item, Answer> {
  readonly key: string
  readonly item: Item
  readonly resolve: (answer: Answer | Promise<Answer>) => void
  readonly reject: (error: unknown) => void
}

export interface LaneOptions<Item, Answer> {
  /** The plain call, for one. */
  readonly one: (item: Item) => Promise<Answer>
  /** Answers several at once. An answer may follow later. */
  readonly run: (items: readonly Item[]) => Promise<readonly (Answer | Promise<Answer>)[]>
  /** Whether an error may be the fault of one item: then each is tried by itself. */
  readonly divisible: (error: unknown) => boolean
  /** Whether two of one key must not be under way at once. */
  readonly exclusive: boolean
  /** At most this many items in a batch, and this much weight. */
  readonly most: number
  readonly weigh?: (item: Item) => number
}

/** As they are when this is loaded: where a test fakes them later, nothing would be answered any more. */
const { nextTick } = process
const microtask = queueMicrotask

/** Batches that are under way at once. With more, batches are smaller and the server does more of the same. */
const UNDER_WAY = 2
const MOST_WEIGHT = 1 << 20
const MOST_LANES = 1_000

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

  /** Whether nothing is waiting or under way. */
  get idle(): boolean {
    return this.#queue.length === 0 && this.#underWay === 0 && this.#busy.size === 0
  }

  ask(key: string, item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ key, item, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      // After all continuations that are due already: they may ask as well.
      microtask(() => nextTick(() => this.#flush()))
    })
  }

  #flush(): void {
    this.#scheduled = false
    while (this.#underWay < UNDER_WAY) {
      const batch = this.#take()
      if (batch.length === 0) break
      this.#underWay++
      this.#settle(batch, () => {
        this.#underWay--
        if (this.#queue.length > 0) this.#flush()
      })
    }
  }

  #take(): Waiting<Item, Answer>[] {
    if (this.#queue.length <= 1 && !this.#options.exclusive) return this.#queue.splice(0)
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

  #settle(batch: readonly Waiting<Item, Answer>[], done: () => void): void {
    const [first] = batch
    if (batch.length === 1 && first !== undefined) {
      this.#one(first.item).then(
        (answer) => {
          first.resolve(answer)
          this.#busy.delete(first.key)
          done()
        },
        (error: unknown) => {
          first.reject(error)
          this.#busy.delete(first.key)
          done()
        },
      )
      return
    }
    this.#options.run(batch.map(({ item }) => item)).then(
      (answers) => {
        for (const [index, { key, resolve }] of batch.entries()) {
          const answer = answers[index] as Answer | Promise<Answer>
          resolve(answer)
          if (answer instanceof Promise) this.#freeAfter(answer, key)
          else this.#busy.delete(key)
        }
        done()
      },
      (error: unknown) => {
        if (this.#options.divisible(error)) {
          let left = batch.length
          const one = () => --left === 0 && done()
          for (const waiting of batch) this.#settle([waiting], one)
        } else {
          for (const { key, reject } of batch) {
            reject(error)
            this.#busy.delete(key)
          }
          done()
        }
      },
    )
  }

  /** A client or a clock of the caller may throw at once: nobody else would hear of it. */
  #one(item: Item): Promise<Answer> {
    try {
      return this.#options.one(item)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** What is made again by itself is still under way. */
  #freeAfter(answer: Promise<Answer>, key: string): void {
    const free = () => {
      this.#busy.delete(key)
      if (this.#queue.length > 0) this.#flush()
    }
    answer.then(free, free)
  }
}

/** A lane for each kind of question. */
export class Lanes<Item, Answer> {
  readonly #open: (id: string) => LaneOptions<Item, Answer>
  readonly #lanes = new Map<string, Lane<Item, Answer>>()

  constructor(open: (id: string) => LaneOptions<Item, Answer>) {
    this.#open = open
  }

  at(id: string): Lane<Item, Answer> {
    let lane = this.#lanes.get(id)
    if (lane === undefined) {
      if (this.#lanes.size >= MOST_LANES) for (const [old, { idle }] of this.#lanes) if (idle) this.#lanes.delete(old)
      lane = new Lane(this.#open(id))
      this.#lanes.set(id, lane)
    }
    return lane
  }
}
