import { never, sliding } from '@ttl/core'
import type { Backend } from '@ttl/core/adapter'
import { delegate } from '../delegate.ts'
import { equal, given, refused, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const lifecycleLaws: readonly Law[] = [
  {
    id: 'close.refuses',
    title: 'after close every call is refused with TTL_CLOSED; closing twice is closing once',
    why: 'A call that hangs, or answers a miss, hides a mistake in the order of shutting down.',
    alone: true,
    async run(c) {
      const store = c.store()
      const ns = store.namespace(c.name())
      await ns.set('k', 1)
      await store.close()
      await store.close()
      await refused('TTL_CLOSED', () => ns.get('k'))
      await refused('TTL_CLOSED', () => ns.set('k', 2))
      await refused('TTL_CLOSED', () => ns.touch('k'))
      await refused('TTL_CLOSED', () => store.sweep())
      await c.backend.close()
    },
  },
  {
    id: 'close.keeps',
    title: 'what was written is there when the place is opened again: values, deadlines, births, windows, groups',
    why: 'A cap that forgets the birth begins again with every deployment.',
    requires: { persistent: 'yes' },
    alone: true,
    async run(c) {
      const name = c.name()
      const policy = { ...sliding(c.t.span(30_000), { max: c.t.span(60_000) }), refreshAfter: 0.25 }
      const ns = c.ns(policy)
      await ns.setMany([
        ['slides', 1],
        ['never', 2, { ttl: never }],
        ['at', 3, { expiresAt: c.t.instant(90_000) }],
        ['dying', 4, { ttl: c.t.span(10_000) }],
      ])
      if (c.can.groups) await ns.group('g').setMany({ a: 1, b: 2 })
      const keys = ['slides', 'never', 'at', 'dying']
      const state = async (backend: Backend) => [
        ...(await backend.inspect('entry', name, keys)).map((reading) => reading && { ...reading, now: 0 }),
        ...(c.can.groups
          ? (await backend.inspect('group', name, ['g'])).map((reading) => reading && { ...reading, now: 0 })
          : []),
      ]
      const before = await state(c.backend)
      const again = await c.reopen()
      const reopened = c.ns(policy, { on: again })
      same(await state(again), before)
      await c.t.at(20_000)
      same(
        [...(await reopened.getMany(keys))],
        [
          ['slides', 1],
          ['never', 2],
          ['at', 3],
        ],
      )
      equal(await reopened.has('dying'), false)
      await c.ends(reopened, 'slides', 50_000)
      if (c.can.groups) equal((await reopened.group('g').getMany()).size, 2)
      const third = c.ns(policy, { on: await c.reopen() })
      await c.t.at(40_000)
      await third.get('slides')
      await c.ends(third, 'slides', 60_000)
    },
  },
  {
    id: 'close.forgets',
    title: 'where data does not outlive close, a place that is opened again is empty',
    why: 'A capability is true in both directions.',
    requires: { persistent: 'no' },
    alone: true,
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 1)
      if (c.can.groups) await ns.group('g').set('m', 1)
      const again = c.ns({}, { on: await c.reopen() })
      await c.gone(again, 'k')
      if (c.can.groups) equal(await again.group('g').get('m'), undefined)
      await again.set('k', 2)
      await c.alive(again, 'k', 2)
    },
  },
  {
    id: 'shared.one-truth',
    title: 'what one connection does, every other sees: values, deadlines, restarts, pins, deletions',
    why: 'A cache in front of the truth is another truth.',
    requires: { shared: 'yes' },
    async run(c) {
      const [first, second] = await c.connections(2)
      const policy = sliding(c.t.span(30_000), { max: 'unbounded' })
      const [a, b] = [c.ns(policy, { on: given(first) }), c.ns(policy, { on: given(second) })]
      await a.setMany([
        ['k', 1],
        ['pinned', 1],
        ['deleted', 1],
        ['taken', 1],
      ])
      await c.alive(b, 'k', 1)
      await b.set('k', 2)
      await c.alive(a, 'k', 2)
      await a.persist('pinned')
      await c.ends(b, 'pinned', undefined)
      await b.delete('deleted')
      await c.gone(a, 'deleted')
      equal(await b.take('taken'), 1)
      equal(await a.take('taken'), undefined)
      await c.t.at(20_000)
      await a.get('k')
      await c.ends(b, 'k', 50_000)
      if (c.can.groups) {
        await a.group('g').set('m', 1)
        equal(await b.group('g').set('n', 2), true)
        equal((await a.group('g').getMany()).size, 2)
        await b.group('g').delete()
        equal((await a.group('g').getMany()).size, 0)
      }
      await c.t.after(50_000)
      await c.gone(a, 'k')
      await c.gone(b, 'k')
    },
  },
  {
    id: 'shared.apart',
    title: 'what is not shared is apart: two places share nothing',
    why: 'A module-level map makes every test see every other.',
    requires: { shared: 'no' },
    alone: true,
    async run(c) {
      const other = c.ns({}, { on: await c.elsewhere() })
      await c.ns().set('k', 1)
      await c.gone(other, 'k')
      await other.set('k', 2)
      await c.alive(c.ns(), 'k', 1)
      await other.clear().catch(() => undefined)
      await c.alive(c.ns(), 'k', 1)
    },
  },
  {
    id: 'batch.fails-as-a-whole',
    title: 'a batch that fails writes nothing, and the error names every key as failed',
    why: 'After a failure a caller must know what is stored.',
    requires: { batch: 'all' },
    observes: ['batch'],
    async run(c) {
      const ns = c.ns<number>({}, { on: poisoned(c.backend) })
      await ns.setMany([
        ['first', 1],
        ['last', 1],
      ])
      const error = await refused('TTL_BACKEND', () =>
        ns.setMany([
          ['first', 2],
          ['new', 2],
          ['poison', 2],
          ['last', 2],
        ]),
      )
      same(error.stored, [])
      same([...(error.failed ?? [])].sort(), ['first', 'last', 'new', 'poison'])
      same(Object.fromEntries(await ns.getMany(['first', 'new', 'poison', 'last'])), { first: 1, last: 1 })
    },
  },
  {
    id: 'batch.fails-entry-by-entry',
    title: 'a batch that fails in part says what is stored: that is there, and what failed was left alone',
    why: 'After a failure a caller must know what is stored.',
    requires: { batch: 'each' },
    observes: ['batch'],
    async run(c) {
      const ns = c.ns<number>({}, { on: poisoned(c.backend) })
      await ns.setMany([
        ['first', 1],
        ['last', 1],
      ])
      const keys = ['first', 'new', 'poison', 'last']
      const error = await refused('TTL_BACKEND', () => ns.setMany(keys.map((key) => [key, 2] as const)))
      same([...(error.stored ?? []), ...(error.failed ?? [])].sort(), keys.toSorted())
      equal(error.failed?.includes('poison'), true)
      const found = await ns.getMany(keys)
      for (const key of error.stored ?? []) equal(found.get(key), 2, `${key} is said to be stored`)
      equal(found.has('poison'), false)
    },
  },
]

/** A backend that meets a write it cannot carry out: reading what the key `poison` shall hold throws. */
function poisoned(backend: Backend): Backend {
  return delegate(backend, {
    write: (namespace, writes) =>
      backend.write(
        namespace,
        writes.map((write) =>
          write.key === 'poison'
            ? {
                key: write.key,
                placement: write.placement,
                get payload(): never {
                  throw new Error('poison')
                },
              }
            : write,
        ),
      ),
  })
}
