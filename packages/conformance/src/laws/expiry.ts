import { at, earliest, maxAge, sliding } from '@ttl/core'
import { equal, ok, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const expiryLaws: readonly Law[] = [
  {
    id: 'expiry.answers',
    title: 'expiry tells absent, never and expires apart',
    why: 'Not by -2, -1 and a number.',
    async run(c) {
      const ns = c.ns()
      same(await ns.expiry('missing'), { state: 'absent' })
      await ns.set('never', 1)
      equal((await ns.expiry('never')).state, 'never')
      await ns.set('k', 1, { ttl: c.t.span(60_000) })
      equal((await ns.expiry('k')).state, 'expires')
      await c.t.after(60_000)
      same(await ns.expiry('k'), { state: 'absent' })
    },
  },
  {
    id: 'expiry.tells-everything',
    title: 'expiry tells deadline, window, cap, birth, mode and gate',
    why: 'An operator who asks why something died needs the rule, not the number.',
    async run(c) {
      const ns = c.ns({ ...sliding(c.t.span(30_000), { max: c.t.span(90_000) }), refreshAfter: 0.5 })
      await c.t.at(10_000)
      await ns.set('k', 1)
      const expiry = await c.living(ns, 'k')
      if (expiry.state !== 'expires') throw new Error('should expire')
      c.t.is(expiry.expiresAt, 40_000)
      c.t.is(expiry.bornAt, 10_000)
      c.t.is(expiry.capAt, 100_000)
      equal(expiry.ttl?.ms, c.t.span(30_000).ms)
      equal(expiry.restartOn, 'access')
      equal(expiry.refreshAfter, 0.5)
      ok(expiry.remaining.ms > 0 && expiry.remaining.ms <= c.t.span(30_000).ms)
    },
  },
  {
    id: 'expiry.remaining',
    title: 'what remains is at least a millisecond while there is life, and never more than was given',
    why: 'A remaining 0 is taken for never, or for gone.',
    exact: true,
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 1, { ttl: c.t.span(1_000) })
      for (const [at, remaining] of [
        [0, 1_000],
        [500, 500],
        [999, 1],
      ] as const) {
        await c.t.at(at)
        const expiry = await ns.expiry('k')
        equal(expiry.state === 'expires' && expiry.remaining.ms, remaining)
      }
    },
  },
  {
    id: 'expiry.far',
    title: 'the last instant that can be represented is a deadline like any other, and sums stop there',
    why: '2^53, 2^63 and the year 10000 are where stores wrap around to now.',
    async run(c) {
      const ns = c.ns()
      const last = new Date(8_640_000_000_000_000)
      await ns.set('last', 1, { expiresAt: last })
      await ns.set('sum', 1, { lifetime: earliest(at(last), maxAge('36525d')) })
      await ns.set('y10k', 1, { expiresAt: '+010000-01-01T00:00:00.001Z' })
      for (const key of ['last', 'sum', 'y10k']) await c.alive(ns, key, 1)
      const [lastly, y10k] = [await c.living(ns, 'last'), await c.living(ns, 'y10k')]
      equal(lastly.state === 'expires' && Number(lastly.expiresAt), 8_640_000_000_000_000)
      equal(y10k.state === 'expires' && Number(y10k.expiresAt), 253_402_300_800_001)
      equal(await ns.touch('last'), true)
      equal(await ns.persist('last'), true)
    },
  },
  {
    id: 'expiry.saturates',
    title: 'a sum past the last instant stops there and stays finite',
    why: 'A huge lifetime must not become never, nor wrap.',
    exact: true,
    async run(c) {
      const ns = c.ns()
      const nearly = 8_640_000_000_000_000 - 1_767_225_600_000 - 5_000
      await c.t.at(nearly)
      await ns.set('k', 1, { ttl: '1h' })
      const expiry = await c.living(ns, 'k')
      equal(expiry.state === 'expires' && Number(expiry.expiresAt), 8_640_000_000_000_000)
      equal(await ns.touch('k'), true)
      await c.alive(ns, 'k', 1)
    },
    observes: ['origin'],
  },
]
