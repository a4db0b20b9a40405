import { rolling, sliding } from '@ttl/core'
import { equal, same } from '../expect.ts'
import type { Law } from '../law.ts'
import { collect } from '../scene.ts'

export const slidingLaws: readonly Law[] = [
  {
    id: 'sliding.reads-restart',
    title: 'reads restart an entry that was written under access',
    why: 'That is what a session is.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: 'unbounded' }))
      await ns.set('k', 1)
      for (const at of [20_000, 40_000, 60_000]) {
        await c.t.at(at)
        equal(await ns.get('k'), 1)
      }
      await c.ends(ns, 'k', 90_000)
      await c.t.before(90_000)
      await c.alive(ns, 'k', 1)
      await c.t.after(90_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'sliding.every-read',
    title: 'get, getMany, getEntry and getOrSet restart alike',
    why: 'A read that forgets to restart loses sessions of whoever uses it.',
    async run(c) {
      const ns = c.ns<number>(sliding(c.t.span(30_000), { max: 'unbounded' }))
      const reads: Record<string, () => Promise<unknown>> = {
        get: () => ns.get('get'),
        getMany: () => ns.getMany(['getMany', 'missing']),
        getEntry: () => ns.getEntry('getEntry'),
        getOrSet: () => ns.getOrSet('getOrSet', () => 0),
      }
      for (const key of Object.keys(reads)) await ns.set(key, 1)
      await c.t.at(20_000)
      await Promise.all(Object.values(reads).map((read) => read()))
      for (const key of Object.keys(reads)) await c.ends(ns, key, 50_000)
    },
  },
  {
    id: 'sliding.cap',
    title: 'no read carries an entry past its maximum age',
    why: 'A cap that is accepted and ignored is how a background poll keeps a session alive for ever.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: c.t.span(70_000) }))
      await ns.set('k', 1)
      for (const at of [20_000, 40_000, 60_000]) {
        await c.t.at(at)
        equal(await ns.get('k'), 1)
      }
      await c.ends(ns, 'k', 70_000)
      await c.t.before(70_000)
      equal(await ns.get('k'), 1)
      await c.t.after(70_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'sliding.cap-outlives-writes',
    title: 'nor does any write: the maximum age counts from birth; what is written later is born anew',
    why: 'A background job that rewrites a session must not keep it alive.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: c.t.span(70_000) }))
      for (const at of [0, 20_000, 40_000, 60_000]) {
        await c.t.at(at)
        equal(await ns.set('k', at), true)
      }
      await c.ends(ns, 'k', 70_000)
      await c.t.after(70_000)
      await c.gone(ns, 'k')
      await c.t.at(80_000)
      await ns.set('k', 'new')
      await c.ends(ns, 'k', 110_000)
      const expiry = await c.living(ns, 'k')
      c.t.is(expiry.state === 'expires' ? expiry.capAt : undefined, 150_000)
    },
  },
  {
    id: 'sliding.idle-longer-than-cap',
    title: 'an idle time longer than the cap ends at the cap from the first write on',
    why: 'The SQL Server cache of .NET applied the cap only from the first read on.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(300_000), { max: c.t.span(60_000) }))
      await ns.set('k', 1)
      await c.ends(ns, 'k', 60_000)
      await c.t.at(20_000)
      await ns.get('k')
      await c.ends(ns, 'k', 60_000)
      await c.t.after(60_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'sliding.dead-stays-dead',
    title: 'a read at or after the deadline finds nothing and revives nothing, swept or not',
    why: 'A session that comes back to life after its end is a security hole.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: 'unbounded' }))
      await ns.set('k', 1)
      await c.t.after(30_000)
      equal(await ns.get('k'), undefined)
      equal(await ns.getEntry('k'), undefined)
      equal((await ns.getMany(['k'])).size, 0)
      await c.gone(ns, 'k')
      await c.t.at(50_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'sliding.reads-leave-the-dead',
    title: 'a read of what is expired deletes nothing: a sweep still finds it',
    why: 'Deleting on a read destroys what another writes at that moment.',
    requires: { reclaims: 'sweep' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: 'unbounded' }))
      await ns.set('k', 1)
      await c.t.after(30_000)
      await ns.get('k')
      await ns.has('k')
      await ns.getMany(['k'])
      equal(await c.sweep(ns), 1)
    },
  },
  {
    id: 'sliding.peeks',
    title: 'has, expiry, explain, conditions that fail, and reads with touch: false restart nothing',
    why: 'A poll that asks whether a session is there must not be what keeps it.',
    async run(c) {
      const ns = c.ns<number>(sliding(c.t.span(30_000), { max: 'unbounded' }))
      await ns.setMany([
        ['k', 1],
        ['old', 1],
      ])
      const stale = await ns.getEntry('old')
      await ns.set('old', 2)
      await c.t.at(20_000)
      await ns.has('k')
      await ns.expiry('k')
      await ns.explain('k')
      await ns.get('k', { touch: false })
      await ns.getEntry('k', { touch: false })
      await ns.getMany(['k'], { touch: false })
      await ns.getOrSet('k', () => 0, { touch: false })
      equal(await ns.set('k', 2, { if: 'absent' }), false)
      equal(stale !== undefined && (await ns.set('old', 3, { if: { unchanged: stale } })), false)
      await c.ends(ns, 'k', 30_000)
      await c.ends(ns, 'old', 30_000)
    },
  },
  {
    id: 'sliding.lists-peek',
    title: 'keys, entries, count and stats restart nothing',
    why: 'An admin page that lists sessions must not revive all of them.',
    requires: { scan: ['once', 'repeats'] },
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: 'unbounded' }))
      await ns.set('k', 1)
      await c.t.at(20_000)
      same(await collect(ns.keys()), ['k'])
      same(await collect(ns.entries()), [['k', 1]])
      equal(await ns.count(), 1)
      if (c.can.stats) await ns.stats()
      await c.ends(ns, 'k', 30_000)
    },
  },
  {
    id: 'sliding.only-what-is-returned',
    title: 'getMany restarts what it returns, and creates nothing for what it does not',
    why: 'A miss that leaves state behind fills a store with nothing.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: 'unbounded' }))
      await ns.setMany([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ])
      await c.t.at(20_000)
      same(
        await ns.getMany(['a', 'missing', 'c']),
        new Map([
          ['a', 1],
          ['c', 1],
        ]),
      )
      await c.ends(ns, 'a', 50_000)
      await c.ends(ns, 'b', 30_000)
      await c.ends(ns, 'c', 50_000)
      await c.gone(ns, 'missing')
    },
  },
  {
    id: 'sliding.own-window',
    title: 'a read restarts the window that the entry was written with, not that of who reads',
    why: 'An entry put for 5 minutes under a default of 60 must not live 60 because it was read.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(90_000), { max: 'unbounded' }))
      await ns.set('k', 1, { ttl: c.t.span(20_000) })
      await c.t.at(10_000)
      await ns.get('k')
      await c.ends(ns, 'k', 30_000)
      await c.t.after(30_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'sliding.entry-decides',
    title: 'whether a read restarts is stored with the entry: a reader with another policy changes nothing about it',
    why: 'Two services with two configurations read the same session.',
    async run(c) {
      const slides = c.ns(sliding(c.t.span(30_000), { max: 'unbounded' }))
      const rolls = c.ns(rolling(c.t.span(40_000)))
      await slides.set('slides', 1)
      await rolls.set('rolls', 1)
      await c.t.at(20_000)
      equal(await rolls.get('slides'), 1)
      equal(await slides.get('rolls'), 1)
      same((await slides.getMany(['rolls'])).size, 1)
      await c.ends(rolls, 'slides', 50_000)
      await c.ends(slides, 'rolls', 40_000)
    },
  },
  {
    id: 'sliding.new-policy',
    title: 'a policy that was changed by a deployment governs the next write and no read before it',
    why: 'Reads must not depend on the history of configurations.',
    async run(c) {
      const old = c.ns(sliding(c.t.span(60_000), { max: 'unbounded' }))
      const deployed = c.ns(sliding(c.t.span(10_000), { max: 'unbounded' }))
      await old.set('k', 1)
      await c.t.at(20_000)
      await deployed.get('k')
      await c.ends(deployed, 'k', 80_000)
      await deployed.set('k', 2)
      await c.ends(deployed, 'k', 30_000)
    },
  },
  {
    id: 'sliding.never-stays-never',
    title: 'a read gives no deadline to what has none',
    why: 'GETEX on a persistent key makes it expire; a saver that unpins by reading loses it.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: 'unbounded' }))
      const permanent = c.ns({ restartOn: 'access' })
      await permanent.set('k', 1)
      await ns.set('pinned', 1)
      await ns.persist('pinned')
      for (let read = 0; read < 3; read++) {
        await ns.get('k')
        await ns.get('pinned')
      }
      await c.ends(ns, 'k', undefined)
      await c.ends(ns, 'pinned', undefined)
      await c.t.after(30_000)
      await c.alive(ns, 'pinned', 1)
    },
  },
  {
    id: 'sliding.absolute-does-not-slide',
    title: 'a read moves no absolute deadline',
    why: 'There is no window to restart.',
    async run(c) {
      const ns = c.ns({ restartOn: 'access' })
      await ns.set('k', 1, { expiresAt: c.t.instant(30_000) })
      await c.t.at(20_000)
      await ns.get('k')
      await c.ends(ns, 'k', 30_000)
    },
  },
]
