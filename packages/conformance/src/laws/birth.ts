import { fixed, maxAge, never, rolling } from '@ttl/core'
import { equal } from '../expect.ts'
import type { Law } from '../law.ts'

export const birthLaws: readonly Law[] = [
  {
    id: 'birth.recorded-when-needed',
    title: 'a birth is recorded when an expiry needs it, by a maximum age or a limit, and not before',
    why: 'A plain relative write needs no look at what it overwrites; a cap without a birth is none.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      const limited = c.ns({ ttl: c.t.span(60_000) }, { limits: { max: c.t.span(90_000) } })
      await c.t.at(10_000)
      await ns.set('plain', 1)
      await ns.set('aged', 1, { lifetime: maxAge(c.t.span(60_000)) })
      await limited.set('limited', 1)
      await limited.set('never', 1, { ttl: never })
      equal((await c.living(ns, 'plain')).bornAt, undefined)
      for (const key of ['aged', 'limited', 'never']) c.t.is((await c.living(ns, key)).bornAt, 10_000)
    },
  },
  {
    id: 'birth.survives-writes',
    title: 'every write on a live entry that needs a birth keeps the one there is',
    why: 'A cap that a rewrite resets is how a job keeps a session alive for ever.',
    async run(c) {
      const ns = c.ns(rolling(c.t.span(60_000)), { limits: { max: c.t.span(90_000) } })
      for (const key of ['set', 'ttl', 'keep', 'restart', 'expire', 'persist', 'never']) await ns.set(key, 1)
      await c.t.at(20_000)
      await ns.set('set', 2)
      await ns.set('ttl', 2, { ttl: c.t.span(50_000) })
      await ns.set('keep', 2, { expiry: 'keep' })
      await ns.set('restart', 2, { expiry: 'restart' })
      await ns.expire('expire', c.t.span(40_000))
      await ns.persist('persist')
      await ns.set('never', 2, { ttl: never })
      for (const key of ['set', 'ttl', 'keep', 'restart', 'expire', 'persist', 'never']) {
        c.t.is((await c.living(ns, key)).bornAt, 0)
      }
      await c.t.after(90_000)
      for (const key of ['set', 'ttl', 'keep', 'restart', 'expire', 'persist', 'never']) await c.gone(ns, key)
    },
  },
  {
    id: 'birth.first-need',
    title: 'the first write over a live entry that needs a birth, and finds none, is its birth',
    why: 'Every backend alike, also one that does not record what nobody asked for.',
    async run(c) {
      const plain = c.ns({ ttl: c.t.span(90_000) })
      const limited = c.ns({ ttl: c.t.span(90_000) }, { limits: { max: c.t.span(60_000) } })
      await plain.set('set', 1)
      await plain.set('keep', 1)
      await c.t.at(20_000)
      await limited.set('set', 2)
      await limited.set('keep', 2, { expiry: 'keep' })
      for (const key of ['set', 'keep']) {
        c.t.is((await c.living(plain, key)).bornAt, 20_000)
        await c.ends(plain, key, 80_000)
      }
    },
  },
  {
    id: 'birth.dropped-when-unneeded',
    title: 'a set that needs no birth leaves none; expire and persist keep it',
    why: 'One rule for every backend, or a later cap counts from another birth here and there.',
    async run(c) {
      const ns = c.ns()
      for (const key of ['set', 'expire', 'persist']) await ns.set(key, 1, { lifetime: maxAge(c.t.span(90_000)) })
      await c.t.at(10_000)
      await ns.set('set', 2, { ttl: c.t.span(60_000) })
      await ns.expire('expire', c.t.span(60_000))
      await ns.persist('persist')
      equal((await c.living(ns, 'set')).bornAt, undefined)
      c.t.is((await c.living(ns, 'expire')).bornAt, 0)
      c.t.is((await c.living(ns, 'persist')).bornAt, 0)
    },
  },
  {
    id: 'birth.again',
    title: 'what is written after death or deletion is born then',
    why: 'A cap that is inherited from the dead kills the living early.',
    async run(c) {
      const ns = c.ns(fixed(maxAge(c.t.span(20_000))))
      await ns.set('expired', 1)
      await ns.set('deleted', 1)
      await c.t.at(10_000)
      await ns.delete('deleted')
      await ns.set('deleted', 2)
      await c.t.at(40_000)
      await ns.set('expired', 2)
      c.t.is((await c.living(ns, 'expired')).bornAt, 40_000)
      await c.ends(ns, 'expired', 60_000)
      await c.gone(ns, 'deleted')
    },
  },
]
