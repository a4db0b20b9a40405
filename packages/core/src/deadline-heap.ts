/** What a {@link DeadlineHeap} orders. The heap keeps `sweepAt` and `slot`; nobody else writes them. */
export interface Due {
  /** A lower bound of the deadline: refreshes do not raise it. */
  sweepAt: number
  /** Where in the heap; −1 outside. */
  slot: number
}

/**
 * A binary heap of lower bounds of deadlines. A refresh leaves it alone, a sweep files again what turns out to live
 * longer: the deadline is split as in the SQL backends. Each item knows its slot, so a deletion leaves nothing behind.
 */
export class DeadlineHeap<Item extends Due> {
  readonly #items: Item[] = []

  peek(): Item | undefined {
    return this.#items[0]
  }

  /** Takes note of a deadline: an earlier one than is filed moves the item, a later one does not. */
  file(item: Item, expiresAt: number): void {
    if (item.slot === -1) {
      item.slot = this.#items.length
      this.#items.push(item)
    } else if (item.sweepAt <= expiresAt) {
      return
    }
    item.sweepAt = expiresAt
    this.#rise(item)
  }

  /** Files an item under a later deadline. */
  postpone(item: Item, expiresAt: number): void {
    item.sweepAt = expiresAt
    this.#sink(item)
  }

  remove(item: Item): void {
    if (item.slot === -1) return
    const last = this.#items.pop() as Item
    if (last !== item) {
      this.#put(last, item.slot)
      this.#rise(last)
      this.#sink(last)
    }
    item.slot = -1
  }

  #put(item: Item, slot: number): void {
    this.#items[slot] = item
    item.slot = slot
  }

  #rise(item: Item): void {
    let slot = item.slot
    while (slot > 0) {
      const parent = this.#items[(slot - 1) >> 1] as Item
      if (parent.sweepAt <= item.sweepAt) break
      this.#put(parent, slot)
      slot = (slot - 1) >> 1
    }
    this.#put(item, slot)
  }

  #sink(item: Item): void {
    let slot = item.slot
    for (;;) {
      const left = 2 * slot + 1
      if (left >= this.#items.length) break
      const right = this.#items[left + 1]
      const child =
        right !== undefined && right.sweepAt < (this.#items[left] as Item).sweepAt ? right : (this.#items[left] as Item)
      if (item.sweepAt <= child.sweepAt) break
      const next = child.slot
      this.#put(child, slot)
      slot = next
    }
    this.#put(item, slot)
  }
}
