import assert from 'node:assert/strict'
import { type Duration, epochMs, type Instant, milliseconds } from '@ttl/core'
import type { Clock } from '@ttl/core/adapter'
import type { Timeline } from '../src/timeline.ts'

const ORIGIN = 1_767_225_600_000

/** Real time as a law may meet it at worst, simulated: everything happens late, and `before` and `after` keep away. */
export class LooseTime implements Timeline {
  readonly exact = false
  readonly clock: Clock
  readonly #random: () => number
  #now = 0
  #until = 3_000

  constructor(random: () => number) {
    this.#random = random
    this.clock = {
      now: () => {
        this.#now += Math.floor(Math.max(0, this.#until - this.#now) * this.#random() * this.#random())
        return ORIGIN + this.#now
      },
    }
  }

  at(ms: number): Promise<void> {
    return this.#move(ms, ms + 3_000)
  }

  before(ms: number): Promise<void> {
    return this.#move(ms - 4_000, ms - 500)
  }

  after(ms: number): Promise<void> {
    return this.#move(ms + 4_000, ms + 7_000)
  }

  span(ms: number): Duration {
    return milliseconds(ms)
  }

  instant(ms: number): Instant {
    return epochMs(ORIGIN + ms)
  }

  is(instant: Instant | number | undefined, ms: number): void {
    const got = Number(instant) - ORIGIN
    assert.ok(got >= ms && got <= ms + 3_500, `expected about ${ms}, got ${got}`)
  }

  tick(): void {
    throw new TypeError('a law that lets the clock tick must be exact')
  }

  async #move(ms: number, until: number): Promise<void> {
    assert.ok(ms >= this.#now, `from ${this.#now} back to ${ms}`)
    this.#now = ms
    this.#until = until
  }
}

/** A small deterministic generator (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
