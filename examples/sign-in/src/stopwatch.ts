import { setTimeout as sleep } from 'node:timers/promises'
import { TtlError } from '@ttl/core'

/** When something was asked for and answered, in milliseconds of this machine's stopwatch. */
export interface Timed<T> {
  readonly asked: number
  readonly answered: number
  readonly value: T
}

/** The end of a life as it is seen from outside. */
export interface Seen {
  /** The last time it was there, when that was asked. */
  readonly last: number
  /** The first time it was gone, when that was answered. */
  readonly gone: number
  /** How many questions found no server. */
  readonly outages: number
}

export class Stopwatch {
  readonly #begun = performance.now()

  now(): number {
    return performance.now() - this.#begun
  }

  async time<T>(work: () => Promise<T>): Promise<Timed<T>> {
    const asked = this.now()
    const value = await work()
    return { asked, answered: this.now(), value }
  }

  /** Looks again and again until it is gone. An outage is neither: it is an error, and says nothing about the session. */
  async watch(isThere: () => Promise<boolean>, everyMs: number): Promise<Seen> {
    let [last, outages] = [this.now(), 0]
    for (;;) {
      try {
        const { asked, answered, value } = await this.time(isThere)
        if (!value) return { last, gone: answered, outages }
        last = asked
      } catch (error) {
        if (!(error instanceof TtlError && error.retryable)) throw error
        outages++
      }
      await sleep(everyMs)
    }
  }
}

/** Redis and this stopwatch count milliseconds, whole ones. */
const RESOLUTION_MS = 2

/**
 * Whether something ended when it was promised to, whatever the clocks of the two machines say: not before the span had
 * passed since the event was asked for, and not after it had passed since that was answered.
 */
export function onTime(
  { asked, answered }: Omit<Timed<unknown>, 'value'>,
  spanMs: number,
  { last, gone }: Omit<Seen, 'outages'>,
): boolean {
  return gone >= asked + spanMs - RESOLUTION_MS && last <= answered + spanMs + RESOLUTION_MS
}
