import assert from 'node:assert/strict'
import { type Duration, epochMs, type Instant, milliseconds } from '@ttl/core'
import type { Clock } from '@ttl/core/adapter'
import type { Timeline } from './timeline.ts'

/** 2026-01-01T00:00:00Z */
export const ORIGIN = 1_767_225_600_000

/** An injected clock that jumps. */
export class ExactTime implements Timeline {
  readonly exact = true
  readonly clock: Clock
  readonly #origin: number
  readonly #resolutionMs: number
  #now: number
  #step = 0

  constructor(resolutionMs: number, origin = ORIGIN) {
    this.#origin = origin
    this.#resolutionMs = resolutionMs
    this.#now = origin
    this.clock = {
      now: () => {
        const now = this.#now
        this.#now += this.#step
        return now
      },
    }
  }

  async at(ms: number): Promise<void> {
    const next = this.#origin + ms
    if (this.#step === 0) assert.ok(next >= this.#now, `a law goes back in time, to ${ms}`)
    this.#now = next
  }

  before(ms: number): Promise<void> {
    return this.at(ms - 1)
  }

  after(ms: number): Promise<void> {
    return this.at(ms + this.#resolutionMs)
  }

  span(ms: number): Duration {
    return milliseconds(ms)
  }

  instant(ms: number): Instant {
    return epochMs(this.#origin + ms)
  }

  is(instant: Instant | number | undefined, ms: number): void {
    const got = instant === undefined ? undefined : Number(instant) - this.#origin
    assert.equal(got, ms, `expected the instant ${ms} ms after the beginning, got ${got}`)
  }

  tick(ms: number): void {
    this.#step = ms
  }
}
