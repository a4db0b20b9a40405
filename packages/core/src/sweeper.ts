/// <reference lib="esnext.disposable" preserve="true" />
import type { AbortSignalLike } from './abort.ts'
import type { Reclaimable } from './backend.ts'
import type { Timers } from './clock.ts'
import type { TtlError } from './errors.ts'
import type { Events } from './events.ts'
import { Instant } from './instant.ts'
import type { Port } from './port.ts'
import { SweepRun } from './sweep-run.ts'

/** How a sweeper paces itself, in milliseconds. */
export interface Pace {
  readonly minDelayMs: number
  readonly intervalMs: number
  /** 0 … <1. */
  readonly jitter: number
  readonly batch: number
  /** 0 <… 1. */
  readonly dutyCycle: number
  readonly namespace: string | undefined
  readonly signal: AbortSignalLike | undefined
  readonly timers: Timers
}

export interface LastRun {
  /** Its cut-off. */
  readonly asOf: Instant
  readonly deleted: number
  readonly batches: number
  /** Spent in batches, without the pauses between them. */
  readonly tookMs: number
}

export interface SweeperStatus {
  /**
   * `'native'`: the store expires by itself, and there is nothing to run. `'waiting'` for the next deadline; `'sweeping'`;
   * `'failing'`: the last batch failed and is tried again; `'stopped'`, or never started.
   */
  readonly state: 'native' | 'waiting' | 'sweeping' | 'failing' | 'stopped'
  /** Entries and groups that this sweeper has removed. */
  readonly deleted: number
  readonly lastRun: LastRun | undefined
  /** Failures since the last success. */
  readonly failures: number
  readonly lastError: TtlError | undefined
  /**
   * For how long the oldest expired entry of any namespace has waited to be removed, at most. 0 when nothing waits;
   * `undefined` where the backend cannot tell, and while it is `'failing'` too.
   */
  readonly lagMs: number | undefined
}

/** Sweeps in the background. Made by `startSweeper`. */
export interface Sweeper extends AsyncDisposable {
  status(): Promise<SweeperStatus>
  /** Ends it; resolved when the batch that runs has ended. May be called twice. */
  stop(): Promise<void>
}

/** Sleeps until something is due, sweeps in batches with pauses between them, and sleeps again. One timer at a time. */
export class BackgroundSweeper implements Sweeper {
  readonly #port: Port<Reclaimable>
  readonly #events: Events
  readonly #pace: Pace
  readonly #native: boolean
  #cancel: () => void = () => undefined
  #turn: Promise<void> = Promise.resolve()
  #run: SweepRun | undefined
  #batch: number
  #stopped = false
  #failures = 0
  #lastError: TtlError | undefined
  #lastRun: LastRun | undefined
  #deleted = 0
  readonly #abort = (): void => {
    this.stop().catch(() => undefined)
  }

  constructor(port: Port<Reclaimable>, events: Events, pace: Pace) {
    this.#port = port
    this.#events = events
    this.#pace = pace
    this.#batch = pace.batch
    const { capabilities } = port.backend
    this.#native = capabilities.reclaims === 'native' && !capabilities.due
    if (pace.signal?.aborted) this.#stopped = true
    else pace.signal?.addEventListener?.('abort', this.#abort)
    if (!this.#native) this.#sleep(pace.minDelayMs * Math.random())
  }

  get stopped(): boolean {
    return this.#stopped
  }

  async status(): Promise<SweeperStatus> {
    return {
      state: this.#state(),
      deleted: this.#deleted,
      lastRun: this.#lastRun,
      failures: this.#failures,
      lastError: this.#lastError,
      lagMs: await this.#lag(),
    }
  }

  stop(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true
      this.#cancel()
      this.#pace.signal?.removeEventListener?.('abort', this.#abort)
      this.#turn = this.#turn.then(() => this.#endRun())
    }
    return this.#turn
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #state(): SweeperStatus['state'] {
    if (this.#stopped) return 'stopped'
    if (this.#native) return 'native'
    if (this.#failures > 0) return 'failing'
    return this.#run === undefined ? 'waiting' : 'sweeping'
  }

  async #lag(): Promise<number | undefined> {
    try {
      return await this.#port.run('sweeperStatus', undefined, undefined, lagOf)
    } catch (error) {
      // A status is asked for when things go wrong, and has to say so rather than fail as well.
      if (this.#failures > 0) return undefined
      throw error
    }
  }

  #sleep(ms: number): void {
    if (this.#stopped) return
    this.#cancel = this.#pace.timers.after(Math.ceil(ms), () => {
      this.#turn = this.#wake()
      return this.#turn
    })
  }

  async #wake(): Promise<void> {
    try {
      const delay = await this.#port.run('sweeper', this.#pace.namespace, undefined, (subject) => this.#work(subject))
      this.#failures = 0
      this.#batch = Math.min(this.#pace.batch, this.#batch * 2)
      this.#sleep(delay)
    } catch (error) {
      this.#fail(error as TtlError)
    }
  }

  /** Does one batch of what is due. @returns how long to sleep afterwards, in milliseconds */
  async #work(subject: Reclaimable): Promise<number> {
    if (this.#run === undefined) {
      const now = await subject.now()
      const wait = (await this.#untilDue(subject, now)) ?? 0
      if (wait > 0) return Math.max(this.#pace.minDelayMs, wait)
      this.#run = new SweepRun(now, this.#pace.namespace, this.#events, this.#port.meter)
    }
    const run = this.#run
    const deleted = run.deleted
    const busyMs = await run.batch(subject, this.#batch)
    this.#deleted += run.deleted - deleted
    if (run.more) return Math.min(this.#pace.intervalMs, busyMs / this.#pace.dutyCycle - busyMs)
    this.#endRun()
    const wait = await this.#untilDue(subject, await subject.now())
    // Whatever is due still is held by somebody else for the moment.
    return Math.max(this.#pace.minDelayMs, wait ?? this.#interval())
  }

  /** How long until something is due, at most an interval: it may come sooner by then. `undefined` where nobody can tell. */
  async #untilDue(subject: Reclaimable, now: number): Promise<number | undefined> {
    if (this.#pace.namespace !== undefined || subject.nextDue === undefined) return undefined
    const next = (await subject.nextDue()) ?? Number.POSITIVE_INFINITY
    return Math.min(this.#interval(), Math.max(0, next - now))
  }

  #interval(): number {
    const { intervalMs, jitter } = this.#pace
    return intervalMs * (1 - jitter * Math.random())
  }

  #endRun(): void {
    if (this.#run === undefined) return
    this.#run.end()
    const { asOf, deleted, batches, tookMs } = this.#run
    this.#lastRun = { asOf: Instant.of(asOf), deleted, batches, tookMs }
    this.#run = undefined
  }

  #fail(error: TtlError): void {
    if (error.code === 'TTL_CLOSED') return
    this.#failures++
    this.#lastError = error
    // A retry goes on with the run; what fails for good must not keep what expires later from being swept.
    if (!error.retryable) this.#endRun()
    this.#batch = Math.max(1, Math.floor(this.#batch / 2))
    const { minDelayMs, intervalMs } = this.#pace
    const longest = Math.min(intervalMs, minDelayMs * 2 ** Math.min(this.#failures, 30))
    const retryInMs = Math.ceil(Math.max(minDelayMs, longest * (0.5 + Math.random() / 2)))
    this.#events.emit('sweep.error', { error, failures: this.#failures, retryInMs })
    this.#sleep(retryInMs)
  }
}

/** How long something that is due has waited, in milliseconds. */
export async function lagOf(subject: Reclaimable): Promise<number | undefined> {
  if (subject.nextDue === undefined) return subject.capabilities.reclaims === 'native' ? 0 : undefined
  const next = await subject.nextDue()
  return next === undefined ? 0 : Math.max(0, (await subject.now()) - next)
}
