import { equal, names, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const batchLaws: readonly Law[] = [
  {
    id: 'getMany.hits',
    title: 'getMany answers what is live, in the order of the keys, each once',
    why: 'A hole in the answer that shifts the rest gives one user the session of another.',
    async run(c) {
      const ns = c.ns<number>({ ttl: c.t.span(60_000) })
      await ns.setMany([
        ['a', 1],
        ['b', 2],
        ['c', 3],
        ['dying', 4, { ttl: c.t.span(10_000) }],
      ])
      await c.t.after(10_000)
      const found = await ns.getMany(['c', 'missing', 'a', 'dying', 'c', 'b'])
      same(
        [...found],
        [
          ['c', 3],
          ['a', 1],
          ['b', 2],
        ],
      )
      same([...(await ns.getMany([]))], [])
      same([...(await ns.getMany(['missing']))], [])
      same([...(await ns.getMany(new Set(['b'])))], [['b', 2]])
    },
  },
  {
    id: 'getMany.many',
    heavy: true,
    title: 'batches of thousands are one batch: setMany, getMany, deleteMany',
    why: 'Statements have a largest number of parameters.',
    async run(c) {
      const ns = c.ns<number>()
      const keys = names(3_000)
      const stored = await ns.setMany(keys.map((key, index) => [key, index] as const))
      equal(stored.size, 3_000)
      same(new Set(stored.values()), new Set([true]))
      const found = await ns.getMany(keys.toReversed())
      same([...found.keys()], keys.toReversed())
      equal(found.get('k2999'), 2_999)
      equal(await ns.deleteMany(keys), 3_000)
      equal((await ns.getMany(keys)).size, 0)
    },
  },
  {
    id: 'setMany.own-options',
    title: 'in setMany each entry has its own options',
    why: 'A batch is many writes, not another kind of write.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      await ns.setMany([
        ['policy', 1],
        ['ttl', 2, { ttl: c.t.span(20_000) }],
        ['at', 3, { expiresAt: c.t.instant(40_000) }],
        ['slides', 4, { restartOn: 'access' }],
      ])
      await c.ends(ns, 'policy', 60_000)
      await c.ends(ns, 'ttl', 20_000)
      await c.ends(ns, 'at', 40_000)
      equal((await c.living(ns, 'slides')).restartOn, 'access')
      equal((await c.living(ns, 'policy')).restartOn, 'write')
    },
  },
  {
    id: 'setMany.last-wins',
    title: 'of a key that is given twice the last wins, with its options',
    why: 'ON CONFLICT DO UPDATE cannot affect a row a second time (keyv fails the whole batch).',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      const answers = await ns.setMany([
        ['k', 'first', { ttl: c.t.span(20_000) }],
        ['other', 1],
        ['k', 'last'],
      ])
      same(Object.fromEntries(answers), { k: true, other: true })
      await c.alive(ns, 'k', 'last')
      await c.ends(ns, 'k', 60_000)
      equal(await ns.deleteMany(['k', 'k', 'other']), 2)
    },
  },
  {
    id: 'setMany.nothing',
    title: 'an empty batch is no call and no error',
    why: 'INSERT without VALUES is a syntax error.',
    async run(c) {
      const ns = c.ns()
      same(await ns.setMany([]), new Map())
      equal(await ns.deleteMany([]), 0)
      same(await ns.getMany([]), new Map())
    },
  },
  {
    id: 'setMany.crossing',
    heavy: true,
    title: 'batches over the same keys in opposite orders, at once, all succeed',
    why: 'Rows locked in the order of the input are a deadlock.',
    async run(c) {
      const keys = names(40)
      const deleted = new Set(keys.slice(30))
      const connections = await c.connections(4)
      const spaces = connections.map((on) => c.ns<number>({ ttl: c.t.span(60_000), restartOn: 'access' }, { on }))
      await spaces[0]?.setMany(keys.map((key) => [key, -1] as const))
      const calls: Promise<unknown>[] = []
      for (let round = 0; round < 6; round++) {
        for (const [index, ns] of spaces.entries()) {
          const order = (round + index) % 2 === 0 ? keys : keys.toReversed()
          calls.push(
            ns.setMany(order.map((key) => [key, round] as const)),
            ns.getMany(order),
            ns.deleteMany(order.filter((key) => deleted.has(key))),
          )
        }
      }
      await Promise.all(calls)
      equal((await c.ns().getMany(keys.slice(0, 30))).size, 30)
    },
  },
  {
    id: 'deleteMany.counts',
    title: 'deleteMany answers how many were live, and removes them all',
    why: 'A count of what was asked for is no count of what was there.',
    async run(c) {
      const ns = c.ns()
      await ns.setMany([
        ['a', 1],
        ['b', 1],
        ['c', 1],
        ['dying', 1, { ttl: c.t.span(10_000) }],
      ])
      await c.t.after(10_000)
      equal(await ns.deleteMany(['a', 'missing', 'dying', 'c']), 2)
      for (const key of ['a', 'c', 'dying']) await c.gone(ns, key)
      await c.alive(ns, 'b', 1)
    },
  },
]
