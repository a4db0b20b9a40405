import { type AbortSignalLike, checkSignal } from './abort.ts'
import type { Awaitable, Reclaimable } from './backend.ts'
import { pause, stopwatch, systemTimers, type Timers } from './clock.ts'
import { type DurationInput, toDuration } from './duration.ts'
import { describe, TtlError, TtlRangeError, TtlTypeError } from './errors.ts'
import { Events, type StoreEvent, type StoreEvents, tell } from './events.ts'
import { type Forecast, forecastOf } from './forecast.ts'
import { Foreign } from './foreign.ts'
import { type InstantInput, toInstant } from './instant.ts'
import type { Metrics } from './meter.ts'
import { checkName } from './names.ts'
import type { Operation } from './operations.ts'
import { checkOptions } from './options.ts'
import { Port } from './port.ts'
import { type Preview, previewOf } from './preview.ts'
import { allStats, type NamespaceStats } from './stats.ts'
import { type SweepReport, SweepRun } from './sweep-run.ts'
import { BackgroundSweeper, lagOf, type Pace, type Sweeper, type SweeperStatus } from './sweeper.ts'

export interface SweepOptions {
  /** At most this many entries and groups are removed. Minimum 1. Default: all that are expired. */
  readonly limit?: number | undefined
  /** Only in this namespace. Default: everywhere. */
  readonly namespace?: string | undefined
  /** Only what had expired by then. Default: now. */
  readonly asOf?: InstantInput | undefined
  /** No batch begins after this long. Default: no bound. */
  readonly maxTime?: DurationInput | undefined
  /** Stops between batches; the promise is then rejected with `signal.reason`. */
  readonly signal?: AbortSignalLike | undefined
}

export interface PreviewOptions {
  /** How many are looked at, at most. Minimum 1. Default 1000. */
  readonly limit?: number | undefined
  /** Only in this namespace. Default: everywhere. */
  readonly namespace?: string | undefined
  /** What has a deadline up to here; of the future, what will have expired by then if nothing restarts it. Default: now. */
  readonly asOf?: InstantInput | undefined
  /** Leaves out what has a deadline up to here: with now, what is expired already. Default: leaves nothing out. */
  readonly after?: InstantInput | undefined
}

export interface StatsOptions {
  /** Only this namespace; of an empty one, zeros or nothing. Default: every one that holds anything. */
  readonly namespace?: string | undefined
}

export interface ForecastOptions {
  /** Only in this namespace. Default: everywhere. */
  readonly namespace?: string | undefined
  /** Ends of the buckets, from now. Ascending, at most 100. Default: 1 h, 1 d, 7 d, 30 d, 90 d, 365 d. */
  readonly within?: readonly DurationInput[] | undefined
}

export interface SweeperOptions {
  /** It sleeps at least this long between two runs, and after a failure. Default 1 s. */
  readonly minDelay?: DurationInput | undefined
  /** It looks again after at most this long: others may have written something that expires sooner. Default 1 min. */
  readonly interval?: DurationInput | undefined
  /** Shortens `interval` by up to this fraction, so that many processes do not look at once. 0 … <1. Default 0.1. */
  readonly jitter?: number | undefined
  /** At most this many entries and groups a batch. 1 … 100 000. Default 1000; halved while batches fail. */
  readonly batch?: number | undefined
  /** The share of time that a backlog may keep the backend busy. 0 <… 1. Default 0.05. */
  readonly dutyCycle?: number | undefined
  /** Only in this namespace, once an interval. Default: everywhere, when something is due. */
  readonly namespace?: string | undefined
  /** Stops it. */
  readonly signal?: AbortSignalLike | undefined
  /** What wakes it. Default: timers of this process that do not keep it running. `manualClock()` is one, for tests. */
  readonly timers?: Timers | undefined
}

/** How much one step of a sweep may remove. */
const SWEEP_BATCH = 1_000
const MOST_AT_ONCE = 100_000
const FORECAST = ['1h', '1d', '7d', '30d', '90d', '365d'] as const

/** What an operator does with a store, or with a table that holds what expires: see, preview, sweep. */
export class Upkeep<Subject extends Reclaimable = Reclaimable> {
  readonly #port: Port<Subject>
  readonly #events: Events
  readonly #watches = new Set<() => Promise<void>>()
  #sweeper: BackgroundSweeper | undefined

  constructor(subject: Subject, port: Port<Subject> = new Port(subject), events: Events = new Events()) {
    this.#port = port
    this.#events = events
  }

  /**
   * Removes what is expired, in bounded batches, giving way to other work between them. Nothing that is live is
   * touched, and how often it runs changes no answer of any read. On a natively expiring backend it finds nothing to do.
   */
  sweep(options: SweepOptions = {}): Promise<SweepReport> {
    return this.#run('sweep', options, async (subject) => {
      checkOptions(options, ['limit', 'namespace', 'asOf', 'maxTime', 'signal'], 'sweep')
      const { namespace, signal } = options
      const limit = checkCount(options.limit ?? Number.POSITIVE_INFINITY, 'limit of sweep')
      checkNamespace(namespace)
      checkSignal(signal, 'sweep')
      const maxMs = options.maxTime === undefined ? Number.POSITIVE_INFINITY : toDuration(options.maxTime).ms
      const run = new SweepRun(await asOfFrom(options.asOf, subject), namespace, this.#events, this.#port.meter)
      const elapsed = stopwatch()
      try {
        while (run.more && run.deleted < limit && elapsed() < maxMs) {
          if (signal?.aborted) throw new Foreign(signal.reason)
          await run.batch(subject, Math.min(SWEEP_BATCH, limit - run.deleted))
          if (run.more) await pause()
          this.#port.open()
        }
      } finally {
        run.end()
      }
      return run.report
    })
  }

  /**
   * What a sweep with the same cut-off would remove: samples, counts by namespace, the first and the last deadline.
   * Changes nothing. `sweep({ asOf: preview.asOf })` removes that, less what is refreshed until then; of a cut-off in the
   * future, only what has expired by now.
   *
   * @throws `TTL_UNSUPPORTED` when the backend cannot tell without reading everything
   */
  preview(options: PreviewOptions = {}): Promise<Preview> {
    return this.#run('preview', options, async (subject) => {
      checkOptions(options, ['limit', 'namespace', 'asOf', 'after'], 'preview')
      checkNamespace(options.namespace)
      const limit = checkCount(options.limit ?? 1_000, 'limit of preview')
      const after = options.after === undefined ? undefined : toInstant(options.after).epochMilliseconds
      return previewOf(subject, {
        asOf: await asOfFrom(options.asOf, subject),
        after,
        limit,
        namespace: options.namespace,
      })
    })
  }

  /**
   * Counts and deadlines of one namespace, or of every one that holds anything.
   * @throws `TTL_UNSUPPORTED` when the backend cannot count without reading everything
   */
  stats(options: StatsOptions = {}): Promise<NamespaceStats[]> {
    return this.#run('stats', options, (subject) => {
      checkOptions(options, ['namespace'], 'stats')
      checkNamespace(options.namespace)
      return allStats(subject, options.namespace)
    })
  }

  /**
   * How much expires when, by buckets of time, if nothing is refreshed until then.
   * @throws `TTL_UNSUPPORTED` when the backend cannot count without reading everything
   */
  forecast(options: ForecastOptions = {}): Promise<Forecast> {
    return this.#run('forecast', options, async (subject) => {
      checkOptions(options, ['namespace', 'within'], 'forecast')
      checkNamespace(options.namespace)
      return forecastOf(subject, spansFrom(options.within ?? FORECAST), options.namespace)
    })
  }

  /**
   * Sweeps in the background: sleeps until something is due, frees it in batches that leave the backend most of its time,
   * survives failures (`sweep.error` tells of them), and keeps no process running. `close` stops it. On a backend that
   * expires by itself and has nothing to free it does nothing, and `status` says `'native'`.
   *
   * @throws `TTL_INVALID` for options that cannot be used, or while another one of this store runs
   */
  startSweeper(options: SweeperOptions = {}): Sweeper {
    this.#port.open()
    const pace = paceFrom(options)
    if (this.#sweeper !== undefined && !this.#sweeper.stopped) {
      throw new TtlError('TTL_INVALID', 'a sweeper is running already; stop() it first, or use that one')
    }
    const sweeper = new BackgroundSweeper(this.#port, this.#events, pace)
    this.#sweeper = sweeper
    return sweeper
  }

  /** What the background sweeper does, and how long what is expired has waited for one. */
  async sweeperStatus(): Promise<SweeperStatus> {
    if (this.#sweeper !== undefined) return this.#sweeper.status()
    const lagMs = await this.#run('sweeperStatus', {}, lagOf)
    return { state: 'stopped', deleted: 0, lastRun: undefined, failures: 0, lastError: undefined, lagMs }
  }

  /** Counts of what was done here, in this process. Asks nothing of the backend. */
  metrics(): Metrics {
    return this.#port.meter.snapshot()
  }

  /**
   * Listens to what happens here, in this process. What a listener throws is thrown outside of the operation. Where the
   * store expires by itself, `expired` comes from there and is best effort.
   *
   * @returns a function that ends it, once the source of the events is ready
   */
  async on<Name extends StoreEvent>(
    name: Name,
    listener: (event: StoreEvents[Name]) => void,
  ): Promise<() => Promise<void>> {
    this.#port.open()
    const off = this.#events.on(name, listener)
    const unwatch =
      name === 'expired' ? await this.#watch(off, listener as (event: StoreEvents['expired']) => void) : off
    const stop = async () => {
      this.#watches.delete(stop)
      off()
      await unwatch()
    }
    this.#watches.add(stop)
    return stop
  }

  /** Listens where the store tells by itself what has expired; once that fails, nobody listens. */
  #watch(off: () => void, listener: (event: StoreEvents['expired']) => void): Promise<() => Awaitable<void>> {
    return this.#run('on', {}, async (subject) => {
      try {
        const watching = await subject.onExpired?.(({ space, namespace, key }) =>
          tell(listener, { kind: space, namespace, key, expiresAt: undefined }),
        )
        return watching ?? off
      } catch (error) {
        off()
        throw error
      }
    })
  }

  /**
   * Ends the sweeper and all listening, waits for calls that run, and releases what the backend opened itself. Afterwards
   * every call is rejected with `TTL_CLOSED`. May be called twice.
   */
  async close(): Promise<void> {
    // The backend is closed last: until then, who listens there and who sweeps can still take their leave of it.
    await this.#port.close(() => Promise.all([this.#sweeper?.stop(), ...[...this.#watches].map((stop) => stop())]))
  }

  #run<T>(
    operation: Operation,
    options: { readonly namespace?: string | undefined },
    call: (subject: Subject) => T | Promise<T>,
  ): Promise<T> {
    const namespace = typeof options?.namespace === 'string' ? options.namespace : undefined
    return this.#port.run(operation, namespace, undefined, call)
  }
}

async function asOfFrom(asOf: InstantInput | undefined, subject: Reclaimable): Promise<number> {
  return asOf === undefined ? subject.now() : toInstant(asOf).epochMilliseconds
}

function checkNamespace(namespace: string | undefined): void {
  if (namespace !== undefined) checkName(namespace, 'namespace')
}

function checkCount(count: number, what: string): number {
  if (count >= 1 && (count === Number.POSITIVE_INFINITY || Number.isInteger(count))) return count
  throw new TtlRangeError('TTL_INVALID', `${what} must be a whole number ≥ 1, got ${describe(count)}`)
}

function spansFrom(within: readonly DurationInput[]): number[] {
  if (!Array.isArray(within) || within.length === 0 || within.length > 100) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `within of forecast must be a list of 1 … 100 durations, got ${describe(within)}`,
    )
  }
  const spans = within.map((span) => toDuration(span).ms)
  if (spans.some((span, index) => index > 0 && span <= (spans[index - 1] as number))) {
    throw new TtlRangeError(
      'TTL_INVALID',
      'within of forecast must be ascending, each duration longer than the one before',
    )
  }
  return spans
}

const SWEEPER_OPTIONS = ['minDelay', 'interval', 'jitter', 'batch', 'dutyCycle', 'namespace', 'signal', 'timers']

function paceFrom(options: SweeperOptions): Pace {
  checkOptions(options, SWEEPER_OPTIONS, 'startSweeper')
  const { minDelay = '1s', interval = '1m', jitter = 0.1, batch = SWEEP_BATCH, dutyCycle = 0.05, namespace } = options
  const { timers = systemTimers } = options
  const [minDelayMs, intervalMs] = [toDuration(minDelay).ms, toDuration(interval).ms]
  if (intervalMs < minDelayMs) {
    throw new TtlRangeError(
      'TTL_INVALID',
      `interval of startSweeper must not be shorter than its minDelay of ${minDelayMs} ms, got ${intervalMs} ms`,
    )
  }
  if (!(jitter >= 0 && jitter < 1)) {
    throw new TtlRangeError('TTL_INVALID', `jitter of startSweeper must be 0 … <1, got ${describe(jitter)}`)
  }
  if (!(dutyCycle > 0 && dutyCycle <= 1)) {
    throw new TtlRangeError(
      'TTL_INVALID',
      `dutyCycle of startSweeper must be above 0 and at most 1, got ${describe(dutyCycle)}`,
    )
  }
  if (checkCount(batch, 'batch of startSweeper') > MOST_AT_ONCE) {
    throw new TtlRangeError(
      'TTL_INVALID',
      `batch of startSweeper must be at most ${MOST_AT_ONCE}, got ${describe(batch)}`,
    )
  }
  checkNamespace(namespace)
  checkSignal(options.signal, 'startSweeper')
  if (typeof timers?.after !== 'function') {
    throw new TtlTypeError('TTL_INVALID', `timers of startSweeper must have after(), got ${describe(timers)}`)
  }
  return { minDelayMs, intervalMs, jitter, batch, dutyCycle, namespace, signal: options.signal, timers }
}
