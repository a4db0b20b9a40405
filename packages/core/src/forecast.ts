import type { NamespaceTally, Reclaimable, Tally } from './backend.ts'
import { Duration } from './duration.ts'
import { TtlError } from './errors.ts'
import { Instant } from './instant.ts'
import { plus } from './timeline.ts'

export interface ForecastCounts {
  readonly entries: number
  readonly groups: number
}

/** How much expires in one span of time: after the bucket before it, up to `until`. */
export interface ForecastBucket extends ForecastCounts {
  /** From now. `undefined`: later than all others. */
  readonly within: Duration | undefined
  readonly until: Instant | undefined
}

/** How much expires when, if nothing is refreshed, written or deleted until then. */
export interface Forecast {
  /** The instant that it was made. */
  readonly asOf: Instant
  /** In the order of time; the last one is what expires later than all others. */
  readonly buckets: readonly ForecastBucket[]
  /** Has no deadline. */
  readonly never: ForecastCounts
  /** Expired and not yet swept. */
  readonly expired: ForecastCounts
}

/** Counts by buckets that end `spans` milliseconds from now, in ascending order. */
export async function forecastOf(
  subject: Reclaimable,
  spans: readonly number[],
  namespace: string | undefined,
): Promise<Forecast> {
  if (subject.stats === undefined || !subject.capabilities.due) {
    throw new TtlError('TTL_UNSUPPORTED', `${subject.name} cannot tell what expires when without reading everything`)
  }
  const now = await subject.now()
  const edges = spans.map((span) => plus(now, span) as number)
  const tallies = await subject.stats(namespace, edges)
  const buckets = spans.map((span, index) => ({
    within: Duration.of(span),
    until: Instant.of(edges[index] as number),
    ...counts(tallies, ({ buckets }) => buckets?.[index] ?? 0),
  }))
  const later = counts(tallies, ({ active, buckets = [] }) => buckets.reduce((rest, count) => rest - count, active))
  return {
    asOf: Instant.of(now),
    buckets: [...buckets, { within: undefined, until: undefined, ...later }],
    never: counts(tallies, ({ permanent }) => permanent),
    expired: counts(tallies, ({ expired }) => expired),
  }
}

function counts(tallies: readonly NamespaceTally[], of: (tally: Tally) => number): ForecastCounts {
  return {
    entries: tallies.reduce((sum, { entries }) => sum + of(entries), 0),
    groups: tallies.reduce((sum, { groups }) => sum + of(groups), 0),
  }
}
