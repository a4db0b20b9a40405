import type { NamespaceTally, Reclaimable, Tally } from './backend.ts'
import { TtlError } from './errors.ts'
import { Instant } from './instant.ts'

/** Counts of entries or of groups. */
export interface SpaceStats {
  /** Live, without a deadline. */
  readonly permanent: number
  /** Live, with a deadline. */
  readonly active: number
  /** Expired and not yet swept: invisible, but still stored. */
  readonly expired: number
  /** The first deadline of what is active. */
  readonly nextExpiresAt: Instant | undefined
  /** The last deadline of what is active. */
  readonly lastExpiresAt: Instant | undefined
}

export interface NamespaceStats {
  readonly namespace: string
  readonly entries: SpaceStats
  readonly groups: SpaceStats
}

const EMPTY: Tally = { permanent: 0, active: 0, expired: 0, nextExpiresAt: undefined, lastExpiresAt: undefined }

/** Statistics of all namespaces that hold anything. */
export async function allStats(backend: Reclaimable, namespace?: string): Promise<NamespaceStats[]> {
  if (backend.stats === undefined) {
    throw new TtlError(
      'TTL_UNSUPPORTED',
      `${backend.name} cannot count without reading everything; iterate keys() instead`,
    )
  }
  return (await backend.stats(namespace)).map((tally) => present(tally))
}

/** Statistics of one namespace; of an empty one, zeros. */
export async function statsOf(backend: Reclaimable, namespace: string): Promise<NamespaceStats> {
  const [stats] = await allStats(backend, namespace)
  return stats ?? present({ namespace, entries: EMPTY, groups: EMPTY })
}

function present({ namespace, entries, groups }: NamespaceTally): NamespaceStats {
  return { namespace, entries: ofSpace(entries), groups: ofSpace(groups) }
}

function ofSpace(tally: Tally): SpaceStats {
  const instant = (ms: number | undefined): Instant | undefined => (ms === undefined ? undefined : Instant.of(ms))
  const { permanent, active, expired, nextExpiresAt, lastExpiresAt } = tally
  return { permanent, active, expired, nextExpiresAt: instant(nextExpiresAt), lastExpiresAt: instant(lastExpiresAt) }
}
