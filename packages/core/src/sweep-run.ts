import type { Reclaimable } from './backend.ts'
import { stopwatch } from './clock.ts'
import type { Events } from './events.ts'
import { Instant } from './instant.ts'
import type { Meter } from './meter.ts'

export interface SweepReport {
  /** Entries and groups removed; a group counts once. */
  readonly deleted: number
  readonly byNamespace: ReadonlyMap<string, number>
  /** Whether more may be waiting: a limit was reached. */
  readonly more: boolean
}

/** One sweep, batch by batch, under one cut-off: it ends even where entries expire as fast as they are removed. */
export class SweepRun {
  readonly asOf: number
  readonly #namespace: string | undefined
  readonly #events: Events
  readonly #meter: Meter
  readonly #byNamespace = new Map<string, number>()
  deleted = 0
  batches = 0
  tookMs = 0
  more = true

  constructor(asOf: number, namespace: string | undefined, events: Events, meter: Meter) {
    this.asOf = asOf
    this.#namespace = namespace
    this.#events = events
    this.#meter = meter
    events.emit('sweep.start', { asOf: Instant.of(asOf), namespace })
  }

  /** @returns how long it kept the store busy, in milliseconds */
  async batch(subject: Reclaimable, limit: number): Promise<number> {
    const events = this.#events
    const names = events.has('expired') || events.has('sweep.rescheduled')
    const elapsed = stopwatch()
    const first = this.batches === 0
    const swept = await subject.sweep({ limit, namespace: this.#namespace, asOf: this.asOf, first, names })
    const tookMs = elapsed()
    let deleted = 0
    for (const [name, count] of swept.deleted) {
      this.#byNamespace.set(name, (this.#byNamespace.get(name) ?? 0) + count)
      deleted += count
    }
    this.deleted += deleted
    this.batches++
    this.tookMs += tookMs
    this.#meter.swept(deleted, tookMs)
    this.more = swept.more
    if (swept.names !== undefined) {
      events.emitDue('expired', swept.names.deleted)
      events.emitDue('sweep.rescheduled', swept.names.kept)
    }
    events.emit('sweep.batch', { deleted, byNamespace: swept.deleted, tookMs })
    return swept.busyMs !== undefined && swept.busyMs >= 0 ? swept.busyMs : tookMs
  }

  end(): void {
    const { asOf, deleted, batches, tookMs, more } = this
    this.#events.emit('sweep.end', { asOf: Instant.of(asOf), deleted, batches, tookMs, more })
  }

  get report(): SweepReport {
    return { deleted: this.deleted, byNamespace: this.#byNamespace, more: this.more }
  }
}
