import { rolling, sliding } from '@ttl/core'
import { equal, given, names, ok, same } from '../expect.ts'
import type { Law } from '../law.ts'

/** How many keys each race is run for, and by how many connections. */
const KEYS = 60
const RACERS = 4

export const raceLaws: readonly Law[] = [
  {
    id: 'race.touch-against-delete',
    heavy: true,
    title: 'what is deleted stays deleted, whatever touches, reads, expires or pins it at that moment',
    why: 'The logout race: a request that is still running writes the session back.',
    async run(c) {
      const [a, b] = (await c.connections(2)).map((on) =>
        c.ns<number>(sliding(c.t.span(90_000), { max: 'unbounded' }), { on }),
      )
      const [one, two] = [given(a), given(b)]
      const keys = names(KEYS)
      await one.setMany(keys.map((key) => [key, 1] as const))
      await Promise.all(
        keys.flatMap((key, index) => {
          const calls: (() => Promise<unknown>)[] = [
            () => one.touch(key),
            () => one.get(key),
            () => one.expire(key, c.t.span(80_000)),
            () => one.persist(key),
            () => one.set(key, 2, { if: 'present', expiry: 'keep' }),
          ]
          calls.splice(index % 6, 0, () => two.delete(key))
          return calls.map((call) => call())
        }),
      )
      equal((await two.getMany(keys)).size, 0)
    },
  },
  {
    id: 'race.absent-one-winner',
    heavy: true,
    title: 'of those who write if absent over an expired entry at once, exactly one wins, and its value stands',
    why: 'ON CONFLICT DO NOTHING has no winner there, SELECT and upsert has all of them.',
    async run(c) {
      const spaces = (await c.connections(RACERS)).map((on) => c.ns<string>({ ttl: c.t.span(10_000) }, { on }))
      const [ns] = spaces
      const keys = names(KEYS)
      await given(ns).setMany(keys.map((key) => [key, 'old'] as const))
      await c.t.after(10_000)
      const wins = await Promise.all(
        keys.map(async (key) => {
          const answers = await Promise.all(
            spaces.map((space, index) => space.set(key, `racer ${index}`, { if: 'absent', ttl: '1h' })),
          )
          return answers.map((won, index) => (won ? `racer ${index}` : '')).filter(Boolean)
        }),
      )
      const found = await given(ns).getMany(keys)
      for (const [index, key] of keys.entries()) same([found.get(key)], wins[index], key)
    },
  },
  {
    id: 'race.take-one-winner',
    heavy: true,
    title: 'of those who take at once, exactly one gets the value',
    why: 'A one-time token that two can use is none.',
    async run(c) {
      const spaces = (await c.connections(RACERS)).map((on) => c.ns<number>({ ttl: c.t.span(90_000) }, { on }))
      const keys = names(KEYS)
      await given(spaces[0]).setMany(keys.map((key, index) => [key, index] as const))
      const takes = await Promise.all(
        keys.map((key) => Promise.all([...spaces, ...spaces].map((space) => space.take(key)))),
      )
      for (const [index, answers] of takes.entries())
        same(
          answers.filter((answer) => answer !== undefined),
          [index],
        )
    },
  },
  {
    id: 'race.no-lost-updates',
    heavy: true,
    title: 'counting by if: { unchanged } loses no increment, and does not go on from what was expired',
    why: 'Laravel goes on counting from the dead.',
    async run(c) {
      const spaces = (await c.connections(RACERS)).map((on) => c.ns<number>(rolling(c.t.span(20_000)), { on }))
      await given(spaces[0]).set('k', 777)
      await c.t.after(20_000)
      const increment = async (ns: (typeof spaces)[number]): Promise<void> => {
        for (let attempt = 0; attempt < 1_000; attempt++) {
          const entry = await ns.getEntry('k')
          const options = { ttl: '1h', if: entry === undefined ? 'absent' : { unchanged: entry } } as const
          if (await ns.set('k', (entry?.value ?? 0) + 1, options)) return
        }
        throw new Error('no progress')
      }
      const worker = async (ns: (typeof spaces)[number]) => {
        for (let count = 0; count < 10; count++) await increment(ns)
      }
      await Promise.all(spaces.map(worker))
      await c.alive(given(spaces[0]), 'k', 10 * RACERS)
    },
  },
  {
    id: 'race.group-whole',
    heavy: true,
    title: 'members that are written together are read together: all of one write, never parts of two',
    why: 'A checkpoint with the blobs of another is a corrupt one.',
    requires: { groups: 'yes' },
    async run(c) {
      const spaces = (await c.connections(RACERS)).map((on) =>
        c.ns<number>(sliding(c.t.span(90_000), { max: 'unbounded' }), { on }),
      )
      const torn: unknown[] = []
      await Promise.all(
        Array.from({ length: KEYS }, async (_, round) => {
          const group = given(spaces[round % spaces.length]).group('g')
          if (round % 3 === 0) await group.setMany({ a: round, b: round, c: round })
          else if (round % 10 === 1) await group.delete()
          const members = await group.getMany()
          if (members.size !== 0 && (members.size !== 3 || new Set(members.values()).size !== 1))
            torn.push([...members])
        }),
      )
      same(torn, [])
    },
  },
  {
    id: 'race.group-write-against-delete',
    heavy: true,
    title: 'a group that is written and deleted at once is afterwards whole or absent, and never without members',
    why: 'Members without a group live for ever; a group without members is a ghost.',
    requires: { groups: 'yes' },
    async run(c) {
      const [a, b] = (await c.connections(2)).map((on) => c.ns<number>(rolling(c.t.span(90_000)), { on }))
      const [one, two] = [given(a), given(b)]
      const ids = names(KEYS, 'g')
      await Promise.all(ids.map((id) => one.group(id).setMany({ old: 1 })))
      await Promise.all(
        ids.flatMap((id, index) => {
          const remove = index % 2 === 0 ? () => two.group(id).delete() : () => two.group(id).delete('old')
          const write = () => one.group(id).setMany({ x: index, y: index })
          return index % 3 === 0 ? [remove(), write()] : [write(), remove()]
        }),
      )
      for (const id of ids) {
        const members = await two.group(id).getMany()
        ok(members.size === 0 || (members.has('x') && members.has('y')), `${id} has ${[...members.keys()]}`)
        equal((await two.group(id).expiry()).state === 'absent', members.size === 0, id)
      }
    },
  },
  {
    id: 'race.load-once-stored',
    heavy: true,
    title: 'of loads that race in several processes one is stored, and none overwrites it',
    why: 'Otherwise two processes answer differently until the entry expires.',
    async run(c) {
      const spaces = (await c.connections(RACERS)).map((on) => c.ns<number>({ ttl: c.t.span(90_000) }, { on }))
      const keys = names(20)
      const got = await Promise.all(
        keys.map((key) =>
          Promise.all(
            spaces.map((ns, index) =>
              ns.getOrSet(key, async () => {
                await Promise.resolve()
                return index
              }),
            ),
          ),
        ),
      )
      const found = await given(spaces[0]).getMany(keys)
      for (const [index, key] of keys.entries())
        same(
          got[index],
          spaces.map(() => found.get(key)),
          key,
        )
    },
  },
]
