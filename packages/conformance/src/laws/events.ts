import { never, sliding } from '@ttl/core'
import { equal, given, names, ok, refused, same } from '../expect.ts'
import { brief, hearing } from '../hearing.ts'
import type { Law } from '../law.ts'

/** What those verbs do to a deadline. */
const DEADLINES = ['set', 'refreshed', 'persisted'] as const

export const eventLaws: readonly Law[] = [
  {
    id: 'events.set',
    title:
      'each write that is stored is told once, with what stands there afterwards; one that is not stored is not told',
    why: 'A log of writes that did not happen is worse than none.',
    async run(c) {
      const store = c.store({ policy: { ttl: c.t.span(50_000) } })
      const ns = store.namespace(c.name())
      const { heard } = await hearing(store, ...DEADLINES)
      await ns.set('a', 1)
      const [first] = heard()
      ok(first?.name === 'set')
      same([first.kind, first.namespace, first.key, first.expiry.restartOn], ['entry', ns.name, 'a', 'write'])
      c.endsAt(first.expiry, 50_000)
      await ns.setMany([
        ['b', 1, { ttl: never }],
        ['c', 1, { ttl: c.t.span(20_000) }],
        ['a', 2, { if: 'absent' }],
      ])
      const some = heard()
      same(brief(some), ['set entry b', 'set entry c'])
      for (const each of some) {
        ok(each.name === 'set')
        c.endsAt(each.expiry, each.key === 'b' ? undefined : 20_000)
      }
      await ns.set('d', 1, { if: 'present' })
      await ns.set('a', 3, { if: 'absent' })
      await ns.set('b', 1, { expiresAt: c.t.instant(-100_000) })
      await ns.getOrSet('a', () => 4)
      same(heard(), [])
      await ns.getOrSet('e', () => 5)
      same(brief(heard()), ['set entry e'])
    },
  },
  {
    id: 'events.group-set',
    title: 'a write of members is told once, as one of the group',
    why: 'The deadline is that of the group.',
    requires: { groups: 'yes' },
    async run(c) {
      const store = c.store()
      const group = store.namespace(c.name()).group('g', { ttl: c.t.span(20_000) })
      const { heard } = await hearing(store, ...DEADLINES)
      await group.setMany({ a: 1, b: 2 })
      const [first, ...more] = heard()
      ok(first?.name === 'set')
      same([first.kind, first.key, more], ['group', 'g', []])
      c.endsAt(first.expiry, 20_000)
      await c.t.at(10_000)
      await group.set('c', 3)
      const [set, refreshed, ...rest] = heard()
      ok(set?.name === 'set' && refreshed?.name === 'refreshed')
      c.endsAt(set.expiry, 30_000)
      c.t.is(refreshed.expiresAt, 30_000)
      same(rest, [])
    },
  },
  {
    id: 'events.refreshed',
    title: 'each read, touch and write that moves a deadline on is told, with the new one; what moves nothing is not',
    why: 'Why a session is still alive is asked when it should not be.',
    async run(c) {
      const store = c.store()
      const ns = store.namespace(c.name(), { policy: sliding(c.t.span(30_000), { max: 'unbounded' }) })
      const keys = ['get', 'getEntry', 'getMany', 'touch', 'restart', 'peek', 'keep']
      await ns.setMany(keys.map((key) => [key, 1] as const))
      await ns.set('written', 1, { restartOn: 'write' })
      await ns.set('created', 1, { restartOn: 'create' })
      const { heard } = await hearing(store, 'refreshed', 'persisted')
      await c.t.at(10_000)
      await Promise.all([
        ns.get('get'),
        ns.getEntry('getEntry'),
        ns.getMany(['getMany', 'written', 'created', 'missing']),
        ns.touch('touch'),
        ns.set('restart', 2, { expiry: 'restart' }),
        ns.get('peek', { touch: false }),
        ns.has('peek'),
        ns.set('keep', 2, { expiry: 'keep' }),
        ns.touch('created'),
        ns.touch('missing'),
        ns.set('missing', 1, { if: 'present', expiry: 'restart' }),
      ])
      const told = heard()
      same(
        brief(told).sort(),
        ['get', 'getEntry', 'getMany', 'restart', 'touch'].map((key) => `refreshed entry ${key}`),
      )
      for (const event of told) {
        equal(event.namespace, ns.name)
        c.t.is(given(event.expiresAt), 40_000)
      }
    },
  },
  {
    id: 'events.expire',
    title: 'expire tells where it moved a deadline to, sooner or later, and persist that it removed one',
    why: 'Who made this immortal?',
    async run(c) {
      const store = c.store({ policy: { ttl: c.t.span(50_000) } })
      const ns = store.namespace(c.name())
      await ns.setMany(names(3).map((key) => [key, 1] as const))
      const { heard } = await hearing(store, ...DEADLINES)
      await ns.expire('k0', c.t.span(20_000))
      await ns.expire('k1', never)
      await ns.persist('k2')
      await ns.persist('k2')
      await ns.persist('missing')
      await ns.expire('k2', c.t.span(90_000))
      const told = heard()
      same(brief(told), ['refreshed entry k0', 'persisted entry k1', 'persisted entry k2', 'refreshed entry k2'])
      c.t.is(given(told[0]?.name === 'refreshed' ? told[0].expiresAt : undefined), 20_000)
      equal(told[1]?.name === 'persisted' ? told[1].expiresAt : 'no event', undefined)
      c.t.is(given(told[3]?.name === 'refreshed' ? told[3].expiresAt : undefined), 90_000)
      const limited = store.namespace(c.name('limited'), { limits: { max: c.t.span(80_000) } })
      await limited.set('k', 1)
      heard()
      await limited.persist('k')
      const [persisted] = heard()
      c.t.is(given(persisted?.name === 'persisted' ? persisted.expiresAt : undefined), 80_000)
    },
  },
  {
    id: 'events.group-refreshed',
    title: 'a group that is read, touched, given another lifetime or pinned is told as one',
    why: 'There is one deadline, so there is one event.',
    requires: { groups: 'yes' },
    async run(c) {
      const store = c.store()
      const ns = store.namespace(c.name(), { policy: sliding(c.t.span(30_000), { max: 'unbounded' }) })
      const [read, touched, moved, pinned] = ['read', 'touched', 'moved', 'pinned'].map((id) => ns.group(id))
      for (const group of [read, touched, moved, pinned]) await group?.setMany({ a: 1, b: 2 })
      const { heard } = await hearing(store, 'refreshed', 'persisted')
      await c.t.at(10_000)
      await Promise.all([
        read?.getMany(),
        touched?.touch(),
        moved?.expire(c.t.span(60_000)),
        pinned?.persist(),
        ns.group('missing').get('a'),
      ])
      const told = heard().toSorted((one, other) => one.key.localeCompare(other.key))
      same(brief(told), [
        'refreshed group moved',
        'persisted group pinned',
        'refreshed group read',
        'refreshed group touched',
      ])
      c.t.is(given(told[0]?.expiresAt), 70_000)
      equal(told[1]?.expiresAt, undefined)
      c.t.is(given(told[2]?.expiresAt), 40_000)
      c.t.is(given(told[3]?.expiresAt), 40_000)
      heard()
      await read?.getMany(undefined, { touch: false })
      same(heard(), [])
    },
  },
  {
    id: 'events.stop',
    title: 'who has stopped listening is told nothing more, and others still are',
    why: 'A listener that cannot be removed is a leak.',
    async run(c) {
      const store = c.store()
      const ns = store.namespace(c.name())
      const [one, other] = [await hearing(store, 'set'), await hearing(store, 'set')]
      await ns.set('a', 1)
      await one.stop()
      await ns.set('b', 1)
      same([brief(one.heard()), brief(other.heard())], [['set entry a'], ['set entry a', 'set entry b']])
      await refused('TTL_INVALID', () => store.on('deleted' as 'set', () => undefined), /set, refreshed/)
      await refused('TTL_INVALID', () => store.on('set', 'me' as never), /function/)
    },
  },
]
