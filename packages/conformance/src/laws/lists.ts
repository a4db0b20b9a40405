import { equal, names, refused, same } from '../expect.ts'
import type { Law } from '../law.ts'
import { collect } from '../scene.ts'

const LISTS = { scan: ['once', 'repeats'] } as const

export const listLaws: readonly Law[] = [
  {
    id: 'keys.each-once',
    heavy: true,
    title: 'keys and entries name what is live, each once, over as many pages as it takes; count agrees',
    why: 'A page that ends in the middle, or a key that moves between two, loses entries.',
    requires: LISTS,
    async run(c) {
      const ns = c.ns<number>()
      const all = names(1_203)
      await ns.setMany(all.map((key, index) => [key, index] as const))
      same((await collect(ns.keys())).sort(), all.toSorted())
      const entries = await collect(ns.entries())
      equal(entries.length, 1_203)
      same(new Map(entries), new Map(all.map((key, index) => [key, index])))
      equal(await ns.count(), 1_203)
      same(await collect(c.ns({}, { label: 'empty' }).keys()), [])
      equal(await c.ns({}, { label: 'empty' }).count(), 0)
    },
  },
  {
    id: 'keys.own-namespace',
    title: 'keys, entries and count are about the entries of one namespace',
    why: 'Another tenant is not on the list.',
    requires: LISTS,
    async run(c) {
      const [ns, other] = [c.ns(), c.ns({}, { label: 'main2' })]
      await ns.set('mine', 1)
      await other.setMany([
        ['mine', 2],
        ['theirs', 2],
      ])
      if (c.can.groups) await ns.group('a group').set('m', 1)
      same(await collect(ns.keys()), ['mine'])
      same(await collect(ns.entries()), [['mine', 1]])
      equal(await ns.count(), 1)
    },
  },
  {
    id: 'keys.while-deleting',
    heavy: true,
    title: 'what lives throughout a scan is named, once, whatever is deleted or written meanwhile',
    why: 'An offset into a shrinking list skips as many as were deleted.',
    requires: LISTS,
    async run(c) {
      const ns = c.ns<number>()
      const all = names(1_300)
      await ns.setMany(all.map((key, index) => [key, index] as const))
      const odd = all.filter((_, index) => index % 2 === 1)
      const seen: string[] = []
      for await (const key of ns.keys()) {
        if (seen.length === 0) {
          await ns.deleteMany(all.filter((_, index) => index % 2 === 0))
          await ns.setMany(odd.map((name) => [name, -1] as const))
          await ns.setMany(names(50, 'a-new').map((name) => [name, -1] as const))
        }
        seen.push(key)
      }
      equal(new Set(seen).size, seen.length, 'each key once')
      const named = new Set(seen)
      same(
        odd.filter((key) => !named.has(key)),
        [],
      )
    },
  },
  {
    id: 'keys.refused',
    title: 'where nothing can be listed, keys, entries and groups are refused, and nothing is written',
    why: 'An empty answer would be a lie.',
    requires: { scan: 'none' },
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 1)
      await refused('TTL_UNSUPPORTED', () => collect(ns.keys()), /list/)
      await refused('TTL_UNSUPPORTED', () => collect(ns.entries()), /list/)
      await refused('TTL_UNSUPPORTED', () => collect(ns.groups()), /list/)
      if (c.can.stats) equal(await ns.count(), 1)
      else await refused('TTL_UNSUPPORTED', () => ns.count(), /list/)
      if (c.can.clear === 'paged') {
        await refused('TTL_UNSUPPORTED', () => ns.clear(), /list/)
        equal(await ns.get('k'), 1)
      }
    },
  },
  {
    id: 'count.without-stats',
    heavy: true,
    title: 'count answers the same where it has to list',
    why: 'A fallback of core is a promise too.',
    requires: { stats: 'no', ...LISTS },
    async run(c) {
      const ns = c.ns()
      await ns.setMany(names(700).map((key) => [key, 1] as const))
      await ns.set('dying', 1, { ttl: c.t.span(10_000) })
      equal(await ns.count(), 701)
      await c.t.after(10_000)
      equal(await ns.count(), 700)
    },
  },
  {
    id: 'clear.empties',
    heavy: true,
    title: 'clear removes every entry and group of a namespace, and nothing of another',
    why: 'Also what is on the second page.',
    requires: LISTS,
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(90_000) })
      const neighbours = ['main2', 'mai', 'main:x', 'MAIN'].map((label) => c.ns({}, { label }))
      for (const other of neighbours) await other.set('k', 'stays')
      await ns.setMany(names(1_100).map((key) => [key, 1] as const))
      await ns.set('dying', 1, { ttl: c.t.span(10_000) })
      if (c.can.groups) await ns.group('g').setMany({ a: 1, b: 2 })
      await c.t.after(10_000)
      await ns.clear()
      same(await collect(ns.keys()), [])
      equal(await ns.count(), 0)
      await c.gone(ns, 'k5')
      if (c.can.groups) equal(await ns.group('g').get('a'), undefined)
      for (const other of neighbours) await c.alive(other, 'k', 'stays')
    },
  },
  {
    id: 'clear.forgets',
    title: 'what is written after a clear begins anew',
    why: 'Nothing of what was cleared is inherited.',
    requires: LISTS,
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(30_000) }, { limits: { max: c.t.span(60_000) } })
      await ns.set('k', 1)
      await ns.persist('k')
      await c.t.at(20_000)
      await ns.clear()
      await ns.set('k', 2, { expiry: 'keep' })
      const expiry = await c.living(ns, 'k')
      c.t.is(expiry.bornAt, 20_000)
      c.endsAt(expiry, 50_000)
    },
  },
  {
    id: 'clear.paged',
    title: 'a clear in pages removes what lives on every page, entries and groups, and what is written after it stays',
    why: 'A cursor that survives what it points to, or does not.',
    requires: { clear: 'paged', ...LISTS },
    async run(c) {
      const ns = c.ns()
      await ns.setMany(names(1_010).map((key) => [key, 1] as const))
      if (c.can.groups) for (const id of names(5, 'g')) await ns.group(id).setMany({ a: 1, b: 2 })
      await ns.clear()
      equal((await ns.getMany(names(1_010))).size, 0)
      same(await collect(ns.keys()), [])
      if (c.can.groups) same(await collect(ns.groups()), [])
      await ns.set('k1', 2)
      await c.alive(ns, 'k1', 2)
    },
  },
  {
    id: 'clear.unlisted',
    title: 'an atomic clear needs no list',
    why: 'A backend that cannot list can still forget.',
    requires: { clear: 'atomic', scan: 'none' },
    async run(c) {
      const [ns, other] = [c.ns(), c.ns({}, { label: 'main2' })]
      await ns.setMany(names(20).map((key) => [key, 1] as const))
      await other.set('k1', 1)
      if (c.can.groups) await ns.group('g').set('m', 1)
      await ns.clear()
      equal((await ns.getMany(names(20))).size, 0)
      if (c.can.groups) equal(await ns.group('g').get('m'), undefined)
      await c.alive(other, 'k1', 1)
    },
  },
  {
    id: 'clear.atomic',
    title: 'an atomic clear leaves nothing behind, also of what is expired and cannot be listed',
    why: 'It is one step, not a list and a loop.',
    requires: { clear: 'atomic', stats: 'yes' },
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      await ns.setMany(names(20).map((key) => [key, 1] as const))
      if (c.can.groups) await ns.group('g').set('m', 1)
      await c.t.after(10_000)
      await ns.clear()
      const { entries, groups } = await ns.stats()
      same([entries.expired, entries.active, groups.expired, groups.active], [0, 0, 0, 0])
    },
  },
]
