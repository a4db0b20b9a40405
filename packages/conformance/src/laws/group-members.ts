import { equal, names, refused, same } from '../expect.ts'
import type { Law } from '../law.ts'
import { collect } from '../scene.ts'

const GROUPS = { groups: 'yes' } as const

export const groupMemberLaws: readonly Law[] = [
  {
    id: 'group.members',
    title: 'members of a group are written, read, replaced and deleted by name',
    why: 'A checkpoint, its blobs and its pending writes.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns().group('g')
      equal(await group.get('a'), undefined)
      same(await group.getMany(), new Map())
      equal(await group.set('a', 1), true)
      equal(await group.setMany({ b: 2, c: { deep: [3] } }), true)
      equal(await group.set('a', 'again'), true)
      equal(await group.get('a'), 'again')
      same(
        await group.getMany(['c', 'missing', 'a']),
        new Map<string, unknown>([
          ['c', { deep: [3] }],
          ['a', 'again'],
        ]),
      )
      same(
        new Map(await collect(group.entries())),
        new Map<string, unknown>([
          ['a', 'again'],
          ['b', 2],
          ['c', { deep: [3] }],
        ]),
      )
      equal(await group.delete('a'), true)
      equal(await group.delete('a'), false)
      equal(await group.get('a'), undefined)
      equal(await group.get('b'), 2)
    },
  },
  {
    id: 'group.values',
    title: 'values that look like nothing, and bytes, are members like any other',
    why: 'A falsy value is not a miss.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns<unknown>().group('g')
      const members = {
        zero: 0,
        empty: '',
        no: false,
        nothing: null,
        bytes: Uint8Array.of(0, 255),
        none: Uint8Array.of(),
      }
      await group.setMany(members)
      for (const [member, value] of Object.entries(members)) same(await group.get(member), value)
      equal((await group.getMany()).size, 6)
    },
  },
  {
    id: 'group.empty-is-absent',
    title: 'a group whose last member was deleted is absent, and what follows is a new one',
    why: 'An empty group that stays keeps a birth that nobody sees.',
    requires: GROUPS,
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) }, { limits: { max: c.t.span(90_000) } })
      const group = ns.group('g')
      await group.setMany({ a: 1, b: 2 })
      await c.t.at(20_000)
      await group.delete('a')
      equal((await group.expiry()).state, 'expires')
      await group.delete('b')
      equal((await group.expiry()).state, 'absent')
      equal(await group.touch(), false)
      equal(await group.delete(), false)
      await group.set('c', 3)
      const expiry = await group.expiry()
      c.endsAt(expiry, 80_000)
      c.t.is(expiry.state === 'expires' ? expiry.bornAt : undefined, 20_000)
    },
  },
  {
    id: 'group.delete',
    title: 'deleting a group removes every member at once and answers whether it was live',
    why: 'Half a deleted group is a corrupt one.',
    requires: GROUPS,
    async run(c) {
      const ns = c.ns()
      const group = ns.group('g')
      await group.setMany(Object.fromEntries(names(50).map((name) => [name, 1])))
      await ns.group('other').set('k0', 'stays')
      equal(await group.delete(), true)
      equal(await group.delete(), false)
      same(await group.getMany(), new Map())
      equal(await ns.group('other').get('k0'), 'stays')
    },
  },
  {
    id: 'group.own-space',
    title: 'entries and groups of the same name do not see each other',
    why: 'They are separate key spaces, for every verb.',
    requires: GROUPS,
    async run(c) {
      const ns = c.ns<unknown>({ ttl: c.t.span(60_000) })
      const group = ns.group('same')
      await ns.set('same', 'entry')
      equal((await group.expiry()).state, 'absent')
      equal(await group.touch(), false)
      await group.setMany({ same: 'member' })
      await ns.persist('same')
      equal((await group.expiry()).state, 'expires')
      equal(await group.delete(), true)
      await c.alive(ns, 'same', 'entry')
      await group.set('same', 'member')
      equal(await ns.take('same'), 'entry')
      await c.gone(ns, 'same')
      equal(await group.get('same'), 'member')
      equal(await ns.delete('same'), false)
      equal(await ns.expire('same', c.t.span(10_000)), false)
      equal(await group.get('same'), 'member')
      equal(await ns.set('same', 1, { if: 'absent' }), true)
    },
  },
  {
    id: 'group.listed',
    title: 'groups() names live groups, each once; keys, entries and count are about entries alone',
    why: 'Two kinds of thing in one list is neither.',
    requires: { ...GROUPS, scan: ['once', 'repeats'] },
    async run(c) {
      const ns = c.ns<unknown>({ ttl: c.t.span(60_000) })
      await ns.set('an entry', 1)
      for (const id of names(12, 'g')) await ns.group(id).setMany({ a: 1, b: 2, c: 3 })
      await ns.group('dying').set('a', 1)
      await ns.group('dying').expire(c.t.span(10_000))
      same((await collect(ns.groups())).sort(), ['dying', ...names(12, 'g')].sort())
      same(await collect(ns.keys()), ['an entry'])
      same(await collect(ns.entries()), [['an entry', 1]])
      equal(await ns.count(), 1)
      await c.t.after(10_000)
      same((await collect(ns.groups())).sort(), names(12, 'g').sort())
    },
  },
  {
    id: 'group.many',
    heavy: true,
    title: 'a group holds thousands of members, written in one call and read in one',
    why: 'Statements have a largest number of parameters.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns<number>().group('g')
      const members = names(2_000)
      equal(await group.setMany(members.map((name, index) => [name, index] as const)), true)
      const all = await group.getMany()
      equal(all.size, 2_000)
      equal(all.get('k1999'), 1_999)
      equal((await group.getMany(members)).size, 2_000)
      equal(await group.delete(), true)
    },
  },
  {
    id: 'group.member-names',
    title: 'members have any name, and that of an object field is a name like any other',
    why: '__proto__ in a record, a colon in a hash field.',
    requires: GROUPS,
    async run(c) {
      const group = c.ns<string>().group('g:h')
      const members = [
        'a:b',
        'a',
        '__proto__',
        'constructor',
        'toString',
        ' ',
        '*',
        '0',
        '\0',
        'a\0',
        'é',
        'e\u0301',
        '😀',
        'x'.repeat(1_024),
      ]
      await group.setMany(members.map((name) => [name, `of ${name.slice(0, 9)}`] as const))
      for (const name of members) equal(await group.get(name), `of ${name.slice(0, 9)}`)
      same([...(await group.getMany()).keys()].sort(), members.toSorted())
      for (const name of members) equal(await group.delete(name), true)
      equal((await group.expiry()).state, 'absent')
    },
  },
  {
    id: 'group.refused',
    title: 'without groups, a group is refused where it is named, before anything is written',
    why: 'An ability that is missing has to be said at the earliest moment.',
    requires: { groups: 'no' },
    async run(c) {
      const ns = c.ns()
      const error = await refused('TTL_UNSUPPORTED', () => ns.group('g'), /no groups/)
      equal(error.operation, 'group')
      await refused('TTL_UNSUPPORTED', () => collect(ns.groups()), /groups/)
    },
  },
]
