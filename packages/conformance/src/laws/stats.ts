import { never } from '@ttl/core'
import { equal, names, refused, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const statsLaws: readonly Law[] = [
  {
    id: 'stats.counts',
    title: 'stats count what is permanent and what is active, and tell the first and the last deadline',
    why: 'An operator must see what will expire.',
    requires: { stats: 'yes' },
    async run(c) {
      const ns = c.ns<unknown>({ ttl: c.t.span(60_000) })
      const empty = await ns.stats()
      const nothing = { permanent: 0, active: 0, expired: 0, nextExpiresAt: undefined, lastExpiresAt: undefined }
      same(empty, { namespace: ns.name, entries: nothing, groups: nothing })
      await ns.setMany(names(3).map((key) => [key, 1] as const))
      await ns.set('next', 1, { ttl: c.t.span(20_000) })
      await ns.set('last', 1, { ttl: c.t.span(90_000) })
      await ns.set('pinned', 1, { ttl: never })
      const { entries } = await ns.stats()
      same([entries.permanent, entries.active, entries.expired], [1, 5, 0])
      c.t.is(entries.nextExpiresAt, 20_000)
      c.t.is(entries.lastExpiresAt, 90_000)
      await ns.delete('k0')
      await ns.take('k1')
      await ns.persist('k2')
      const after = (await ns.stats()).entries
      same([after.permanent, after.active], [2, 2])
    },
  },
  {
    id: 'stats.groups',
    title: 'stats count groups apart from entries, each once',
    why: 'A thousand members are one deadline.',
    requires: { stats: 'yes', groups: 'yes' },
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      await ns.group('a').setMany({ m: 1, n: 2, o: 3 })
      await ns.group('b', { ttl: never }).setMany({ m: 1, n: 2 })
      const { entries, groups } = await ns.stats()
      same([entries.permanent, entries.active], [0, 0])
      same([groups.permanent, groups.active, groups.expired], [1, 1, 0])
      c.t.is(groups.nextExpiresAt, 60_000)
      c.t.is(groups.lastExpiresAt, 60_000)
    },
  },
  {
    id: 'stats.every-namespace',
    title: 'the stats of a store name every namespace that holds something, with its own counts',
    why: 'Whoever runs a clean-up decides by namespace.',
    requires: { stats: 'yes' },
    alone: true,
    observes: ['neighbours'],
    async run(c) {
      await c.ns({}, { label: 'one' }).setMany(names(2).map((key) => [key, 1] as const))
      await c.ns({}, { label: 'two' }).setMany(names(3).map((key) => [key, 1] as const))
      if (c.can.groups) await c.ns({}, { label: 'three' }).group('g').set('m', 1)
      const all = await c.store().stats()
      const counted = new Map(all.map((stats) => [stats.namespace, [stats.entries.permanent, stats.groups.permanent]]))
      equal(all.length, counted.size, 'each namespace once')
      same(counted.get(c.name('one')), [2, 0])
      same(counted.get(c.name('two')), [3, 0])
      if (c.can.groups) same(counted.get(c.name('three')), [0, 1])
    },
  },
  {
    id: 'stats.refused',
    title: 'without stats they are refused, and count still answers where keys can be listed',
    why: 'A zero would be a lie.',
    requires: { stats: 'no' },
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 1)
      await refused('TTL_UNSUPPORTED', () => ns.stats(), /keys\(\)/)
      await refused('TTL_UNSUPPORTED', () => c.store().stats())
      if (c.can.scan !== 'none') equal(await ns.count(), 1)
    },
  },
]
