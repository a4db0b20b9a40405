import { fixed, never, rolling } from '@ttl/core'
import { equal } from '../expect.ts'
import type { Law } from '../law.ts'

export const policyLaws: readonly Law[] = [
  {
    id: 'rolling.writes-restart',
    title: 'under rolling every write restarts the ttl, and no read does',
    why: 'JCache Modified: the age of the value decides.',
    async run(c) {
      const ns = c.ns(rolling(c.t.span(60_000)))
      await ns.set('k', 1)
      await c.t.at(40_000)
      equal(await ns.get('k'), 1)
      await ns.getMany(['k'])
      await ns.getEntry('k')
      await c.ends(ns, 'k', 60_000)
      await ns.set('k', 2)
      await c.ends(ns, 'k', 100_000)
      await c.t.before(100_000)
      await c.alive(ns, 'k', 2)
      await c.t.after(100_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'fixed.writes-keep',
    title: 'under fixed the first write decides: every way to write again changes the value and not the deadline',
    why: 'Redis SET drops the TTL that it finds.',
    async run(c) {
      const ns = c.ns<number>(fixed(c.t.span(60_000)))
      for (const key of ['set', 'setMany', 'unchanged', 'present', 'keep', 'restart']) await ns.set(key, 1)
      await c.t.at(40_000)
      equal(await ns.set('set', 2), true)
      await ns.setMany([['setMany', 2]])
      const entry = await ns.getEntry('unchanged')
      equal(entry !== undefined && (await ns.set('unchanged', 2, { if: { unchanged: entry } })), true)
      equal(await ns.set('present', 2, { if: 'present' }), true)
      equal(await ns.set('keep', 2, { expiry: 'keep' }), true)
      equal(await ns.set('restart', 2, { expiry: 'restart' }), true)
      for (const key of ['set', 'setMany', 'unchanged', 'present', 'keep', 'restart']) await c.ends(ns, key, 60_000)
      await c.t.before(60_000)
      await c.alive(ns, 'set', 2)
      await c.t.after(60_000)
      for (const key of ['set', 'setMany', 'unchanged', 'present', 'keep', 'restart']) await c.gone(ns, key)
      await ns.set('set', 3)
      await c.alive(ns, 'set', 3)
    },
  },
  {
    id: 'fixed.nothing-restarts',
    title: 'under fixed neither a read nor a touch moves the deadline, and a touch answers true',
    why: 'A fixed life ends when it was said to end; use expire to change it.',
    async run(c) {
      const ns = c.ns(fixed(c.t.span(60_000)))
      await ns.set('k', 1)
      await c.t.at(40_000)
      await ns.get('k')
      equal(await ns.touch('k'), true)
      await c.ends(ns, 'k', 60_000)
    },
  },
  {
    id: 'fixed.call-decides',
    title: 'under fixed a set that gives an expiry itself gets it, also a shorter one, also none',
    why: 'The more specific layer wins; a call is the most specific.',
    async run(c) {
      const ns = c.ns(fixed(c.t.span(60_000)))
      for (const key of ['shorter', 'longer', 'absolute', 'never']) await ns.set(key, 1)
      await c.t.at(40_000)
      await ns.set('shorter', 2, { ttl: c.t.span(10_000) })
      await ns.set('longer', 2, { ttl: c.t.span(90_000) })
      await ns.set('absolute', 2, { expiresAt: c.t.instant(80_000) })
      await ns.set('never', 2, { ttl: never })
      await c.ends(ns, 'shorter', 50_000)
      await c.ends(ns, 'longer', 130_000)
      await c.ends(ns, 'absolute', 80_000)
      await c.ends(ns, 'never', undefined)
      await c.t.after(50_000)
      await c.gone(ns, 'shorter')
      await c.alive(ns, 'longer', 2)
    },
  },
  {
    id: 'fixed.keeps-what-is-stored',
    title: 'under fixed a set keeps the stored deadline, window and pin, whoever wrote them',
    why: "What is kept is the entry's own expiry, not one that is computed again.",
    async run(c) {
      const ns = c.ns(fixed(c.t.span(60_000)))
      const other = c.ns({ ttl: c.t.span(90_000), restartOn: 'access' })
      await other.set('window', 1)
      await ns.set('pin', 1)
      await ns.persist('pin')
      await c.t.at(10_000)
      await ns.set('window', 2)
      await ns.set('pin', 2)
      await c.ends(ns, 'window', 90_000)
      await c.ends(ns, 'pin', undefined)
      await c.t.at(20_000)
      equal(await ns.get('window'), 2)
      await c.ends(ns, 'window', 110_000)
    },
  },
]
