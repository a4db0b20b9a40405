import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Duration, epochMs, type Instant, milliseconds } from '@ttl/core'
import { type Awaitable, systemClock } from '@ttl/core/adapter'
import type { Timeline } from './timeline.ts'

/** How long, in virtual milliseconds, what is done at one time may take. */
const WINDOW = 3_000
/** How far `before` and `after` keep from their time. What is more than the window covers a late answer of the clock. */
const MARGIN = 4_000
/** What is seen `before` a time has to be seen by then. */
const SPARE = 500

/** Real milliseconds in a virtual one at which 10 000 virtual ones take a tenth of a second. */
export const BASE_SCALE = 0.01

/** The machine was too slow for what a law wanted to see; nothing is known about the law. */
export class Overrun extends Error {}

/** How far another clock is ahead of this machine's, in milliseconds. */
export interface Offset {
  /** Never too much, too little by less than `widthMs`. */
  readonly ms: number
  readonly widthMs: number
}

/** Compares a clock with this machine's. Best while nothing else is asked of it. */
export async function offsetOf(now: () => Awaitable<number>): Promise<Offset> {
  let [width, ms] = [Number.POSITIVE_INFINITY, 0]
  for (let attempt = 0; attempt < 20 && width > 1; attempt++) {
    const sent = systemClock.now()
    const told = await now()
    const received = systemClock.now()
    if (received - sent < width) [width, ms] = [received - sent, Math.floor(told - received)]
  }
  // Both clocks tell whole milliseconds.
  return { ms, widthMs: width + 1 }
}

/** Scaled sleeping, for clocks that nobody can set. */
export class RealTime implements Timeline {
  readonly exact = false
  readonly #scale: number
  readonly #hostOrigin: number
  readonly #origin: number
  /** Where windows end, so that they have ended on the other clock too. */
  readonly #hostEnd: number
  #until: number
  #moved = false

  /** Begins now. */
  constructor(offset: Offset, scale: number) {
    this.#scale = scale
    this.#hostOrigin = systemClock.now()
    this.#origin = this.#hostOrigin + offset.ms
    this.#hostEnd = this.#hostOrigin - Math.max(0, offset.widthMs - SPARE * scale)
    this.#until = this.#hostEnd + WINDOW * scale
  }

  at(ms: number): Promise<void> {
    return this.#move(ms, ms + WINDOW)
  }

  before(ms: number): Promise<void> {
    return this.#move(ms - MARGIN, ms - SPARE)
  }

  after(ms: number): Promise<void> {
    return this.#move(ms + MARGIN, ms + MARGIN + WINDOW)
  }

  span(ms: number): Duration {
    return milliseconds(ms * this.#scale)
  }

  instant(ms: number): Instant {
    return epochMs(this.#origin + ms * this.#scale)
  }

  is(instant: Instant | number | undefined, ms: number): void {
    const got = instant === undefined ? undefined : (Number(instant) - this.#origin) / this.#scale
    const fits = got !== undefined && got >= ms - SPARE && got <= ms + WINDOW + SPARE
    assert.ok(fits, `expected about the instant ${ms} ms after the beginning, got ${got}`)
  }

  tick(): void {
    throw new TypeError('a law that lets the clock tick must be exact')
  }

  /** Whether more time has passed than the current step allows. */
  get overran(): boolean {
    return systemClock.now() > this.#until
  }

  /** Ends a law. One that never moved has seen nothing that depends on time. */
  finish(): void {
    if (this.#moved && this.overran) throw new Overrun()
  }

  async #move(ms: number, until: number): Promise<void> {
    if (this.overran) throw new Overrun()
    this.#moved = true
    const target = this.#hostOrigin + ms * this.#scale
    this.#until = this.#hostEnd + until * this.#scale
    for (let rest = target - systemClock.now(); rest > 0; rest = target - systemClock.now())
      await sleep(Math.ceil(rest))
  }
}
