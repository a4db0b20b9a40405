export type { AbortSignalLike } from './abort.ts'
export type { Awaitable, Backend, Capabilities } from './backend.ts'
export type { Clock, Timers } from './clock.ts'
export { type Codec, json } from './codec.ts'
export {
  type Duration,
  type DurationFields,
  type DurationInput,
  type DurationLiteral,
  days,
  duration,
  hours,
  MAX_DURATION_MS,
  milliseconds,
  minutes,
  seconds,
  type TemporalDurationLike,
  weeks,
} from './duration.ts'
export type { Entry } from './entry.ts'
export { TtlError, type TtlErrorCode, type TtlErrorDetails, TtlRangeError, TtlTypeError } from './errors.ts'
export type { StoreEvent, StoreEvents, Subject } from './events.ts'
export type { Expiration, Governed, LiveExpiration } from './expiration.ts'
export type { Explanation, Layer, Supplied } from './explain.ts'
export { type FailOpen, type FailOpenOptions, failOpen } from './fail-open.ts'
export type { Forecast, ForecastBucket, ForecastCounts } from './forecast.ts'
export { type PlotOptions, plotForecast } from './forecast-plot.ts'
export type { Group } from './group.ts'
export {
  type EpochLike,
  epochMs,
  epochSeconds,
  type Instant,
  type InstantInput,
  type InstantLiteral,
  instant,
} from './instant.ts'
export { after, at, earliest, evaluate, type Lifetime, maxAge, type Never, never } from './lifetime.ts'
export type { Metrics, OperationCounts } from './meter.ts'
export { MAX_NAME_BYTES } from './names.ts'
export type { GetOrSetOptions, Namespace } from './namespace.ts'
export { OPERATIONS, type Operation } from './operations.ts'
export type { GetOptions } from './options.ts'
export type { ExpiryOptions, SetOptions, WriteCondition } from './planner.ts'
export {
  fixed,
  type LifetimeChoice,
  type Limits,
  type Policy,
  type PolicyInput,
  type PolicyScalars,
  type Preset,
  type RestartOn,
  rolling,
  sliding,
} from './policy.ts'
export type { Preview, Previewed } from './preview.ts'
export type { StandardSchema } from './schema.ts'
export type { NamespaceStats, SpaceStats } from './stats.ts'
export type { NamespaceOptions, Store, StoreOptions } from './store.ts'
export { createStore, transfer } from './store.ts'
export type { SweepReport } from './sweep-run.ts'
export type { LastRun, Sweeper, SweeperStatus } from './sweeper.ts'
export { MAX_INSTANT_MS } from './timeline.ts'
export type { TraceContext } from './tracing.ts'
export type { TransferCounts, TransferOptions, TransferProgress, TransferReport } from './transfer.ts'
export type {
  ForecastOptions,
  PreviewOptions,
  StatsOptions,
  SweeperOptions,
  SweepOptions,
  Upkeep,
} from './upkeep.ts'
