import type { Namespace } from '@ttl/core'
import { equal, same } from '../expect.ts'
import type { Law } from '../law.ts'
import { collect, type Scene } from '../scene.ts'

/** Every way to ask whether an entry is there; those that change it come from entries of their own. */
const QUESTIONS: readonly [name: string, ask: (ns: Namespace, key: string, c: Scene) => Promise<boolean>][] = [
  ['get', async (ns, key) => (await ns.get(key)) !== undefined],
  ['get-untouched', async (ns, key) => (await ns.get(key, { touch: false })) !== undefined],
  ['getEntry', async (ns, key) => (await ns.getEntry(key)) !== undefined],
  ['getMany', async (ns, key) => (await ns.getMany(['other', key])).has(key)],
  ['has', (ns, key) => ns.has(key)],
  ['expiry', async (ns, key) => (await ns.expiry(key)).state !== 'absent'],
  ['explain', async (ns, key) => (await ns.explain(key)).live],
  ['getOrSet', async (ns, key) => (await ns.getOrSet(key, () => 'loaded')) !== 'loaded'],
  ['take', async (ns, key) => (await ns.take(key)) !== undefined],
  ['delete', (ns, key) => ns.delete(key)],
  ['deleteMany', async (ns, key) => (await ns.deleteMany([key])) === 1],
  ['touch', (ns, key) => ns.touch(key)],
  ['expire', (ns, key, c) => ns.expire(key, c.t.span(90_000))],
  ['persist', (ns, key) => ns.persist(key)],
  ['set if present', (ns, key) => ns.set(key, 'new', { if: 'present' })],
  ['set if absent', async (ns, key) => !(await ns.set(key, 'new', { if: 'absent' }))],
  ['setMany if present', async (ns, key) => (await ns.setMany([[key, 'new', { if: 'present' }]])).get(key) === true],
]

async function ask(c: Scene, ns: Namespace): Promise<Record<string, boolean>> {
  const answers = await Promise.all(
    QUESTIONS.map(async ([name, question]) => [name, await question(ns, name, c)] as const),
  )
  return Object.fromEntries(answers)
}

const all = (answer: boolean) => Object.fromEntries(QUESTIONS.map(([name]) => [name, answer]))

async function seed(c: Scene, label: string): Promise<Namespace> {
  const ns = c.ns({ ttl: c.t.span(20_000) }, { label })
  await ns.setMany(QUESTIONS.map(([name]) => [name, 'v'] as const))
  return ns
}

export const boundaryLaws: readonly Law[] = [
  {
    id: 'boundary.every-verb',
    title: 'every verb takes an entry for live until its deadline and for absent from then on',
    why: 'A boundary that is decided twice is decided differently: a hole in which an entry is neither there nor sweepable.',
    async run(c) {
      const [early, late] = [await seed(c, 'early'), await seed(c, 'late')]
      await c.t.before(20_000)
      same(await ask(c, early), all(true))
      await c.t.after(20_000)
      same(await ask(c, late), all(false))
    },
  },
  {
    id: 'boundary.after-a-millisecond',
    title: 'a millisecond after the deadline every verb still takes an entry for absent',
    why: 'Three instants decide a boundary: one before, the deadline itself, one after.',
    exact: true,
    async run(c) {
      const ns = await seed(c, 'main')
      await c.t.after(20_001)
      same(await ask(c, ns), all(false))
    },
  },
  {
    id: 'boundary.lists',
    title: 'keys, entries and count name an entry until its deadline and not from then on',
    why: 'A list that shows the dead revives them in whatever is built on it.',
    requires: { scan: ['once', 'repeats'] },
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('k', 'v')
      await ns.set('longer', 'v', { ttl: c.t.span(60_000) })
      await c.t.before(20_000)
      same((await collect(ns.keys())).sort(), ['k', 'longer'])
      same(
        new Map(await collect(ns.entries())),
        new Map([
          ['k', 'v'],
          ['longer', 'v'],
        ]),
      )
      equal(await ns.count(), 2)
      await c.t.after(20_000)
      same(await collect(ns.keys()), ['longer'])
      same(await collect(ns.entries()), [['longer', 'v']])
      equal(await ns.count(), 1)
    },
  },
  {
    id: 'boundary.sweep',
    title: 'what is live is not sweepable, and what is not live is: there is nothing between',
    why: 'LangGraph reads with > and sweeps with <: at equality an entry is neither.',
    requires: { reclaims: 'sweep' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('k', 'v')
      await c.t.before(20_000)
      equal(await c.sweep(ns), 0)
      await c.alive(ns, 'k', 'v')
      await c.t.after(20_000)
      await c.gone(ns, 'k')
      equal(await c.sweep(ns), 1)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'boundary.stats',
    title: 'stats count an entry as active until its deadline and as expired from then on',
    why: 'An operator decides by these numbers.',
    requires: { stats: 'yes', reclaims: 'sweep' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('k', 'v')
      await c.t.before(20_000)
      const before = (await ns.stats()).entries
      same([before.active, before.expired, before.permanent], [1, 0, 0])
      await c.t.after(20_000)
      const after = (await ns.stats()).entries
      same([after.active, after.expired, after.permanent], [0, 1, 0])
      equal(await ns.count(), 0)
    },
  },
  {
    id: 'boundary.one-now',
    title: 'a call judges everything by one reading of the clock',
    why: 'Two entries with one deadline must not come apart because the clock moved between them.',
    exact: true,
    observes: ['batch'],
    async run(c) {
      const ns = c.ns()
      const keys = ['a', 'b', 'c', 'd']
      for (let start = 0; start < 12; start++) {
        const begin = start * 1_000
        c.t.tick(0)
        await c.t.at(begin)
        await ns.setMany(keys.map((key) => [key, 1, { expiresAt: c.t.instant(begin + 10) }] as const))
        await c.t.at(begin + start)
        c.t.tick(1)
        const found = await ns.getMany(keys)
        equal(
          [0, keys.length].includes(found.size),
          true,
          `${found.size} of ${keys.length} seen, ${10 - start} ms before their deadline`,
        )
      }
    },
  },
  {
    id: 'boundary.one-now-for-writes',
    title: 'what one call writes, touches or expires gets one deadline',
    why: 'Entries that are written together must not expire apart.',
    exact: true,
    observes: ['batch'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(30_000) })
      const keys = ['a', 'b', 'c', 'd']
      const deadlines = async () => {
        const readings = await c.backend.inspect('entry', ns.name, keys)
        return new Set(readings.map((reading) => reading?.expiresAt)).size
      }
      c.t.tick(1)
      await ns.setMany(keys.map((key) => [key, 1] as const))
      equal(await deadlines(), 1, 'setMany')
      await c.backend.touch('entry', ns.name, keys)
      equal(await deadlines(), 1, 'touch')
      await c.backend.expire('entry', ns.name, keys, { ttlMs: 50_000, maxAgeMs: undefined, expiresAt: undefined })
      equal(await deadlines(), 1, 'expire')
      await ns.setMany(keys.map((key) => [key, 1, { restartOn: 'access' }] as const))
      await ns.getMany(keys)
      equal(await deadlines(), 1, 'getMany')
    },
  },
  {
    id: 'boundary.fraction',
    title: 'a fraction of a millisecond is cut off the clock, never added to a life or taken from it',
    why: 'performance.now() is a popular clock.',
    exact: true,
    requires: { resolutionMs: 'exact' },
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(1_000) })
      await c.t.at(0.75)
      await ns.set('k', 'v')
      await c.ends(ns, 'k', 1_000)
      await c.t.at(999.9)
      await c.alive(ns, 'k', 'v')
      await c.t.at(1_000)
      await c.gone(ns, 'k')
    },
  },
]
