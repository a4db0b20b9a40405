import { at, fixed, maxAge, never, rolling, sliding } from '@ttl/core'
import { equal, same } from '../expect.ts'
import type { Law } from '../law.ts'

const GROUPS = { groups: 'yes' } as const

export const groupExpiryLaws: readonly Law[] = [
  {
    id: 'group.dies-together',
    title: 'all members of a group have one deadline: until it all are there, from then on none',
    why: 'Checkpoints whose parts expire apart are the commonest bug of the field.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns(rolling(c.t.span(60_000))).group('g')
      await group.set('first', 1)
      await c.t.at(20_000)
      await group.setMany({ second: 2, third: 3 })
      c.endsAt(await group.expiry(), 80_000)
      await c.t.before(80_000)
      equal((await group.getMany(undefined, { touch: false })).size, 3)
      equal(await group.get('first'), 1)
      await c.t.after(80_000)
      equal((await group.getMany()).size, 0)
      for (const member of ['first', 'second', 'third']) equal(await group.get(member), undefined)
      equal((await group.expiry()).state, 'absent')
      equal(await group.touch(), false)
      equal(await group.expire(c.t.span(60_000)), false)
      equal(await group.persist(), false)
      equal(await group.delete('first'), false)
      equal(await group.delete(), false)
    },
  },
  {
    id: 'group.writes-restart',
    title: 'a member write restarts the window that the group was created with, whatever the handle says by then',
    why: 'Two deployments write to one thread.',
    requires: GROUPS,
    async run(c) {
      const ns = c.ns(rolling(c.t.span(90_000)))
      await ns.group('g', { ttl: c.t.span(30_000) }).set('a', 1)
      await c.t.at(20_000)
      equal(await ns.group('g').set('b', 2), true)
      c.endsAt(await ns.group('g').expiry(), 50_000)
    },
  },
  {
    id: 'group.fixed',
    title: "under 'create' neither member writes, nor reads, nor touches move the group's deadline",
    why: 'A fixed life ends when it was said to end.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns(fixed(c.t.span(40_000))).group('g')
      await group.set('a', 1)
      await c.t.at(20_000)
      equal(await group.set('b', 2), true)
      await group.get('a')
      equal(await group.touch(), true)
      c.endsAt(await group.expiry(), 40_000)
      await c.t.after(40_000)
      equal((await group.getMany()).size, 0)
    },
  },
  {
    id: 'group.slides',
    title: 'reads of members restart a group that was created under access, for all members, up to its cap',
    why: 'Reading one part must keep the parts together.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns(sliding(c.t.span(30_000), { max: c.t.span(70_000) })).group('g')
      await group.setMany({ a: 1, b: 2 })
      await c.t.at(20_000)
      equal(await group.get('a'), 1)
      c.endsAt(await group.expiry(), 50_000)
      await c.t.at(40_000)
      equal((await group.getMany(['b', 'missing'])).size, 1)
      c.endsAt(await group.expiry(), 70_000)
      await c.t.at(60_000)
      equal((await group.getMany()).size, 2)
      c.endsAt(await group.expiry(), 70_000)
      await c.t.after(70_000)
      equal((await group.getMany()).size, 0)
    },
  },
  {
    id: 'group.peeks',
    title: 'a read that returns nothing, one with touch: false, and expiry restart nothing',
    why: 'Polling for a member that is not there yet must not keep a group alive.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns(sliding(c.t.span(30_000), { max: 'unbounded' })).group('g')
      await group.set('a', 1)
      await c.t.at(20_000)
      equal(await group.get('missing'), undefined)
      equal((await group.getMany(['missing', 'too'])).size, 0)
      await group.get('a', { touch: false })
      await group.getMany(undefined, { touch: false })
      await group.expiry()
      await group.delete('missing')
      c.endsAt(await group.expiry(), 30_000)
    },
  },
  {
    id: 'group.gated',
    title: 'refreshAfter is decided once for the group',
    why: 'Decided for each member they drift apart.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns({ ttl: c.t.span(60_000), restartOn: 'access', refreshAfter: 0.5 }).group('g')
      await group.setMany({ a: 1, b: 2 })
      await c.t.at(20_000)
      await group.get('a')
      c.endsAt(await group.expiry(), 60_000)
      await c.t.at(40_000)
      await group.get('b')
      c.endsAt(await group.expiry(), 100_000)
    },
  },
  {
    id: 'group.touch-expire-persist',
    title: 'touch, expire and persist work on a group as they do on an entry',
    why: 'One set of rules.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns(rolling(c.t.span(30_000))).group('g')
      await group.setMany({ a: 1, b: 2 })
      await c.t.at(20_000)
      equal(await group.touch(), true)
      c.endsAt(await group.expiry(), 50_000)
      equal(await group.expire(c.t.span(60_000)), true)
      c.endsAt(await group.expiry(), 80_000)
      equal(await group.expire(at(c.t.instant(40_000))), true)
      await group.set('b', 3)
      c.endsAt(await group.expiry(), 40_000)
      equal(await group.persist(), true)
      await group.set('c', 3)
      equal(await group.touch(), true)
      c.endsAt(await group.expiry(), undefined)
      await c.t.after(80_000)
      equal((await group.getMany()).size, 3)
      equal(await group.expire(at(c.t.instant(10_000))), false)
      equal((await group.getMany()).size, 0)
    },
  },
  {
    id: 'group.dead-members-stay-dead',
    title: 'a group that is written after its end has no member of the dead one, swept or not',
    why: "Yesterday's pending writes in today's thread.",
    requires: GROUPS,
    async run(c) {
      const ns = c.ns(sliding(c.t.span(20_000), { max: c.t.span(60_000) }))
      const group = ns.group('g')
      await group.setMany({ old: 1, shared: 'old' })
      await c.t.at(30_000)
      equal(await group.set('shared', 'new'), true)
      same(await group.getMany(), new Map([['shared', 'new']]))
      equal(await group.get('old'), undefined)
      const expiry = await group.expiry()
      c.endsAt(expiry, 50_000)
      c.t.is(expiry.state === 'expires' ? expiry.bornAt : undefined, 30_000)
    },
  },
  {
    id: 'group.dead-members-after-a-sweep',
    title: 'a sweep removes the members with the group: none is left for a group of the same name',
    why: 'Members whose group row is gone are orphans that come back.',
    requires: GROUPS,
    async run(c) {
      const ns = c.ns(rolling(c.t.span(20_000)))
      await ns.group('g').setMany({ old: 1, older: 2 })
      await c.t.at(30_000)
      await c.sweep(ns)
      await ns.group('g').set('new', 1)
      same(await ns.group('g').getMany(), new Map([['new', 1]]))
      await ns.group('g').delete()
      await ns.group('g').set('newer', 1)
      same(await ns.group('g').getMany(), new Map([['newer', 1]]))
    },
  },
  {
    id: 'group.limits',
    title: 'limits bind groups: from birth, for member writes, expire and persist alike',
    why: 'Retention is not about entries alone.',
    requires: GROUPS,
    async run(c) {
      const ns = c.ns(rolling(c.t.span(30_000)), { limits: { max: c.t.span(50_000) } })
      const [written, pinned] = [ns.group('written'), ns.group('pinned', { ttl: never })]
      await written.set('a', 1)
      await pinned.set('a', 1)
      c.endsAt(await pinned.expiry(), 50_000)
      await c.t.at(20_000)
      await written.set('b', 1)
      equal(await pinned.persist(), true)
      c.endsAt(await written.expiry(), 50_000)
      c.endsAt(await pinned.expiry(), 50_000)
      await c.t.at(40_000)
      await written.set('c', 1)
      equal(await written.expire(c.t.span(60_000)), true)
      c.endsAt(await written.expiry(), 50_000)
      await c.t.after(50_000)
      equal((await written.getMany()).size, 0)
      equal((await pinned.getMany()).size, 0)
    },
  },
  {
    id: 'group.limits-elapsed',
    title: 'a member write under a limit that has elapsed removes the group and answers false',
    why: 'What is older than retention allows must not be written again.',
    requires: GROUPS,
    async run(c) {
      const before = c.ns({ lifetime: maxAge(c.t.span(90_000)) })
      const since = c.ns({}, { limits: { max: c.t.span(20_000) } })
      await before.group('g').setMany({ a: 1, b: 2 })
      await c.t.at(30_000)
      equal(await since.group('g').set('c', 3), false)
      equal((await before.group('g').getMany()).size, 0)
      equal((await before.group('g').expiry()).state, 'absent')
    },
  },
  {
    id: 'group.past',
    title: 'a group whose policy has ended already is not created',
    why: 'It is data, not an exception.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns().group('g', { expiresAt: c.t.instant(-10_000) })
      equal(await group.setMany({ a: 1, b: 2 }), false)
      equal((await group.getMany()).size, 0)
      equal((await group.expiry()).state, 'absent')
    },
  },
  {
    id: 'group.boundary',
    title: 'a group is swept when it is dead and not before, and counts once',
    why: 'One rule for entries and groups.',
    requires: { ...GROUPS, reclaims: 'sweep' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns(rolling(c.t.span(20_000)))
      await ns.group('g').setMany({ a: 1, b: 2, c: 3 })
      await c.t.before(20_000)
      equal(await c.sweep(ns), 0)
      equal((await ns.group('g').getMany()).size, 3)
      await c.t.after(20_000)
      equal(await c.sweep(ns), 1)
      equal(await c.sweep(ns), 0)
    },
  },
]
