import type { Awaitable, Classified } from '@ttl/core/adapter'
import { stopwatch } from './stopwatch.ts'

const FIRST_DELAY_MS = 1
const LONGEST_DELAY_MS = 50
/** How long waiting work may run in one turn of the event loop once the lock is free. */
const TURN_MS = 10

/** SQLite's answer that somebody else holds the lock. */
export function isBusy(error: unknown): boolean {
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)
}

/** Others wait for the lock already: asking for it here would only block the event loop once more. */
export class Contended extends Error {
  readonly code = 'SQLITE_BUSY'
}

export function classify(error: unknown): Classified {
  return { retryable: isBusy(error) }
}

interface Waiting {
  /** Runs the work. Answers whether it is settled. */
  settle(): boolean
}

/**
 * Runs work at once where it can, and later while the database is busy, without blocking the event loop. What waits
 * keeps its order, and only the first of it asks for the lock.
 */
export class Patience {
  readonly #limitMs: number
  readonly #mayWait: () => boolean
  readonly #queue: Waiting[] = []
  #delayMs = FIRST_DELAY_MS
  #whenIdle: (() => void)[] = []

  /**
   * @param limitMs how long each piece of work is tried before its error is thrown
   * @param mayWait whether trying again makes sense: not within a transaction of the caller
   */
  constructor(limitMs: number, mayWait: () => boolean) {
    this.#limitMs = limitMs
    this.#mayWait = mayWait
  }

  /**
   * Reads do not wait for those who wait to write.
   * @param work is told whether others wait: then it throws {@link Contended} rather than to ask for the lock itself
   */
  read<T>(work: (contended: boolean) => T): Awaitable<T> {
    try {
      return work(this.#queue.length > 0 && this.#mayWait())
    } catch (error) {
      if (!isBusy(error) || !this.#mayWait()) throw error
      return this.#enqueue(() => work(false))
    }
  }

  write<T>(work: () => T): Awaitable<T> {
    return this.#queue.length > 0 && this.#mayWait() ? this.#enqueue(work) : this.read(work)
  }

  /** Resolves when nothing waits. */
  idle(): Awaitable<void> {
    if (this.#queue.length > 0) return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  #enqueue<T>(work: () => T): Promise<T> {
    const elapsed = stopwatch()
    return new Promise((resolve, reject) => {
      const settle = () => {
        try {
          resolve(work())
        } catch (error) {
          if (isBusy(error) && elapsed() < this.#limitMs) return false
          reject(error)
        }
        return true
      }
      if (this.#queue.push({ settle }) === 1) this.#retryLater()
    })
  }

  #retryLater(): void {
    setTimeout(() => this.#drain(), this.#delayMs * (0.5 + Math.random() / 2))
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS)
  }

  #drain(): void {
    const elapsed = stopwatch()
    // What was asked for outside a transaction of the caller must not become part of one.
    while (this.#mayWait() && this.#queue[0]?.settle()) {
      this.#queue.shift()
      this.#delayMs = FIRST_DELAY_MS
      if (elapsed() > TURN_MS) break
    }
    if (this.#queue.length > 0) this.#retryLater()
    else for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}
