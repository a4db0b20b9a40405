import type { Due, NamespaceTally, Space, Tally } from '@ttl/core/adapter'
import type { MemoryBackend } from '@ttl/core/memory'
import { type Mutant, wrapped } from './mutant.ts'

/** The tallies of a namespace with other buckets. */
const bucketed = (tallies: readonly NamespaceTally[], of: (tally: Tally, buckets: readonly number[]) => number[]) =>
  tallies.map(({ namespace, entries, groups }) => ({
    namespace,
    entries: { ...entries, buckets: of(entries, entries.buckets ?? []) },
    groups: { ...groups, buckets: of(groups, groups.buckets ?? []) },
  }))

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)

/** What a healthy backend would name in a sweep that is asked for names. */
const swept = (healthy: MemoryBackend, request: Parameters<MemoryBackend['sweep']>[0]) => {
  const answer = healthy.sweep(request)
  return { answer, names: answer.names ?? { deleted: [], kept: [] } }
}

const without = (due: readonly Due[], space: Space): Due[] => due.filter((each) => each.space !== space)

export const upkeepMutants: readonly Mutant[] = [
  wrapped('due-without-groups', 'groups are not listed among what is due', 'preview.what-goes', (healthy) => ({
    due: (request) => ({ due: without(healthy.due(request).due, 'group') }),
  })),
  wrapped(
    'due-one-short',
    'a page of what is due is one short, and says that it is the last',
    'preview.limit',
    (healthy) => ({
      due: (request) => ({ due: healthy.due(request).due.slice(0, request.limit - 1) }),
    }),
  ),
  wrapped(
    'due-until-now',
    'what is due is listed until now, whatever was asked',
    'preview.future',
    (healthy, clock) => ({
      due: (request) => healthy.due({ ...request, asOf: Math.min(request.asOf, clock.now()) }),
    }),
  ),
  wrapped('due-again', 'a page of what is due begins with the end of the one before', 'due.pages', (healthy) => ({
    due({ limit, cursor = '0', ...request }) {
      const all = healthy.due({ limit, ...request }).due
      const from = Number(cursor)
      const to = from + Math.max(2, limit)
      return { due: all.slice(from, to), cursor: to < all.length ? String(to - 1) : undefined }
    },
  })),
  wrapped('due-everywhere', 'what is due is listed of every namespace', 'due.pages', (healthy) => ({
    due: (request) => {
      const other = { space: 'entry', namespace: `${request.namespace}~`, key: 'k4', expiresAt: request.asOf } as const
      return { due: [...healthy.due(request).due, other] }
    },
  })),
  wrapped(
    'next-due-of-the-living',
    'only what lives is due next, not what waits for a sweep',
    'due.next',
    (healthy, clock) => ({
      nextDue: () =>
        healthy
          .due({ asOf: Number.MAX_SAFE_INTEGER, limit: 1_000 })
          .due.find(({ expiresAt }) => expiresAt > clock.now())?.expiresAt,
    }),
  ),
  wrapped('next-due-stands-still', 'what was due first is due for ever', 'due.next', (healthy) => {
    let first: number | undefined
    return {
      nextDue: () => {
        first ??= healthy.nextDue()
        return first
      },
    }
  }),
  wrapped(
    'buckets-add-up',
    'each bucket counts what the ones before it count as well',
    'forecast.buckets',
    (healthy) => ({
      stats: (namespace, edges) =>
        bucketed(healthy.stats(namespace, edges), (_, buckets) =>
          buckets.map((__, index) => sum(buckets.slice(0, index + 1))),
        ),
    }),
  ),
  wrapped('buckets-half-open', 'a deadline at the end of a bucket is in the next one', 'forecast.edge', (healthy) => ({
    stats: (namespace, edges) =>
      healthy.stats(
        namespace,
        edges?.map((edge) => edge - 1),
      ),
  })),
  wrapped('buckets-of-the-dead', 'what waits for a sweep is in the first bucket', 'forecast.expired', (healthy) => ({
    stats: (namespace, edges) =>
      bucketed(healthy.stats(namespace, edges), ({ expired }, [first = 0, ...rest]) => [first + expired, ...rest]),
  })),
  wrapped(
    'sweep-fills-its-batch',
    'a sweep fills its batch with what is to expire next',
    'sweeper.frees',
    (healthy) => ({
      sweep(request) {
        const answer = healthy.sweep(request)
        const { namespace } = request
        const freed = sum([...answer.deleted.values()])
        if (namespace === undefined || freed === 0 || answer.more) return answer
        const { due } = healthy.due({ asOf: Number.MAX_SAFE_INTEGER, namespace, limit: 1_000 })
        for (const { space, key } of due.slice(0, request.limit - freed)) healthy.delete(space, namespace, [key])
        return answer
      },
    }),
  ),
  wrapped('names-unasked', 'a sweep gives names that nobody wants', 'sweep.names', (healthy) => ({
    sweep: (request) => healthy.sweep({ ...request, names: true }),
  })),
  wrapped('names-without-groups', 'a sweep names no groups', 'sweep.names', (healthy) => ({
    sweep: (request) => {
      const { answer, names } = swept(healthy, request)
      if (answer.names === undefined) return answer
      return { ...answer, names: { ...names, deleted: without(names.deleted, 'group') } }
    },
  })),
  wrapped('names-forgotten', 'a sweep names nothing', 'events.expired', (healthy) => ({
    sweep: (request) => healthy.sweep({ ...request, names: false }),
  })),
  wrapped('names-what-it-picked', 'a sweep names all that it came for as deleted', 'events.rescheduled', (healthy) => ({
    sweep: (request) => {
      const { answer, names } = swept(healthy, request)
      if (answer.names === undefined) return answer
      return { ...answer, names: { deleted: [...names.deleted, ...names.kept], kept: [] } }
    },
  })),
  wrapped('inspects-too-early', 'an inspection sees what was there before the last write', 'events.set', (healthy) => {
    const before = new Map<string, ReturnType<MemoryBackend['inspect']>[number]>()
    return {
      write: (namespace, writes) => {
        for (const { key } of writes) before.set(key, healthy.inspect('entry', namespace, [key])[0])
        return healthy.write(namespace, writes)
      },
      inspect: (space, namespace, keys) =>
        keys.map((key) => {
          if (space === 'group' || !before.has(key)) return healthy.inspect(space, namespace, [key])[0]
          const seen = before.get(key)
          before.delete(key)
          return seen
        }),
    }
  }),
  wrapped(
    'detail-of-nothing',
    'a read tells no deadline unless it is that of a slide',
    'events.refreshed',
    (healthy) => ({
      read: (namespace, keys, options) =>
        healthy.read(namespace, keys, options).map((found) => found && { payload: found.payload }),
    }),
  ),
  wrapped(
    'group-moved-into',
    'a group that is moved in keeps the members of the one that lives there',
    'transfer.group-condition',
    (healthy) => ({
      writeGroup(namespace, id, members, placement, condition) {
        const old = healthy.readGroup(namespace, id, undefined, { touch: false, detail: false, sliding: false })
        const fresh = new Set(members.map(([name]) => name))
        const kept = old?.members.filter(([name]) => !fresh.has(name)) ?? []
        return healthy.writeGroup(namespace, id, [...kept, ...members], placement, condition)
      },
    }),
  ),
  wrapped(
    'group-moved-over',
    'a group that is moved in replaces what lives, whatever was asked',
    'transfer.group-condition',
    (healthy) => ({
      writeGroup: (namespace, id, members, placement) => healthy.writeGroup(namespace, id, members, placement),
    }),
  ),
]
