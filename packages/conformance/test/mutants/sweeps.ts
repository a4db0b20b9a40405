import type { Page } from '@ttl/core/adapter'
import type { MemoryBackend } from '@ttl/core/memory'
import { type Mutant, tick, wrapped } from './mutant.ts'
import { shadow } from './shadow.ts'

/** Live keys of a namespace. */
const listed = (healthy: MemoryBackend, namespace: string): string[] => [...healthy.scan('entry', namespace).keys]

const page = (keys: readonly string[], limit: number, from: number): Page => ({
  keys: keys.slice(from, from + limit),
  cursor: from + limit < keys.length ? String(from + limit) : undefined,
})

const namesOf = (healthy: MemoryBackend): string[] => healthy.stats().map(({ namespace }) => namespace)

export const sweepMutants: readonly Mutant[] = [
  wrapped('sweeps-the-living', 'a cut-off in the future deletes what is live', 'sweep.as-of', (healthy, clock) => ({
    sweep: (request) => {
      const { asOf = 0, namespace } = request
      if (asOf > clock.now() && namespace !== undefined) {
        const keys = listed(healthy, namespace)
        const due = keys.filter(
          (key) => (healthy.inspect('entry', namespace, [key])[0]?.expiresAt ?? Number.POSITIVE_INFINITY) <= asOf,
        )
        if (due.length > 0) healthy.delete('entry', namespace, due)
      }
      return healthy.sweep(request)
    },
  })),
  wrapped(
    'sweep-leaves-the-boundary',
    'a sweep leaves what expires exactly at the cut-off',
    'sweep.as-of-boundary',
    (healthy, clock) => ({
      sweep: (request) => healthy.sweep({ ...request, asOf: (request.asOf ?? clock.now()) - 1 }),
    }),
  ),
  wrapped('sweep-ignores-limit', 'a sweep deletes everything at once', 'contract.sweep', (healthy) => ({
    sweep: (request) => healthy.sweep({ ...request, limit: Number.POSITIVE_INFINITY }),
  })),
  wrapped('sweep-ignores-namespace', 'a sweep of one namespace is one of all', 'sweep.namespace', (healthy) => ({
    sweep: (request) => healthy.sweep({ ...request, namespace: undefined }),
  })),
  wrapped('sweep-ignores-as-of', 'a sweep ignores its cut-off', 'sweep.as-of', (healthy) => ({
    sweep: (request) => healthy.sweep({ ...request, asOf: undefined }),
  })),
  wrapped('sweep-never-has-more', 'a sweep that reached its limit says that it is done', 'sweep.limit', (healthy) => ({
    sweep: (request) => ({ ...healthy.sweep(request), more: false }),
  })),
  wrapped('sweep-once', 'only one step of a sweep does anything', 'sweep.only-the-dead', (healthy) => ({
    sweep: (request) => ({ ...healthy.sweep({ ...request, limit: Math.min(request.limit, 100) }), more: false }),
  })),
  wrapped(
    'select-then-delete',
    'a sweep selects what is expired and then deletes it by key',
    'race.sweep-against-write',
    (healthy) => {
      const dead = shadow(healthy)
      const seen = new Map<string, Set<string>>()
      return {
        ...dead.watch,
        write: (namespace, writes) => {
          const keys = seen.get(namespace) ?? new Set()
          for (const { key } of writes) keys.add(key)
          seen.set(namespace, keys)
          return dead.watch.write(namespace, writes)
        },
        sweep: async (request) => {
          const due = [...seen].flatMap(([namespace, keys]) =>
            [...keys].filter((key) => dead.find(namespace, key)).map((key) => [namespace, key] as const),
          )
          await tick()
          for (const [namespace, key] of due) dead.watch.delete('entry', namespace, [key])
          return healthy.sweep(request)
        },
      }
    },
  ),
  wrapped(
    'sweep-by-first-deadline',
    'a sweep goes by the deadline that was first written',
    'sweep.refreshed',
    (healthy, clock) => {
      const first = new Map<string, readonly [namespace: string, key: string, due: number]>()
      return {
        write: (namespace, writes) => {
          const outcomes = healthy.write(namespace, writes)
          for (const { key } of writes) {
            const due = healthy.inspect('entry', namespace, [key])[0]?.expiresAt
            if (due !== undefined) first.set(`${namespace}\0${key}`, [namespace, key, due])
          }
          return outcomes
        },
        sweep: (request) => {
          for (const [id, [namespace, key, due]] of first) {
            if (due > clock.now()) continue
            healthy.delete('entry', namespace, [key])
            first.delete(id)
          }
          return healthy.sweep(request)
        },
      }
    },
  ),
  wrapped(
    'counts-what-was-asked',
    'a sweep counts what it selected, also what another deleted first',
    'sweep.two-sweepers',
    (healthy) => ({
      sweep: async (request) => {
        const { namespace } = request
        const expired = namespace === undefined ? 0 : (healthy.stats(namespace)[0]?.entries.expired ?? 0)
        await tick()
        const swept = healthy.sweep(request)
        return namespace === undefined || expired === 0
          ? swept
          : { ...swept, deleted: new Map([[namespace, Math.min(expired, request.limit)]]) }
      },
    }),
  ),
  wrapped(
    'busy-for-less-than-nothing',
    'a clock that was set back makes a step seem to take less than no time',
    'sweep.names',
    (healthy) => ({
      sweep: (request) => ({ ...healthy.sweep(request), busyMs: -1 }),
    }),
  ),
  wrapped('scan-lists-the-dead', 'a scan names what is expired', 'boundary.lists', (healthy) => {
    const dead = shadow(healthy)
    const seen = new Set<string>()
    return {
      ...dead.watch,
      write: (namespace, writes) => {
        for (const { key } of writes) seen.add(key)
        return dead.watch.write(namespace, writes)
      },
      scan: (space, namespace) => {
        const { keys } = healthy.scan(space, namespace)
        return { keys: [...keys, ...[...seen].filter((key) => space === 'entry' && dead.find(namespace, key))] }
      },
    }
  }),
  wrapped('scan-by-offset', 'a scan goes by offset in a list that shrinks', 'keys.while-deleting', (healthy) => ({
    scan: (space, namespace, { cursor = '0', limit }) =>
      page(healthy.scan(space, namespace).keys, limit, Number(cursor)),
  })),
  wrapped('scan-one-page', 'a scan ends after its first page', 'keys.each-once', (healthy) => ({
    scan: (space, namespace, { limit }) => ({ keys: healthy.scan(space, namespace).keys.slice(0, limit) }),
  })),
  wrapped('scan-repeats', 'a scan that is declared to name each key once repeats some', 'contract.scan', (healthy) => ({
    scan: (space, namespace) => {
      const { keys } = healthy.scan(space, namespace)
      return { keys: [...keys, ...keys.slice(0, 2)] }
    },
  })),
  wrapped(
    'scan-by-locale',
    'a scan compares its cursor by locale and its pages by code point',
    'contract.scan',
    (healthy) => ({
      scan: (space, namespace, { cursor, limit }) => {
        const keys = [...healthy.scan(space, namespace).keys].sort()
        const rest = cursor === undefined ? keys : keys.filter((key) => key.localeCompare(cursor) > 0)
        const some = rest.slice(0, limit)
        return { keys: some, cursor: rest.length > limit ? some.at(-1) : undefined }
      },
    }),
  ),
  wrapped('counts-the-dead', 'stats count what is expired as active', 'boundary.stats', (healthy) => ({
    stats: (namespace) =>
      healthy.stats(namespace).map((tally) => ({
        ...tally,
        entries: { ...tally.entries, active: tally.entries.active + tally.entries.expired, expired: 0 },
      })),
  })),
  wrapped('stats-swapped', 'the first and the last deadline are swapped', 'stats.counts', (healthy) => ({
    stats: (namespace) =>
      healthy.stats(namespace).map((tally) => ({
        ...tally,
        entries: {
          ...tally.entries,
          nextExpiresAt: tally.entries.lastExpiresAt,
          lastExpiresAt: tally.entries.nextExpiresAt,
        },
      })),
  })),
  wrapped('clear-by-prefix', 'clear removes every namespace that begins with the name', 'clear.empties', (healthy) => ({
    clear: (namespace) => {
      for (const name of namesOf(healthy)) if (name.startsWith(namespace)) healthy.clear(name)
    },
  })),
  wrapped('clear-by-pattern', 'clear takes % and _ in a name for wildcards', 'names.namespaces', (healthy) => ({
    clear: (namespace) => {
      const pattern = new RegExp(
        `^${namespace
          .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
          .replaceAll('%', '.*')
          .replaceAll('_', '.')}$`,
        's',
      )
      for (const name of namesOf(healthy)) if (pattern.test(name)) healthy.clear(name)
    },
  })),
  wrapped('clear-leaves-groups', 'clear removes entries only', 'clear.empties', (healthy) => ({
    clear: (namespace) => {
      const keys = listed(healthy, namespace)
      if (keys.length > 0) healthy.delete('entry', namespace, keys)
    },
  })),
]
