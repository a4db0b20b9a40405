import type { SearchItem } from '@langchain/langgraph-checkpoint'
import type { Namespace } from '@ttl/core'
import { satisfies } from './filters.ts'
import { itemOf, type Kept, liesUnder, placeOf } from './items.ts'
import { type Embedded, nearness } from './vectors.ts'

export interface Query {
  readonly prefix: readonly string[]
  readonly filter: Readonly<Record<string, unknown>> | undefined
  readonly limit: number
  readonly offset: number
  /** What to be near to. Without it the last changed come first. */
  readonly question: Embedded | undefined
  /** Whether what is returned restarts. */
  readonly touch: boolean
}

interface Candidate {
  readonly key: string
  readonly kept: Kept
  readonly score: number | undefined
}

/** How many values are read at a time. */
const PAGE = 500

/** Looks through the names of all items, and reads those under the path. Restarts what it returns, and nothing else. */
export async function found(items: Namespace<Kept>, query: Query): Promise<SearchItem[]> {
  const candidates = (await candidatesOf(items, query)).sort(byRank)
  const page: Candidate[] = []
  for (let at = query.offset; at < candidates.length && page.length < query.limit; ) {
    const next = candidates.slice(at, at + query.limit - page.length)
    at += next.length
    page.push(...(query.touch ? await restarted(items, next) : next))
  }
  return page.map(({ key, kept, score }) => ({
    ...itemOf(placeOf(key), kept),
    ...(score === undefined ? {} : { score }),
  }))
}

async function candidatesOf(items: Namespace<Kept>, { prefix, filter, question }: Query): Promise<Candidate[]> {
  const keys: string[] = []
  const under = liesUnder(prefix)
  for await (const key of items.keys()) if (under(key)) keys.push(key)
  const candidates: Candidate[] = []
  for (let at = 0; at < keys.length; at += PAGE) {
    for (const [key, kept] of await items.getMany(keys.slice(at, at + PAGE), { touch: false })) {
      if (!satisfies(kept.value, filter)) continue
      candidates.push({ key, kept, score: question && nearness(kept.vectors, question) })
    }
  }
  return candidates
}

/** Those that have lived until now: what expired since they were looked at must not take a place. */
async function restarted(items: Namespace<Kept>, candidates: readonly Candidate[]): Promise<Candidate[]> {
  const live = await items.getMany(candidates.map(({ key }) => key))
  return candidates.filter(({ key }) => live.has(key))
}

/** The nearest first, then the last changed; a total order, so that pages do not overlap. */
function byRank(a: Candidate, b: Candidate): number {
  const score = (candidate: Candidate) => candidate.score ?? Number.NEGATIVE_INFINITY
  if (score(a) !== score(b)) return score(a) < score(b) ? 1 : -1
  return b.kept.updatedAt - a.kept.updatedAt || (a.key < b.key ? -1 : 1)
}
