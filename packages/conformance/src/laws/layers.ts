import { fixed, never, rolling, sliding } from '@ttl/core'
import { equal } from '../expect.ts'
import type { Law } from '../law.ts'

export const layerLaws: readonly Law[] = [
  {
    id: 'layers.specific-wins',
    title: 'call, namespace, store: the more specific layer decides, and undefined inherits',
    why: 'In the field null and undefined mean never, inherit and unchanged.',
    async run(c) {
      const ns = c.ns(rolling(c.t.span(30_000)), { store: { policy: rolling(c.t.span(90_000)) } })
      const bare = c.ns(undefined, { label: 'bare', store: { policy: rolling(c.t.span(90_000)) } })
      await ns.set('namespace', 1)
      await ns.set('call', 1, { ttl: c.t.span(10_000) })
      await ns.set('never', 1, { ttl: never })
      await ns.set('undefined', 1, { ttl: undefined, restartOn: undefined })
      await bare.set('store', 1)
      await c.ends(ns, 'namespace', 30_000)
      await c.ends(ns, 'call', 10_000)
      await c.ends(ns, 'never', undefined)
      await c.ends(ns, 'undefined', 30_000)
      await c.ends(bare, 'store', 90_000)
    },
  },
  {
    id: 'layers.field-by-field',
    title: 'layers combine field by field: what restarts an entry, and how long it lives, may come from two of them',
    why: 'A patch that resets what it does not mention surprises everybody.',
    async run(c) {
      const ns = c.ns({ restartOn: 'access' }, { store: { policy: { ttl: c.t.span(30_000), refreshAfter: 0.25 } } })
      await ns.set('k', 1)
      const expiry = await c.living(ns, 'k')
      c.endsAt(expiry, 30_000)
      equal(expiry.restartOn, 'access')
      equal(expiry.refreshAfter, 0.25)
      await ns.set('k', 1, { restartOn: 'write' })
      equal((await c.living(ns, 'k')).restartOn, 'write')
    },
  },
  {
    id: 'layers.ttl-keeps-cap',
    title: 'a ttl given for one call keeps the cap of the layer above; expiresAt and never replace the whole lifetime',
    why: "A per-call ttl must not lift a session's cap.",
    async run(c) {
      const ns = c.ns(sliding(c.t.span(10_000), { max: c.t.span(30_000) }))
      await ns.set('ttl', 1, { ttl: c.t.span(90_000) })
      await ns.set('at', 1, { expiresAt: c.t.instant(60_000) })
      await ns.set('never', 1, { ttl: never })
      await c.ends(ns, 'ttl', 30_000)
      await c.ends(ns, 'at', 60_000)
      await c.ends(ns, 'never', undefined)
    },
  },
  {
    id: 'layers.explain',
    title: 'explain tells the deadline that the same set then gets, for what is live and for what is not',
    why: 'An explanation that differs from what happens is worse than none.',
    async run(c) {
      const ns = c.ns(fixed(c.t.span(60_000)), { limits: { max: c.t.span(80_000) } })
      await ns.set('live', 1)
      await c.t.at(20_000)
      for (const key of ['live', 'new']) {
        for (const options of [undefined, { ttl: c.t.span(10_000) }, { ttl: never }, { expiry: 'restart' }] as const) {
          const told = await ns.explain(key, options)
          equal(told.live, key === 'live')
          if (key === 'new') continue
          await ns.set(key, 1, options)
          const expiry = await c.living(ns, key)
          const apart = expiry.state === 'expires' ? Number(expiry.expiresAt) - Number(told.deadline) : Number.NaN
          equal(apart >= 0 && apart <= c.t.span(3_000).ms, true, `${told} but ${apart} ms later`)
        }
      }
      await c.gone(ns, 'new')
    },
  },
]
