import { TtlError, type TtlErrorCode } from './errors.ts'
import type { Operation } from './operations.ts'

export interface OperationCounts {
  /** A page of an iteration, and a turn of the background sweeper, is a call. */
  readonly calls: number
  /** How many of the calls were rejected. */
  readonly failed: number
}

/** Counts since a store was made, shared by those that `using` gives. They only grow. */
export interface Metrics {
  /** By operation, as errors name it. What was never called is not there. */
  readonly operations: { readonly [Name in Operation]?: OperationCounts }
  /** Calls that were rejected, by the code of the error. */
  readonly errors: { readonly [Code in TtlErrorCode]?: number }
  /**
   * Keys that a read found: `get`, `getEntry` and `getMany`, `getOrSet` once for all that share a load, and reads of a
   * group, where each call counts once.
   */
  readonly hits: number
  /** Keys that those reads did not find. */
  readonly misses: number
  /** Entries and groups that sweeps removed. */
  readonly swept: number
  /** How long the batches of sweeps took, in milliseconds. */
  readonly sweepMs: number
}

type Counts = { -readonly [Key in keyof OperationCounts]: number }

/** Counts what a store does. */
export class Meter {
  readonly #operations = new Map<Operation, Counts>()
  readonly #errors = new Map<TtlErrorCode, number>()
  #hits = 0
  #misses = 0
  #swept = 0
  #sweepMs = 0

  called(operation: Operation): void {
    const counts = this.#operations.get(operation)
    if (counts === undefined) this.#operations.set(operation, { calls: 1, failed: 0 })
    else counts.calls++
  }

  failed(operation: Operation, error: unknown): void {
    const counts = this.#operations.get(operation)
    if (counts !== undefined) counts.failed++
    if (error instanceof TtlError) this.#errors.set(error.code, (this.#errors.get(error.code) ?? 0) + 1)
  }

  read(hits: number, misses: number): void {
    this.#hits += hits
    this.#misses += misses
  }

  swept(deleted: number, tookMs: number): void {
    this.#swept += deleted
    this.#sweepMs += tookMs
  }

  snapshot(): Metrics {
    const operations = [...this.#operations].map(([name, counts]) => [name, { ...counts }] as const)
    return {
      operations: Object.fromEntries(operations),
      errors: Object.fromEntries(this.#errors),
      hits: this.#hits,
      misses: this.#misses,
      swept: this.#swept,
      sweepMs: this.#sweepMs,
    }
  }
}
