import { never, sliding } from '@ttl/core'
import { equal, given, names, ok, same } from '../expect.ts'
import type { Law } from '../law.ts'

const SWEPT = { reclaims: 'sweep' } as const

export const sweepLaws: readonly Law[] = [
  {
    id: 'sweep.only-the-dead',
    heavy: true,
    title: 'a sweep removes what is expired, all of it, and nothing that is live',
    why: 'The one thing that a sweeper must be trusted with.',
    requires: SWEPT,
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      // More than core sweeps at once; where time runs, fewer, which any server writes soon enough.
      const dead = c.t.exact ? 1_500 : 200
      await ns.setMany(names(dead, 'dead').map((key) => [key, 1] as const))
      await ns.set('later', 'v', { ttl: c.t.span(60_000) })
      await ns.set('never', 'v', { ttl: never })
      await ns.set('pinned', 'v')
      await ns.persist('pinned')
      await ns.set('touched', 'v', { ttl: c.t.span(20_000) })
      await ns.set('moved', 'v')
      await ns.expire('moved', c.t.span(60_000))
      await ns.set('rewritten', 'v')
      await ns.set('rewritten', 'v', { ttl: never })
      await c.t.after(10_000)
      await ns.touch('touched')
      await c.t.at(20_000)
      equal(await c.sweep(ns), dead)
      for (const key of ['later', 'never', 'pinned', 'touched', 'moved', 'rewritten']) await c.alive(ns, key, 'v')
      equal(await c.sweep(ns), 0)
    },
  },
  {
    id: 'sweep.refreshed',
    title: 'what was refreshed after it was first due to expire is not swept until it is dead',
    why: 'A sweeper that goes by an old index entry deletes the living.',
    requires: SWEPT,
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns(sliding(c.t.span(20_000), { max: 'unbounded' }))
      await ns.setMany([
        ['read', 1],
        ['touched', 1],
        ['left', 1],
      ])
      await c.t.at(10_000)
      await ns.get('read')
      await ns.touch('touched')
      await c.t.after(20_000)
      equal(await c.sweep(ns), 1)
      await c.alive(ns, 'read', 1)
      await c.alive(ns, 'touched', 1)
      await c.t.after(30_000)
      equal(await c.sweep(ns), 2)
    },
  },
  {
    id: 'sweep.limit',
    title: 'a sweep removes no more than its limit and says whether more is waiting',
    why: 'A clean-up of ten million rows is a thousand small ones.',
    requires: SWEPT,
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      await ns.setMany(names(25).map((key) => [key, 1] as const))
      await c.t.after(10_000)
      const first = await c.store().sweep({ namespace: ns.name, limit: 10 })
      same([first.deleted, first.more], [10, true])
      same([...first.byNamespace], [[ns.name, 10]])
      equal(await c.sweep(ns, 10), 10)
      const last = await c.store().sweep({ namespace: ns.name, limit: 10 })
      same([last.deleted, last.more], [5, false])
    },
  },
  {
    id: 'sweep.namespace',
    title: 'a sweep of one namespace leaves the others alone; one of everything reports by namespace',
    why: 'A tenant pays for its own clean-up.',
    requires: SWEPT,
    alone: true,
    observes: ['sweep', 'neighbours'],
    async run(c) {
      const [one, two] = [
        c.ns({ ttl: c.t.span(10_000) }, { label: 'one' }),
        c.ns({ ttl: c.t.span(10_000) }, { label: 'two' }),
      ]
      await one.setMany(names(3).map((key) => [key, 1] as const))
      await two.setMany(names(4).map((key) => [key, 1] as const))
      await two.set('alive', 1, { ttl: c.t.span(90_000) })
      if (c.can.groups) await two.group('g').setMany({ a: 1, b: 2 })
      await c.t.after(10_000)
      equal(await c.sweep(one), 3)
      const report = await c.store().sweep()
      const groups = c.can.groups ? 1 : 0
      equal(report.deleted, 4 + groups)
      same([...report.byNamespace], [[two.name, 4 + groups]])
      equal(report.more, false)
      equal((await c.store().sweep()).deleted, 0)
      await c.alive(two, 'alive', 1)
    },
  },
  {
    id: 'sweep.as-of',
    title: 'a sweep as of an instant removes what had expired by then; one of the future removes nothing that lives',
    why: 'What a preview showed is what a clean-up removes.',
    requires: SWEPT,
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns()
      await ns.set('early', 1, { expiresAt: c.t.instant(10_000) })
      await ns.set('late', 1, { expiresAt: c.t.instant(30_000) })
      await ns.set('alive', 1, { expiresAt: c.t.instant(90_000) })
      await c.t.after(30_000)
      const asOf = (ms: number) => c.store().sweep({ namespace: ns.name, asOf: c.t.instant(ms) })
      equal((await asOf(0)).deleted, 0)
      equal((await asOf(20_000)).deleted, 1)
      equal((await asOf(1_000_000)).deleted, 1)
      await c.alive(ns, 'alive', 1)
    },
  },
  {
    id: 'sweep.as-of-boundary',
    title: 'what expires at the cut-off is swept, what expires a millisecond later is not',
    why: 'expiresAt ≤ asOf: the complement of what a read at that instant would see.',
    requires: SWEPT,
    exact: true,
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns()
      await ns.set('at', 1, { expiresAt: c.t.instant(1_000) })
      await ns.set('after', 1, { expiresAt: c.t.instant(1_001) })
      await c.t.at(5_000)
      equal((await c.store().sweep({ namespace: ns.name, asOf: c.t.instant(1_000) })).deleted, 1)
      equal((await c.store().sweep({ namespace: ns.name, asOf: c.t.instant(1_001) })).deleted, 1)
    },
  },
  {
    id: 'sweep.unseen',
    title: 'whether and when a sweep ran changes no answer',
    why: 'Life is decided by the deadline, not by the broom.',
    async run(c) {
      const [swept, left] = ['swept', 'left'].map((label) => c.ns({ ttl: c.t.span(20_000) }, { label }))
      if (swept === undefined || left === undefined) return
      for (const ns of [swept, left]) {
        await ns.set('dead', 1)
        await ns.set('alive', 1, { ttl: c.t.span(90_000) })
      }
      await c.t.at(30_000)
      await c.sweep(swept)
      for (const ns of [swept, left]) {
        await c.gone(ns, 'dead')
        await c.alive(ns, 'alive', 1)
        equal(await ns.set('dead', 2, { if: 'present' }), false)
        equal(await ns.touch('dead'), false)
        equal(await ns.delete('dead'), false)
        equal(await ns.set('dead', 2, { if: 'absent' }), true)
        await c.ends(ns, 'dead', 50_000)
      }
    },
  },
  {
    id: 'sweep.two-sweepers',
    heavy: true,
    title: 'two sweepers at once remove everything that is expired, each thing once, and nothing else',
    why: 'Every process runs one.',
    requires: SWEPT,
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      const [one, two] = await c.connections(2)
      await ns.setMany(names(607, 'dead').map((key) => [key, 1] as const))
      const other = c.ns({ ttl: c.t.span(10_000) }, { label: 'other', on: given(two) })
      await other.setMany(names(50).map((key) => [key, 1] as const))
      await ns.setMany(names(200, 'live').map((key) => [key, 1, { ttl: never }] as const))
      await c.t.after(10_000)
      const pass = async (on: typeof one) => {
        let deleted = 0
        for (let step = 0; step < 40; step++) deleted += await c.sweep(ns, 20, on)
        return deleted
      }
      const [first, second] = await Promise.all([pass(one), pass(two)])
      const rest = await c.sweep(ns)
      equal(first + second + rest, 607)
      const all = await Promise.all([one, two, one, two].map((on) => c.sweep(other, undefined, on)))
      equal(
        all.reduce((sum, count) => sum + count, 0),
        50,
      )
      equal((await ns.getMany(names(200, 'live'))).size, 200)
    },
  },
  {
    id: 'sweep.native',
    title: 'where the store frees what is expired itself, a sweep finds nothing to do and breaks nothing',
    why: 'The same cron job runs everywhere.',
    requires: { reclaims: 'native' },
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      await ns.set('dead', 1)
      await ns.set('alive', 1, { ttl: c.t.span(90_000) })
      await c.t.after(10_000)
      const report = await c.store().sweep({ namespace: ns.name })
      same([report.deleted, report.more], [0, false])
      await c.gone(ns, 'dead')
      await c.alive(ns, 'alive', 1)
      if (c.can.stats) ok((await ns.stats()).entries.expired <= 1)
    },
  },
]
