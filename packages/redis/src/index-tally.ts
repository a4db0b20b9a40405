import type { NamespaceTally, Tally } from '@ttl/core/adapter'
import type { Commands } from './commands.ts'
import type { IndexSets } from './index-sets.ts'

/** How many sets one script counts; with buckets in each of them fewer. */
const LOT = 200

/** Counts by namespace, of one or of all that hold anything. */
export async function tallies(
  commands: Commands,
  sets: IndexSets,
  namespace: string | undefined,
  edges: readonly number[] | undefined,
): Promise<NamespaceTally[]> {
  const nothing: Tally = {
    permanent: 0,
    active: 0,
    expired: 0,
    nextExpiresAt: undefined,
    lastExpiresAt: undefined,
    buckets: edges?.map(() => 0),
  }
  const lots = await sets.lots(namespace, Math.ceil(LOT / (1 + (edges?.length ?? 0) / 10)))
  const replies = await Promise.all(lots.map((lot) => commands.script('tally', 'entry', lot.sets, edges ?? [])))
  const found = new Map<string, { entry: Tally; group: Tally }>()
  for (const [index, lot] of lots.entries()) {
    for (const [position, key] of lot.sets.entries()) {
      const { namespace: name, space } = commands.keys.ofIndex(key)
      const both = found.get(name) ?? { entry: nothing, group: nothing }
      const tally = tallyOf((replies[index] as unknown[][])[position] as unknown[], edges !== undefined)
      found.set(name, { ...both, [space]: sum(both[space], tally) })
    }
  }
  return [...found]
    .filter(([name, { entry, group }]) => name === namespace || holds(entry) || holds(group))
    .map(([name, { entry, group }]) => ({ namespace: name, entries: entry, groups: group }))
}

function tallyOf(reply: readonly unknown[], bucketed: boolean): Tally {
  const [permanent, active, expired, first, last, buckets] = reply
  const instant = (reply: unknown) => (reply === null ? undefined : Number(String(reply)))
  return {
    permanent: Number(permanent),
    active: Number(active),
    expired: Number(expired),
    nextExpiresAt: instant(first),
    lastExpiresAt: instant(last),
    buckets: bucketed ? (buckets as unknown[]).map(Number) : undefined,
  }
}

function holds({ permanent, active, expired }: Tally): boolean {
  return permanent + active + expired > 0
}

function sum(a: Tally, b: Tally): Tally {
  const pick = (choose: (...values: number[]) => number, x: number | undefined, y: number | undefined) =>
    x === undefined || y === undefined ? (x ?? y) : choose(x, y)
  return {
    permanent: a.permanent + b.permanent,
    active: a.active + b.active,
    expired: a.expired + b.expired,
    nextExpiresAt: pick(Math.min, a.nextExpiresAt, b.nextExpiresAt),
    lastExpiresAt: pick(Math.max, a.lastExpiresAt, b.lastExpiresAt),
    buckets: a.buckets?.map((count, index) => count + (b.buckets?.[index] ?? 0)),
  }
}
