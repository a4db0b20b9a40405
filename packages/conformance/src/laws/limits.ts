import { at, never, sliding } from '@ttl/core'
import { equal } from '../expect.ts'
import type { Law } from '../law.ts'

export const limitLaws: readonly Law[] = [
  {
    id: 'limits.bind-every-write',
    title: 'no write lives longer than the limit: not never, not a longer ttl, not an instant',
    why: 'A retention promise that one call can lift is none.',
    async run(c) {
      const ns = c.ns({}, { limits: { max: c.t.span(30_000) } })
      await ns.set('policy', 1)
      await ns.set('never', 1, { ttl: never })
      await ns.set('ttl', 1, { ttl: c.t.span(90_000) })
      await ns.set('at', 1, { expiresAt: c.t.instant(90_000) })
      await ns.set('shorter', 1, { ttl: c.t.span(20_000) })
      await ns.setMany([['batch', 1, { ttl: never }]])
      for (const key of ['policy', 'never', 'ttl', 'at', 'batch']) await c.ends(ns, key, 30_000)
      await c.ends(ns, 'shorter', 20_000)
      await c.t.after(30_000)
      for (const key of ['policy', 'never', 'ttl', 'at', 'batch', 'shorter']) await c.gone(ns, key)
    },
  },
  {
    id: 'limits.from-birth',
    title: 'a limit counts from birth: rewriting, touching and reading do not lift it',
    why: 'Otherwise whatever is used often enough is kept for ever.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(30_000), restartOn: 'access' }, { limits: { max: c.t.span(50_000) } })
      for (const key of ['write', 'touch', 'read']) await ns.set(key, 1)
      for (const at of [20_000, 40_000]) {
        await c.t.at(at)
        await ns.set('write', at)
        await ns.touch('touch')
        await ns.get('read')
      }
      for (const key of ['write', 'touch', 'read']) await c.ends(ns, key, 50_000)
      await c.t.after(50_000)
      for (const key of ['write', 'touch', 'read']) await c.gone(ns, key)
    },
  },
  {
    id: 'limits.bind-persist',
    title: 'under a limit persist and expire go no further than birth and limit',
    why: 'A pin must not be a way around retention.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) }, { limits: { max: c.t.span(50_000) } })
      await ns.set('persist', 1)
      await ns.set('expire', 1)
      await ns.set('at', 1)
      await c.t.at(10_000)
      equal(await ns.persist('persist'), true)
      equal(await ns.expire('expire', c.t.span(90_000)), true)
      equal(await ns.expire('at', at(c.t.instant(90_000))), true)
      for (const key of ['persist', 'expire', 'at']) await c.ends(ns, key, 50_000)
    },
  },
  {
    id: 'limits.strictest',
    title: 'of the limits of store and namespace the strictest holds, whichever it is',
    why: 'A layer can only tighten.',
    async run(c) {
      const [short, long] = [c.t.span(30_000), c.t.span(90_000)]
      const inner = c.ns({}, { label: 'inner', limits: { max: short }, store: { limits: { max: long } } })
      const outer = c.ns({}, { label: 'outer', limits: { max: long }, store: { limits: { max: short } } })
      await inner.set('k', 1)
      await outer.set('k', 1)
      await c.ends(inner, 'k', 30_000)
      await c.ends(outer, 'k', 30_000)
    },
  },
  {
    id: 'limits.fold-into-kept',
    title: 'a limit that came later is folded into what keep and restart retain, deadline and cap',
    why: 'Otherwise what is only ever kept never meets the limit.',
    async run(c) {
      const before = c.ns({ ttl: c.t.span(60_000), restartOn: 'access' })
      const since = c.ns({}, { limits: { max: c.t.span(30_000) } })
      for (const key of ['keep', 'restart', 'pinned', 'unwritten']) await before.set(key, 1)
      await before.persist('pinned')
      await c.t.at(10_000)
      await since.set('keep', 2, { expiry: 'keep' })
      await since.set('restart', 2, { expiry: 'restart' })
      await since.set('pinned', 2, { expiry: 'keep' })
      for (const key of ['keep', 'restart', 'pinned']) await c.ends(before, key, 40_000)
      await c.ends(since, 'unwritten', 60_000)
      await c.t.at(20_000)
      await since.get('keep')
      await since.touch('keep')
      await c.ends(before, 'keep', 40_000)
    },
  },
  {
    id: 'limits.elapsed',
    title: 'keep, restart, expire and persist under a limit that has elapsed remove the entry and answer false',
    why: 'What is older than retention allows must not be written again.',
    async run(c) {
      const before = c.ns(sliding(c.t.span(60_000), { max: c.t.span(90_000) }))
      const since = c.ns({}, { limits: { max: c.t.span(20_000) } })
      for (const key of ['keep', 'restart', 'expire', 'persist']) await before.set(key, 1)
      await c.t.at(30_000)
      equal(await since.set('keep', 2, { expiry: 'keep' }), false)
      equal(await since.set('restart', 2, { expiry: 'restart' }), false)
      equal(await since.expire('expire', c.t.span(60_000)), false)
      equal(await since.persist('persist'), false)
      for (const key of ['keep', 'restart', 'expire', 'persist']) await c.gone(before, key)
    },
  },
  {
    id: 'limits.not-retroactive',
    title: 'a limit binds from the next write on: reads and touches consult no configuration',
    why: 'A read that shortens by its own configuration deletes what others keep.',
    async run(c) {
      const before = c.ns({ ttl: c.t.span(60_000), restartOn: 'access' })
      const since = c.ns({}, { limits: { max: c.t.span(20_000) } })
      await before.set('k', 1)
      await c.t.at(30_000)
      equal(await since.get('k'), 1)
      await c.ends(since, 'k', 90_000)
      equal(await since.touch('k'), true)
      await c.alive(since, 'k', 1)
    },
  },
]
