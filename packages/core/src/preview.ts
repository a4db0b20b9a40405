import type { Due, Reclaimable, Space } from './backend.ts'
import { TtlError } from './errors.ts'
import { Instant } from './instant.ts'

/** Something that a sweep would remove. */
export interface Previewed {
  readonly kind: Space
  readonly namespace: string
  /** The key of an entry, the id of a group. */
  readonly key: string
  readonly expiresAt: Instant
}

export interface Preview {
  /** The cut-off: `sweep({ asOf })` with it removes what was found here, and of what came later nothing. */
  readonly asOf: Instant
  /** How many were found, at most the limit; a group counts once. */
  readonly found: number
  readonly byNamespace: ReadonlyMap<string, number>
  /** The first deadline of what was found. */
  readonly oldest: Instant | undefined
  /** The last deadline of what was found. */
  readonly newest: Instant | undefined
  readonly samples: readonly Previewed[]
  /** Whether there is more than the limit: then all of this is about a part. */
  readonly more: boolean
}

const PAGE = 1_000

export interface PreviewRequest {
  readonly asOf: number
  /** What has a deadline up to here is left out. */
  readonly after: number | undefined
  readonly limit: number
  readonly namespace: string | undefined
}

/** Collects what has a deadline up to `asOf`. */
export async function previewOf(subject: Reclaimable, request: PreviewRequest): Promise<Preview> {
  const { asOf, after = Number.NEGATIVE_INFINITY, limit, namespace } = request
  const found: Due[] = []
  let more = false
  if (subject.due !== undefined) {
    let cursor: string | undefined
    do {
      const size = after > Number.NEGATIVE_INFINITY ? PAGE : Math.min(PAGE, limit + 1 - found.length)
      const page = await subject.due({ asOf, namespace, cursor, limit: size })
      for (const due of page.due) {
        if (due.expiresAt <= after) continue
        if (found.length < limit) found.push(due)
        else more = true
      }
      cursor = page.cursor
    } while (cursor !== undefined && !more)
  } else if (subject.capabilities.reclaims !== 'native' || asOf > (await subject.now())) {
    throw new TtlError('TTL_UNSUPPORTED', `${subject.name} cannot tell what expires when without reading everything`)
  }
  const byNamespace = new Map<string, number>()
  let [oldest, newest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { namespace: name, expiresAt } of found) {
    byNamespace.set(name, (byNamespace.get(name) ?? 0) + 1)
    oldest = Math.min(oldest, expiresAt)
    newest = Math.max(newest, expiresAt)
  }
  return {
    asOf: Instant.of(asOf),
    found: found.length,
    byNamespace,
    oldest: found.length === 0 ? undefined : Instant.of(oldest),
    newest: found.length === 0 ? undefined : Instant.of(newest),
    samples: found.map(({ space, namespace: name, key, expiresAt }) => ({
      kind: space,
      namespace: name,
      key,
      expiresAt: Instant.of(expiresAt),
    })),
    more,
  }
}
