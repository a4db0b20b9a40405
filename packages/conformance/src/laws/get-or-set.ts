import { sliding } from '@ttl/core'
import { equal, ok, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const getOrSetLaws: readonly Law[] = [
  {
    id: 'getOrSet.loads-once',
    title: 'getOrSet loads what is missing, stores it under the resolved policy, and loads nothing that is there',
    why: 'That is what a cache is.',
    async run(c) {
      const ns = c.ns<number>({ ttl: c.t.span(20_000) })
      let loads = 0
      const load = () => ++loads
      equal(await ns.getOrSet('k', load), 1)
      equal(await ns.getOrSet('k', load), 1)
      await c.ends(ns, 'k', 20_000)
      await ns.getOrSet('own', load, { ttl: c.t.span(50_000) })
      await c.ends(ns, 'own', 50_000)
      await c.t.after(20_000)
      equal(await ns.getOrSet('k', load), 3)
      equal(loads, 3)
    },
  },
  {
    id: 'getOrSet.single-flight',
    title: 'callers that ask at the same time share one load',
    why: 'A cold cache must not become a stampede.',
    async run(c) {
      const ns = c.ns<number>()
      let loads = 0
      const load = async () => {
        await Promise.resolve()
        return ++loads
      }
      same(await Promise.all(Array.from({ length: 10 }, () => ns.getOrSet('k', load))), Array(10).fill(1))
      equal(loads, 1)
    },
  },
  {
    id: 'getOrSet.failure',
    title: 'what the loader throws is thrown as it is, and nothing is stored',
    why: 'A stored failure is served until it expires.',
    async run(c) {
      const ns = c.ns<number>()
      const failure = new Error('loader')
      let thrown: unknown
      await ns
        .getOrSet('k', () => {
          throw failure
        })
        .catch((error: unknown) => {
          thrown = error
        })
      equal(thrown, failure)
      await c.gone(ns, 'k')
      equal(await ns.getOrSet('k', () => 2), 2)
    },
  },
  {
    id: 'getOrSet.never-overwrites',
    title: 'what another wrote during the load is not overwritten by it',
    why: 'The load began before the write: it is out of date.',
    async run(c) {
      const ns = c.ns<string>()
      const [, on] = await c.connections(2)
      const other = on === undefined ? ns : c.ns<string>(undefined, { on })
      const got = await ns.getOrSet('k', async () => {
        await other.set('k', 'written')
        return 'loaded'
      })
      ok(got === 'written' || got === 'loaded')
      await c.alive(ns, 'k', 'written')
    },
  },
  {
    id: 'getOrSet.read-restarts',
    title: 'a hit of getOrSet is a read: it restarts what was written under access',
    why: 'A hot entry must not die because it is read the comfortable way.',
    async run(c) {
      const ns = c.ns<number>(sliding(c.t.span(30_000), { max: 'unbounded' }))
      await ns.set('k', 1)
      await c.t.at(20_000)
      equal(await ns.getOrSet('k', () => 2), 1)
      await c.ends(ns, 'k', 50_000)
    },
  },
]
