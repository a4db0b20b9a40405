/** What a {@link DeadlineHeap} orders. The heap keeps `slot`; nobody else writes it. */
export interface Due {
  /** Where in the heap; −1 outside. */
  slot: number
}

/**
 * A binary heap of lower bounds of deadlines. A refresh leaves it alone, a sweep files again what turns out to live
 * longer: the deadline is split as in the SQL backends. Each item knows its slot, so a deletion leaves nothing behind.
 * The bounds are beside the items, not in them: what is compared lies close together.
 */
export class DeadlineHeap<Item extends Due> {
  readonly #items: Item[] = []
  readonly #bounds: number[] = []

  peek(): Item | undefined {
    return this.#items[0]
  }

  /** The bound of {@link peek}. */
  get first(): number | undefined {
    return this.#bounds[0]
  }

  /** Takes note of a deadline: an earlier one than is filed moves the item, a later one does not. */
  file(item: Item, expiresAt: number): void {
    if (item.slot === -1) {
      item.slot = this.#items.length
      this.#items.push(item)
      this.#bounds.push(expiresAt)
    } else if ((this.#bounds[item.slot] as number) <= expiresAt) {
      return
    }
    this.#rise(item, expiresAt)
  }

  /** Files an item under a later deadline. */
  postpone(item: Item, expiresAt: number): void {
    this.#sink(item, expiresAt)
  }

  remove(item: Item): void {
    const { slot } = item
    if (slot === -1) return
    const [last, bound] = [this.#items.pop() as Item, this.#bounds.pop() as number]
    if (last !== item) {
      this.#put(last, bound, slot)
      this.#rise(last, bound)
      this.#sink(last, bound)
    }
    item.slot = -1
  }

  #put(item: Item, bound: number, slot: number): void {
    this.#items[slot] = item
    this.#bounds[slot] = bound
    item.slot = slot
  }

  #rise(item: Item, bound: number): void {
    let { slot } = item
    while (slot > 0) {
      const above = (slot - 1) >> 1
      const limit = this.#bounds[above] as number
      if (limit <= bound) break
      this.#put(this.#items[above] as Item, limit, slot)
      slot = above
    }
    this.#put(item, bound, slot)
  }

  #sink(item: Item, bound: number): void {
    let { slot } = item
    for (;;) {
      const left = 2 * slot + 1
      if (left >= this.#items.length) break
      const right = left + 1
      const next =
        right < this.#items.length && (this.#bounds[right] as number) < (this.#bounds[left] as number) ? right : left
      const limit = this.#bounds[next] as number
      if (bound <= limit) break
      this.#put(this.#items[next] as Item, limit, slot)
      slot = next
    }
    this.#put(item, bound, slot)
  }
}
