import { equal, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const takeLaws: readonly Law[] = [
  {
    id: 'take.once',
    title: 'take gives the value and removes it',
    why: 'One-time tokens.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      await ns.set('k', { token: 1 })
      same(await ns.take('k'), { token: 1 })
      await c.gone(ns, 'k')
      equal(await ns.take('k'), undefined)
    },
  },
  {
    id: 'take.expired',
    title: 'an expired entry cannot be taken',
    why: 'A one-time token has an end.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('k', 1)
      await c.t.after(20_000)
      equal(await ns.take('k'), undefined)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'take.values',
    title: 'values that look like nothing are taken as what they are',
    why: 'A falsy value is not a miss.',
    async run(c) {
      const ns = c.ns<unknown>()
      for (const value of [0, '', false, null, Uint8Array.of()]) {
        await ns.set('k', value)
        same(await ns.take('k'), value)
        equal(await ns.has('k'), false)
      }
    },
  },
  {
    id: 'take.forgets',
    title: 'what is written after a take begins anew',
    why: 'No birth, window or deadline of what was taken is left.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(30_000) }, { limits: { max: c.t.span(60_000) } })
      await ns.set('k', 1)
      await c.t.at(20_000)
      await ns.take('k')
      await ns.set('k', 2, { expiry: 'keep' })
      const expiry = await c.living(ns, 'k')
      c.t.is(expiry.bornAt, 20_000)
      c.endsAt(expiry, 50_000)
    },
  },
]
