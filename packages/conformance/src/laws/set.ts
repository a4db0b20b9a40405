import { never } from '@ttl/core'
import { equal, ok, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const setLaws: readonly Law[] = [
  {
    id: 'set.reads-back',
    title: 'what is set is there, in every view, and set answers true',
    why: 'A view with an opinion of its own shows misses that are none.',
    async run(c) {
      const ns = c.ns()
      await c.gone(ns, 'k')
      equal(await ns.set('k', { name: 'value', list: [1, 2] }), true)
      await c.alive(ns, 'k', { name: 'value', list: [1, 2] })
    },
  },
  {
    id: 'set.never',
    title: 'without any policy, and with ttl: never, an entry has no deadline',
    why: '-1, null and 0 each mean three things in the field; never is a state of its own.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      equal(await c.ns().set('default', 1), true)
      equal(await ns.set('said', 1, { ttl: never }), true)
      await c.t.after(30_000)
      for (const key of ['default', 'said']) {
        await c.alive(ns, key, 1)
        same(await ns.expiry(key), { state: 'never', bornAt: undefined, restartOn: 'write', refreshAfter: 0 })
      }
    },
  },
  {
    id: 'set.never-for-a-century',
    title: 'what has no deadline is there after a hundred years',
    why: 'A sentinel such as 2^31 seconds is a deadline.',
    exact: true,
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 1)
      await c.t.at(100 * 366 * 86_400_000)
      await c.alive(ns, 'k', 1)
    },
  },
  {
    id: 'set.ttl',
    title: 'a ttl ends an entry after exactly that time: there before it, gone from then on',
    why: 'The one promise that everything else rests on.',
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 'v', { ttl: c.t.span(60_000) })
      await c.ends(ns, 'k', 60_000)
      await c.t.before(60_000)
      await c.alive(ns, 'k', 'v')
      await c.t.after(60_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'set.expires-at',
    title: 'an absolute deadline ends an entry at that instant, whenever it was written',
    why: 'An instant read as a span, or a span as an instant, is off by decades.',
    async run(c) {
      const ns = c.ns()
      await ns.set('early', 1, { expiresAt: c.t.instant(60_000) })
      await c.t.at(30_000)
      await ns.set('late', 2, { expiresAt: c.t.instant(60_000) })
      await c.ends(ns, 'early', 60_000)
      await c.ends(ns, 'late', 60_000)
      await c.t.before(60_000)
      await c.alive(ns, 'early', 1)
      await c.alive(ns, 'late', 2)
      await c.t.after(60_000)
      await c.gone(ns, 'early')
      await c.gone(ns, 'late')
    },
  },
  {
    id: 'set.replaces-expiry',
    title: 'a set without an expiry of its own replaces the deadline by what the policy gives',
    why: 'A sweeper that remembers the old deadline deletes a permanent value later (level-ttl).',
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 'short', { ttl: c.t.span(20_000) })
      equal(await ns.set('k', 'permanent'), true)
      await c.ends(ns, 'k', undefined)
      await c.t.after(20_000)
      await c.sweep(ns)
      await c.alive(ns, 'k', 'permanent')
    },
  },
  {
    id: 'set.restarts',
    title: 'a set restarts the ttl of the policy',
    why: 'Every key-value store does; a value must not die at the age of its predecessor.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      await ns.set('k', 1)
      await c.t.at(40_000)
      await ns.set('k', 2)
      await c.t.after(60_000)
      await c.alive(ns, 'k', 2)
      await c.t.before(100_000)
      await c.alive(ns, 'k', 2)
      await c.t.after(100_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'set.may-shorten',
    title: 'a set may shorten what is left',
    why: 'Only reads and touches are extend-only; who writes a shorter life means it.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(100_000) })
      await ns.set('k', 1)
      await c.t.at(40_000)
      await ns.set('k', 2, { ttl: c.t.span(10_000) })
      await c.t.before(50_000)
      await c.alive(ns, 'k', 2)
      await c.t.after(50_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'set.past',
    title: 'a deadline in the past removes what was there and answers false',
    why: 'Instants cross now between computing and writing; leaving the old value is the worst outcome, throwing the second worst.',
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 'old')
      equal(await ns.set('k', 'new', { expiresAt: c.t.instant(-10_000) }), false)
      await c.gone(ns, 'k')
      equal(await ns.set('unknown', 'new', { expiresAt: c.t.instant(-10_000) }), false)
      await c.gone(ns, 'unknown')
    },
  },
  {
    id: 'set.past-at-now',
    title: 'a deadline at now is past, one a millisecond later is not',
    why: 'Live is now < expiresAt, here as everywhere.',
    exact: true,
    async run(c) {
      const ns = c.ns()
      await ns.set('k', 'old')
      equal(await ns.set('k', 'new', { expiresAt: c.t.instant(0) }), false)
      await c.gone(ns, 'k')
      equal(await ns.set('k', 'new', { expiresAt: c.t.instant(1) }), true)
      await c.alive(ns, 'k', 'new')
    },
  },
  {
    id: 'set.past-forgets',
    title: 'what a past deadline removed is forgotten: no birth, no window, no deadline is inherited',
    why: 'A leftover row with a value in it is a removed value that comes back.',
    async run(c) {
      const ns = c.ns()
      const capped = c.ns({ ttl: c.t.span(30_000) }, { limits: { max: c.t.span(60_000) } })
      await capped.set('k', 'old')
      await c.t.at(20_000)
      equal(await ns.set('k', 'x', { expiresAt: c.t.instant(10_000) }), false)
      equal(await ns.set('k', 'y', { expiry: 'keep' }), true)
      same(await ns.expiry('k'), { state: 'never', bornAt: undefined, restartOn: 'write', refreshAfter: 0 })
    },
  },
  {
    id: 'set.sub-second',
    title: 'spans below a second, and fractions of one, are kept',
    why: 'Truncated to seconds, 900 ms is 0, and 0 is for ever in some stores.',
    exact: true,
    async run(c) {
      const ns = c.ns()
      let begin = 0
      for (const ms of [1, 2, 250, 999, 1_001, 1_500]) {
        await c.t.at(begin)
        await ns.set('k', ms, { ttl: c.t.span(ms) })
        await c.t.before(begin + ms)
        await c.alive(ns, 'k', ms)
        await c.t.after(begin + ms)
        await c.gone(ns, 'k')
        begin += 10_000
      }
    },
  },
  {
    id: 'set.milliseconds',
    title: 'a ttl of so many seconds and 900 ms keeps its 900 ms',
    why: 'A store that counts in seconds is early or late by most of one.',
    async run(c) {
      const ns = c.ns()
      await ns.setMany([
        ['less', 1, { ttl: '100s' }],
        ['more', 1, { ttl: '100s900ms' }],
      ])
      const [less, more] = [await c.living(ns, 'less'), await c.living(ns, 'more')]
      if (less.state !== 'expires' || more.state !== 'expires') throw new Error('should expire')
      same([less.ttl?.ms, more.ttl?.ms], [100_000, 100_900])
      const apart = Number(more.expiresAt) - Number(less.expiresAt)
      ok(
        Math.abs(apart - 900) <= (c.t.exact ? 0 : c.t.span(3_000).ms),
        `the deadlines should be 900 ms apart, not ${apart}`,
      )
    },
  },
  {
    id: 'set.long',
    title: 'long spans live their whole length',
    why: '30 days and a second is an instant in 1970 for memcached; 25 days is at once for a timer of 31 bits.',
    async run(c) {
      const ns = c.ns()
      const spans = { '2160000s': 2_160_000_000, '2592001s': 2_592_001_000, '5200w': 5_200 * 604_800_000 } as const
      for (const ttl of Object.keys(spans) as (keyof typeof spans)[]) {
        equal(await ns.set(ttl, ttl, { ttl }), true)
        await c.alive(ns, ttl, ttl)
        const expiry = await c.living(ns, ttl)
        equal(expiry.state, 'expires')
        if (expiry.state !== 'expires') continue
        equal(Number(expiry.ttl), spans[ttl])
        equal(spans[ttl] - Number(expiry.remaining) < 60_000, true, `${ttl} has only ${expiry.remaining} left`)
      }
    },
  },
  {
    id: 'set.long-to-the-millisecond',
    title: 'long spans end when they should',
    why: 'A float of 32 bits, or seconds in between, is off by minutes.',
    exact: true,
    async run(c) {
      const ns = c.ns()
      for (const ms of [2_147_483_648, 2_592_001_000, 3_155_760_000_000]) {
        await ns.set(`k${ms}`, ms, { ttl: c.t.span(ms) })
      }
      for (const ms of [2_147_483_648, 2_592_001_000, 3_155_760_000_000]) {
        await c.t.before(ms)
        await c.alive(ns, `k${ms}`, ms)
        await c.t.after(ms)
        await c.gone(ns, `k${ms}`)
      }
    },
  },
  {
    id: 'set.forgets-policy',
    title: 'what an entry was stored with does not govern a later set',
    why: 'Otherwise a deployed change of policy never arrives.',
    async run(c) {
      const sliding = c.ns({ ttl: c.t.span(30_000), restartOn: 'access', refreshAfter: 0.5 })
      const rolling = c.ns({ ttl: c.t.span(40_000) })
      await sliding.set('k', 1)
      await rolling.set('k', 2)
      const expiry = await c.living(rolling, 'k')
      equal(expiry.restartOn, 'write')
      equal(expiry.refreshAfter, 0)
      await c.t.at(20_000)
      equal(await rolling.get('k'), 2)
      await c.ends(rolling, 'k', 40_000)
    },
  },
  {
    id: 'set.over-expired',
    title: 'a write over an expired entry is a creation, swept or not',
    why: 'When the sweeper ran must not be observable.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) }, { limits: { max: c.t.span(60_000) } })
      for (const key of ['plain', 'keep', 'restart', 'fixed']) await ns.set(key, 'old')
      await c.t.at(40_000)
      await ns.set('plain', 'new')
      await ns.set('keep', 'new', { expiry: 'keep' })
      await ns.set('restart', 'new', { expiry: 'restart' })
      await ns.set('fixed', 'new', { restartOn: 'create' })
      for (const key of ['plain', 'keep', 'restart', 'fixed']) {
        await c.alive(ns, key, 'new')
        const expiry = await c.living(ns, key)
        c.endsAt(expiry, 60_000)
        c.t.is(expiry.bornAt, 40_000)
      }
    },
  },
]
