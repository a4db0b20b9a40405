import { equal } from '../expect.ts'
import type { Law } from '../law.ts'

export const refreshAfterLaws: readonly Law[] = [
  {
    id: 'refreshAfter.gate',
    title: 'a read restarts only once that fraction of the window has passed',
    why: 'Without it every read is a write.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000), restartOn: 'access', refreshAfter: 0.5 })
      await ns.set('k', 1)
      await c.t.at(20_000)
      equal(await ns.get('k'), 1)
      await ns.getMany(['k'])
      await c.ends(ns, 'k', 60_000)
      await c.t.at(40_000)
      await ns.get('k')
      await c.ends(ns, 'k', 100_000)
      await c.t.at(60_000)
      await ns.get('k')
      await c.ends(ns, 'k', 100_000)
    },
  },
  {
    id: 'refreshAfter.to-the-millisecond',
    title: 'the gate opens when exactly that fraction has passed, not a millisecond before',
    why: 'expiresAt − now ≤ (1 − refreshAfter) · window, on every backend.',
    exact: true,
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000), restartOn: 'access' })
      const fractions = [0.25, 0.5, 0.75, 0.9]
      for (const fraction of fractions) await ns.set(`k${fraction}`, 1, { refreshAfter: fraction })
      for (const fraction of fractions) {
        const key = `k${fraction}`
        await c.t.at(fraction * 60_000 - 1)
        await ns.get(key)
        await c.ends(ns, key, 60_000)
        await c.t.at(fraction * 60_000)
        await ns.get(key)
        await c.ends(ns, key, 60_000 + fraction * 60_000)
      }
    },
  },
  {
    id: 'refreshAfter.stored',
    title: 'the fraction is that of the entry, stored as it was given',
    why: 'Rounded to two digits, a third is another gate.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000), restartOn: 'access' })
      const fractions = [0, 0.1, 1 / 3, 0.123456789, 0.999]
      for (const fraction of fractions) {
        await ns.set('k', 1, { refreshAfter: fraction })
        equal((await c.living(ns, 'k')).refreshAfter, fraction)
      }
    },
  },
  {
    id: 'refreshAfter.touch',
    title: 'an explicit touch does not ask the gate',
    why: 'Touch is said, not guessed.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000), restartOn: 'access', refreshAfter: 0.9 })
      await ns.set('k', 1)
      await c.t.at(10_000)
      equal(await ns.touch('k'), true)
      await c.ends(ns, 'k', 70_000)
    },
  },
  {
    id: 'refreshAfter.near-the-cap',
    title: 'where the deadline is the cap already, reads through an open gate change nothing',
    why: 'A hundred reads, no gain.',
    async run(c) {
      const ns = c.ns(
        { ttl: c.t.span(60_000), restartOn: 'access', refreshAfter: 0.5 },
        { limits: { max: c.t.span(70_000) } },
      )
      await ns.set('k', 1)
      await c.t.at(40_000)
      for (let read = 0; read < 5; read++) await ns.get('k')
      await c.ends(ns, 'k', 70_000)
      await c.t.after(70_000)
      await c.gone(ns, 'k')
    },
  },
]
