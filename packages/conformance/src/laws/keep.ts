import { never, rolling, sliding } from '@ttl/core'
import { equal, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const keepLaws: readonly Law[] = [
  {
    id: 'keep.deadline',
    title: "expiry: 'keep' writes the value and leaves the deadline alone",
    why: 'A background job that saves a session must extend nothing.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      await ns.set('k', 1)
      await c.t.at(40_000)
      equal(await ns.set('k', 2, { expiry: 'keep' }), true)
      await c.ends(ns, 'k', 60_000)
      await c.t.before(60_000)
      await c.alive(ns, 'k', 2)
      await c.t.after(60_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'keep.everything',
    title:
      'keep leaves window, cap, birth, gate and mode of the entry as they are, whatever the writer is configured with',
    why: 'What is kept is the expiry, not a number.',
    async run(c) {
      const own = c.ns({ ...sliding(c.t.span(30_000), { max: c.t.span(90_000) }), refreshAfter: 0.25 })
      const other = c.ns(rolling(c.t.span(60_000)))
      await own.set('k', 1)
      await c.t.at(10_000)
      const [before] = await c.backend.inspect('entry', own.name, ['k'])
      await other.set('k', 2, { expiry: 'keep' })
      const [after] = await c.backend.inspect('entry', own.name, ['k'])
      same({ ...after, now: 0 }, { ...before, now: 0 })
      await c.t.at(20_000)
      equal(await other.get('k'), 2)
      await c.ends(own, 'k', 50_000)
    },
  },
  {
    id: 'keep.creates',
    title: 'on an absent or expired key keep and restart create with the resolved policy',
    why: 'Load, change, save has to work when there was nothing to load.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('keep', 1, { ttl: c.t.span(10_000) })
      await ns.set('restart', 1, { ttl: c.t.span(10_000) })
      await c.t.at(20_000)
      for (const expiry of ['keep', 'restart'] as const) {
        equal(await ns.set(expiry, 2, { expiry }), true)
        equal(await ns.set(`new ${expiry}`, 2, { expiry }), true)
        await c.ends(ns, expiry, 40_000)
        await c.ends(ns, `new ${expiry}`, 40_000)
      }
    },
  },
  {
    id: 'keep.pin',
    title: 'keep and restart leave a pin in place',
    why: 'A pin that the next save removes is none.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('keep', 1)
      await ns.set('restart', 1)
      await ns.persist('keep')
      await ns.persist('restart')
      await ns.set('keep', 2, { expiry: 'keep' })
      await ns.set('restart', 2, { expiry: 'restart' })
      await c.t.after(20_000)
      await c.alive(ns, 'keep', 2)
      await c.alive(ns, 'restart', 2)
      await c.ends(ns, 'keep', undefined)
      await c.ends(ns, 'restart', undefined)
    },
  },
  {
    id: 'keep.in-batches',
    title: 'keep and restart work in setMany beside plain writes',
    why: 'A batch is many writes, not another kind of write.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      await ns.setMany(['keep', 'restart', 'plain'].map((key) => [key, 1, { ttl: c.t.span(50_000) }] as const))
      await c.t.at(20_000)
      await ns.setMany([
        ['keep', 2, { expiry: 'keep' }],
        ['restart', 2, { expiry: 'restart' }],
        ['plain', 2],
        ['never', 2, { ttl: never }],
      ])
      await c.ends(ns, 'keep', 50_000)
      await c.ends(ns, 'restart', 70_000)
      await c.ends(ns, 'plain', 80_000)
      await c.ends(ns, 'never', undefined)
    },
  },
  {
    id: 'restart.own-window',
    title: "expiry: 'restart' is write and touch: the entry's own window begins again",
    why: 'Load, change, save must not replace the life that the entry was given.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(90_000) })
      await ns.set('k', 1, { ttl: c.t.span(30_000) })
      await c.t.at(20_000)
      equal(await ns.set('k', 2, { expiry: 'restart' }), true)
      await c.ends(ns, 'k', 50_000)
      await c.t.before(50_000)
      await c.alive(ns, 'k', 2)
      await c.t.after(50_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'restart.cap',
    title: 'restart goes no further than the cap, and moves no absolute deadline',
    why: 'The job that rewrites a session every minute.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: c.t.span(50_000) }))
      await ns.set('capped', 1)
      await ns.set('absolute', 1, { expiresAt: c.t.instant(40_000) })
      for (const at of [20_000, 30_000]) {
        await c.t.at(at)
        await ns.set('capped', at, { expiry: 'restart' })
        await ns.set('absolute', at, { expiry: 'restart' })
      }
      await c.ends(ns, 'capped', 50_000)
      await c.ends(ns, 'absolute', 40_000)
      await c.t.after(50_000)
      await c.gone(ns, 'capped')
    },
  },
  {
    id: 'restart.ignores-gate',
    title: 'restart is a touch: refreshAfter, which is about reads, does not hold it back',
    why: 'Who says restart means it.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000), restartOn: 'access', refreshAfter: 0.5 })
      await ns.set('k', 1)
      await c.t.at(10_000)
      await ns.set('k', 2, { expiry: 'restart' })
      await c.ends(ns, 'k', 70_000)
    },
  },
]
