import { after, at, earliest, maxAge, never, sliding } from '@ttl/core'
import { equal } from '../expect.ts'
import type { Law } from '../law.ts'

export const expireLaws: readonly Law[] = [
  {
    id: 'expire.replaces',
    title: 'expire gives a new deadline, later or earlier, and leaves the value',
    why: 'Of all that moves deadlines it is the one that may shorten without writing.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      for (const key of ['shorter', 'longer', 'absolute']) await ns.set(key, { v: key })
      await c.t.at(20_000)
      equal(await ns.expire('shorter', c.t.span(10_000)), true)
      equal(await ns.expire('longer', after(c.t.span(90_000))), true)
      equal(await ns.expire('absolute', at(c.t.instant(50_000))), true)
      await c.ends(ns, 'shorter', 30_000)
      await c.ends(ns, 'longer', 110_000)
      await c.ends(ns, 'absolute', 50_000)
      await c.t.before(30_000)
      await c.alive(ns, 'shorter', { v: 'shorter' })
      await c.t.after(30_000)
      await c.gone(ns, 'shorter')
      await c.alive(ns, 'longer', { v: 'longer' })
    },
  },
  {
    id: 'expire.whole-lifetime',
    title: 'expire replaces window and cap as well, and keeps what restarts the entry',
    why: 'A restart by the old window would undo it.',
    async run(c) {
      const ns = c.ns({ ...sliding(c.t.span(60_000), { max: c.t.span(70_000) }), refreshAfter: 0.25 })
      await ns.set('window', 1)
      await ns.set('absolute', 1)
      await c.t.at(10_000)
      await ns.expire('window', c.t.span(90_000))
      await ns.expire('absolute', at(c.t.instant(90_000)))
      await c.t.at(40_000)
      await ns.get('window')
      await ns.get('absolute')
      await ns.touch('absolute')
      await c.ends(ns, 'window', 130_000)
      await c.ends(ns, 'absolute', 90_000)
      const expiry = await c.living(ns, 'window')
      equal(expiry.restartOn, 'access')
      equal(expiry.refreshAfter, 0.25)
    },
  },
  {
    id: 'expire.from-birth',
    title: 'expire counts a maximum age from birth; what has none recorded is born now',
    why: 'A cap that is measured from the last change is none.',
    async run(c) {
      const ns = c.ns()
      await ns.set('born', 1, { lifetime: maxAge(c.t.span(90_000)) })
      await ns.set('unborn', 1)
      await c.t.at(20_000)
      for (const key of ['born', 'unborn'])
        await ns.expire(key, earliest(maxAge(c.t.span(60_000)), after(c.t.span(50_000))))
      await c.ends(ns, 'born', 60_000)
      await c.ends(ns, 'unborn', 70_000)
      c.t.is((await c.living(ns, 'born')).bornAt, 0)
      c.t.is((await c.living(ns, 'unborn')).bornAt, 20_000)
    },
  },
  {
    id: 'expire.past',
    title: 'expire with a past instant, or an age that has passed, removes the entry and answers false',
    why: 'It is data, not an exception.',
    async run(c) {
      const ns = c.ns()
      await ns.set('instant', 1)
      await ns.set('age', 1, { lifetime: maxAge(c.t.span(90_000)) })
      await c.t.at(20_000)
      equal(await ns.expire('instant', at(c.t.instant(10_000))), false)
      equal(await ns.expire('age', maxAge(c.t.span(10_000))), false)
      await c.gone(ns, 'instant')
      await c.gone(ns, 'age')
    },
  },
  {
    id: 'expire.absent',
    title: 'expire and persist of what is absent or expired answer false, create nothing and revive nothing',
    why: 'EXPIRE on a missing key is 0, not a new key.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('expired', 1)
      await c.t.after(20_000)
      for (const key of ['expired', 'missing']) {
        equal(await ns.expire(key, c.t.span(60_000)), false)
        equal(await ns.persist(key), false)
        equal(await ns.expire(key, never), false)
        await c.gone(ns, key)
      }
    },
  },
  {
    id: 'persist.pins',
    title: 'persist removes the deadline, and reads, touches and kept writes do not bring it back',
    why: 'GETEX and careless savers unpin what is read.',
    async run(c) {
      const ns = c.ns<number>(sliding(c.t.span(20_000), { max: c.t.span(40_000) }))
      await ns.set('k', 1)
      equal(await ns.persist('k'), true)
      await c.t.at(10_000)
      for (let read = 0; read < 3; read++) equal(await ns.get('k'), 1)
      await ns.getMany(['k'])
      equal(await ns.touch('k'), true)
      equal(await ns.set('k', 2, { expiry: 'keep' }), true)
      equal(await ns.set('k', 3, { expiry: 'restart' }), true)
      await c.ends(ns, 'k', undefined)
      await c.t.after(40_000)
      await c.alive(ns, 'k', 3)
    },
  },
  {
    id: 'persist.ends',
    title: 'a pin ends with a set that gives or resolves an expiry, and with expire',
    why: 'Pinned is a state, not a fate.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      for (const key of ['policy', 'call', 'expire']) {
        await ns.set(key, 1)
        await ns.persist(key)
      }
      await c.t.at(10_000)
      await ns.set('policy', 2)
      await ns.set('call', 2, { ttl: c.t.span(20_000) })
      equal(await ns.expire('expire', c.t.span(30_000)), true)
      await c.ends(ns, 'policy', 70_000)
      await c.ends(ns, 'call', 30_000)
      await c.ends(ns, 'expire', 40_000)
      await c.t.after(40_000)
      await c.gone(ns, 'expire')
      await c.alive(ns, 'policy', 2)
    },
  },
  {
    id: 'persist.keeps-mode',
    title: 'an entry that was pinned and given an expiry again slides as it did before',
    why: 'A pin is about the deadline, not about what the entry is.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(20_000), { max: 'unbounded' }))
      await ns.set('k', 1)
      await ns.persist('k')
      await ns.expire('k', c.t.span(30_000))
      await c.t.at(20_000)
      await ns.get('k')
      await c.ends(ns, 'k', 50_000)
    },
  },
]
