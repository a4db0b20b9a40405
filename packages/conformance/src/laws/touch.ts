import { fixed, sliding } from '@ttl/core'
import { equal } from '../expect.ts'
import type { Law } from '../law.ts'

export const touchLaws: readonly Law[] = [
  {
    id: 'touch.restarts',
    title: 'touch restarts the window under write and access, and leaves the value',
    why: 'Keep-alive without sending the value again.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      await ns.set('write', { v: 1 })
      await ns.set('access', { v: 2 }, { restartOn: 'access' })
      await c.t.at(40_000)
      equal(await ns.touch('write'), true)
      equal(await ns.touch('access'), true)
      await c.ends(ns, 'write', 100_000)
      await c.ends(ns, 'access', 100_000)
      await c.t.before(100_000)
      await c.alive(ns, 'write', { v: 1 })
      await c.alive(ns, 'access', { v: 2 })
      await c.t.after(100_000)
      await c.gone(ns, 'write')
    },
  },
  {
    id: 'touch.dead-stays-dead',
    title: 'touch revives nothing that is expired, swept or not, and answers false',
    why: 'connect-pg-simple: a session that had ended is valid again.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(20_000), { max: 'unbounded' }))
      await ns.set('k', 1)
      await c.t.after(20_000)
      equal(await ns.touch('k'), false)
      await c.gone(ns, 'k')
      await c.t.at(30_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'touch.creates-nothing',
    title: 'touch of what is not there answers false and creates nothing',
    why: 'Success for a session that does not exist.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      equal(await ns.touch('missing'), false)
      await c.gone(ns, 'missing')
      equal(await ns.set('missing', 1, { if: 'absent' }), true)
    },
  },
  {
    id: 'touch.own-window',
    title: "touch restarts the entry's own window, not that of who touches, and up to the cap only",
    why: 'The middleware that touches has a default; the session has a life.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(90_000) })
      await ns.set('k', 1, { ttl: c.t.span(20_000) })
      const capped = c.ns(sliding(c.t.span(30_000), { max: c.t.span(40_000) }))
      await capped.set('capped', 1)
      await c.t.at(10_000)
      await ns.touch('k')
      await ns.touch('capped')
      await c.ends(ns, 'k', 30_000)
      await c.ends(ns, 'capped', 40_000)
      await c.t.at(20_000)
      equal(await ns.touch('capped'), true)
      await c.ends(ns, 'capped', 40_000)
    },
  },
  {
    id: 'touch.never-stays-never',
    title: 'touch gives no deadline to what has none, and moves no absolute one',
    why: 'A pin that a keep-alive removes is none.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('pinned', 1)
      await ns.persist('pinned')
      await ns.set('absolute', 1, { expiresAt: c.t.instant(60_000) })
      await c.t.at(10_000)
      equal(await ns.touch('pinned'), true)
      equal(await ns.touch('absolute'), true)
      await c.ends(ns, 'pinned', undefined)
      await c.ends(ns, 'absolute', 60_000)
    },
  },
  {
    id: 'touch.create-mode',
    title: 'under create touch changes nothing and answers that the entry lives',
    why: 'A fixed life is changed by expire alone.',
    async run(c) {
      const ns = c.ns(fixed(c.t.span(40_000)))
      await ns.set('k', 1)
      await c.t.at(20_000)
      equal(await ns.touch('k'), true)
      await c.ends(ns, 'k', 40_000)
      await c.t.after(40_000)
      equal(await ns.touch('k'), false)
    },
  },
  {
    id: 'touch.extends-only',
    title: 'neither a touch, nor a read, nor a write that restarts brings a deadline forward',
    why: 'new = max(current, evaluated): a refresh that shortens is a deletion in disguise.',
    async run(c) {
      const ns = c.ns<number>()
      const timing = {
        expiresAt: Number(c.t.instant(90_000)),
        bornAt: undefined,
        ttlMs: c.t.span(20_000).ms,
        capAt: undefined,
        restartOn: 'access',
        refreshAfter: 0,
      } as const
      const placement = { onLive: 'exact', timing } as const
      await c.backend.write(
        ns.name,
        ['touch', 'get', 'restart'].map((key) => ({ key, payload: '1', placement })),
      )
      await c.t.at(10_000)
      equal(await ns.touch('touch'), true)
      equal(await ns.get('get'), 1)
      equal(await ns.set('restart', 1, { expiry: 'restart' }), true)
      for (const key of ['touch', 'get', 'restart']) await c.ends(ns, key, 90_000)
    },
  },
]
