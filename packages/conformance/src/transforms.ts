import type { Awaitable, Backend, Expiry } from '@ttl/core/adapter'
import { delegate } from './delegate.ts'
import type { Transform } from './transform.ts'

/** The methods that ask or change something; what is left are facts. */
const CALLS = [
  'read',
  'inspect',
  'write',
  'take',
  'delete',
  'touch',
  'expire',
  'scan',
  'readGroup',
  'writeGroup',
  'deleteMembers',
  'clear',
  'stats',
  'due',
  'nextDue',
] as const satisfies readonly (keyof Backend)[]

type Call = (...args: readonly unknown[]) => Awaitable<unknown>

/** A backend whose every call goes through `around`. */
function wrapped(
  backend: Backend,
  around: (call: Call, args: readonly unknown[], name: (typeof CALLS)[number]) => Awaitable<unknown>,
): Backend {
  const replaced: Record<string, unknown> = {}
  for (const name of CALLS) {
    const call = backend[name] as Call | undefined
    if (call !== undefined) replaced[name] = (...args: readonly unknown[]) => around(call.bind(backend), args, name)
  }
  return delegate(backend, replaced)
}

const sweepAlways: Transform = {
  id: 'sweep-after-every-call',
  title: 'with a sweep after every call',
  changes: ['sweep'],
  wrap: (backend) =>
    wrapped(backend, async (call, args) => {
      const answer = await call(...args)
      await backend.sweep({ limit: 1_000_000 })
      return answer
    }),
}

const sweepNever: Transform = {
  id: 'no-sweep',
  title: 'when nothing is ever swept',
  changes: ['sweep'],
  wrap: (backend) => delegate(backend, { sweep: () => ({ deleted: new Map(), more: false }) }),
}

const split: Transform = {
  id: 'batches-split',
  title: 'when every batch is split into single calls',
  changes: ['batch'],
  wrap(backend) {
    const each = async <Item, Answer>(
      items: readonly Item[],
      one: (items: readonly Item[]) => Awaitable<readonly Answer[]>,
    ) => {
      const answers: Answer[] = []
      for (const item of items) answers.push(...(await one([item])))
      return answers
    }
    return delegate(backend, {
      read: (namespace, keys, options) => each(keys, (one) => backend.read(namespace, one, options)),
      inspect: (space, namespace, keys) => each(keys, (one) => backend.inspect(space, namespace, one)),
      write: (namespace, writes) => each(writes, (one) => backend.write(namespace, one)),
      delete: (space, namespace, keys) => each(keys, (one) => backend.delete(space, namespace, one)),
      touch: (space, namespace, keys) => each(keys, (one) => backend.touch(space, namespace, one)),
      expire: (space, namespace, keys, span) => each(keys, (one) => backend.expire(space, namespace, one, span)),
      deleteMembers: (namespace, id, members) => each(members, (one) => backend.deleteMembers(namespace, id, one)),
    })
  },
}

const twoConnections: Transform = {
  id: 'two-connections',
  title: 'when calls alternate between two connections',
  changes: [],
  shared: true,
  async wrap(backend, open) {
    const other = await open()
    let calls = 0
    return wrapped(backend, (call, args, name) => {
      // Where a scan stands may be known to its connection only.
      if (name === 'scan' || calls++ % 2 === 0) return call(...args)
      return (other[name] as Call).apply(other, [...args])
    })
  },
}

const NEVER: Expiry = {
  ttlMs: undefined,
  maxAgeMs: undefined,
  expiresAt: undefined,
  restartOn: 'write',
  refreshAfter: 0,
}

/** Of so many keys of a batch there is one in every neighbour. */
const NEIGHBOURS = 12

/** Namespaces whose names would match a careless prefix or pattern; the last one is full of what is expired. */
const lookAlikes = (name: string): string[] => [`${name}:~`, `${name}%~`, `${name}*~`, `${name}~`, `${name}~~`]

const neighbours: Transform = {
  id: 'look-alike-neighbours',
  title: 'between namespaces with similar names and the same keys',
  changes: ['neighbours'],
  wrap(backend) {
    const known = new Set<string>()
    const settle = async (namespace: string, names: readonly string[], space: 'entry' | 'group'): Promise<void> => {
      const fresh = names.filter((name) => !known.has(`${space} ${namespace} ${name}`))
      if (fresh.length === 0 || Buffer.byteLength(namespace) > 1_000) return
      for (const name of fresh) known.add(`${space} ${namespace} ${name}`)
      const all = lookAlikes(namespace)
      const some = fresh.slice(0, NEIGHBOURS)
      for (const neighbour of all) {
        const expiry = neighbour === all.at(-1) ? { ...NEVER, ttlMs: 1 } : NEVER
        const placement = { onLive: 'replace', expiry, limitMs: undefined } as const
        if (space === 'entry')
          await backend.write(
            neighbour,
            some.map((key) => ({ key, payload: '"neighbour"', placement })),
          )
        else for (const id of some) await backend.writeGroup(neighbour, id, [['m', '"neighbour"']], placement)
      }
    }
    return delegate(backend, {
      async write(namespace, writes) {
        await settle(
          namespace,
          writes.map(({ key }) => key),
          'entry',
        )
        return backend.write(namespace, writes)
      },
      async writeGroup(namespace, id, members, placement, condition) {
        await settle(namespace, [id], 'group')
        return backend.writeGroup(namespace, id, members, placement, condition)
      },
    })
  },
}

const epoch: Transform = {
  id: 'clock-at-zero',
  title: 'when the clock begins at 1970-01-01T00:00:00.000Z',
  changes: ['origin'],
  origin: 0,
  wrap: (backend) => backend,
}

/** What must not change an answer. */
export const TRANSFORMS: readonly Transform[] = [sweepAlways, sweepNever, split, twoConnections, neighbours, epoch]
