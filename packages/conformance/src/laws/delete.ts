import { equal } from '../expect.ts'
import type { Law } from '../law.ts'

export const deleteLaws: readonly Law[] = [
  {
    id: 'delete.removes',
    title: 'delete removes an entry and answers whether it was live',
    why: 'A logout that did nothing should be able to say so.',
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 1)
      await ns.set('other', 1)
      equal(await ns.delete('k'), true)
      await c.gone(ns, 'k')
      equal(await ns.delete('k'), false)
      equal(await ns.delete('missing'), false)
      await c.alive(ns, 'other', 1)
    },
  },
  {
    id: 'delete.expired',
    title: 'deleting what is expired answers false',
    why: 'When the sweeper ran must not be observable.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('k', 1)
      await c.t.after(20_000)
      equal(await ns.delete('k'), false)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'delete.forgets',
    title: 'what is written after a deletion begins anew, and a pin is gone with its entry',
    why: 'The next user of a name must not inherit a life.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(30_000) }, { limits: { max: c.t.span(60_000) } })
      await ns.set('k', 1)
      await ns.persist('k')
      await c.t.at(20_000)
      await ns.delete('k')
      await ns.set('k', 2, { expiry: 'keep' })
      const expiry = await c.living(ns, 'k')
      c.t.is(expiry.bornAt, 20_000)
      c.endsAt(expiry, 50_000)
    },
  },
]
