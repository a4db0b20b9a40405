import { never, sliding } from '@ttl/core'
import type { Due } from '@ttl/core/adapter'
import { equal, names, refused, same } from '../expect.ts'
import type { Law } from '../law.ts'

const listed = (samples: readonly { readonly kind: string; readonly key: string }[]): string[] =>
  samples.map(({ kind, key }) => `${kind} ${key}`).sort()

export const previewLaws: readonly Law[] = [
  {
    id: 'preview.what-goes',
    title: 'what a preview lists, and nothing else, is removed by a sweep with the same cut-off',
    why: 'Whoever approves a list must get what was on it.',
    requires: { due: 'yes', reclaims: 'sweep' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      await ns.setMany(names(4).map((key) => [key, 1] as const))
      await ns.set('later', 1, { ttl: c.t.span(20_000) })
      await ns.set('never', 1, { ttl: never })
      if (c.can.groups) await ns.group('g').setMany({ a: 1, b: 2 })
      await c.t.after(10_000)
      const store = c.store()
      const preview = await store.preview({ namespace: ns.name })
      const expected = [...names(4).map((key) => `entry ${key}`), ...(c.can.groups ? ['group g'] : [])]
      same(listed(preview.samples), expected.toSorted())
      equal(preview.found, expected.length)
      equal(preview.more, false)
      same([...preview.byNamespace], [[ns.name, expected.length]])
      c.t.is(preview.oldest, 10_000)
      c.t.is(preview.newest, 10_000)
      same(await store.preview({ namespace: ns.name, asOf: preview.asOf }), preview, 'it changed nothing')
      await c.t.after(20_000)
      const swept = await store.sweep({ namespace: ns.name, asOf: preview.asOf })
      same([swept.deleted, swept.more], [expected.length, false])
      const rest = await store.preview({ namespace: ns.name })
      same(listed(rest.samples), ['entry later'])
    },
  },
  {
    id: 'preview.limit',
    title: 'a preview looks at no more than its limit and says that it was cut off',
    why: 'Twenty lines that look like everything are approved as everything.',
    requires: { due: 'yes', reclaims: 'sweep' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      await ns.setMany(names(5).map((key) => [key, 1] as const))
      await c.t.after(10_000)
      const store = c.store()
      const some = await store.preview({ namespace: ns.name, limit: 3 })
      same([some.found, some.samples.length, some.more], [3, 3, true])
      const all = await store.preview({ namespace: ns.name, limit: 5 })
      same([all.found, all.more], [5, false])
    },
  },
  {
    id: 'preview.future',
    title: 'a preview as of a later time lists what will have expired by then, by its real deadline',
    why: 'An operator wants to know what tomorrow takes.',
    requires: { due: 'yes' },
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(30_000) })
      await ns.setMany([
        ['soon', 1],
        ['moved', 1],
        ['pinned', 1],
        ['gone', 1],
      ])
      await ns.set('late', 1, { ttl: c.t.span(90_000) })
      await ns.expire('moved', c.t.span(80_000))
      await ns.persist('pinned')
      await ns.delete('gone')
      if (c.can.groups) await ns.group('g').set('m', 1)
      const soon = await c.store().preview({ namespace: ns.name, asOf: c.t.instant(50_000) })
      same(listed(soon.samples), ['entry soon', ...(c.can.groups ? ['group g'] : [])])
      for (const { expiresAt } of soon.samples) c.t.is(expiresAt, 30_000)
      await c.alive(ns, 'soon', 1)
      equal((await c.store().preview({ namespace: ns.name, asOf: c.t.instant(85_000) })).found, c.can.groups ? 3 : 2)
    },
  },
  {
    id: 'preview.after',
    title: 'a preview of the future can leave out what has expired already',
    why: 'Who asks for tomorrow must not get a list of last year.',
    requires: { due: 'yes', reclaims: 'sweep' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      await ns.setMany(names(4).map((key) => [key, 1] as const))
      await ns.set('soon', 1, { ttl: c.t.span(40_000) })
      await ns.set('late', 1, { ttl: c.t.span(90_000) })
      await c.t.after(10_000)
      const [after, asOf] = [c.t.instant(20_000), c.t.instant(60_000)]
      const preview = await c.store().preview({ namespace: ns.name, after, asOf, limit: 1 })
      same([listed(preview.samples), preview.found, preview.more], [['entry soon'], 1, false])
      equal((await c.store().preview({ namespace: ns.name, asOf })).found, 5)
    },
  },
  {
    id: 'preview.refused',
    title: 'where deadlines cannot be listed a preview is refused, unless nothing can be waiting',
    why: 'An empty list would be read as: nothing will go.',
    requires: { due: 'no' },
    async run(c) {
      const store = c.store()
      if (c.can.reclaims === 'native') equal((await store.preview()).found, 0)
      else await refused('TTL_UNSUPPORTED', () => store.preview())
      await refused('TTL_UNSUPPORTED', () => store.preview({ asOf: c.t.instant(90_000) }))
    },
  },
  {
    id: 'preview.options',
    title: 'a preview, a forecast and a sweeper refuse options that cannot be used',
    why: 'A limit of nothing is a typo, not a wish.',
    async run(c) {
      const store = c.store()
      await refused('TTL_INVALID', () => store.preview({ limit: 0 }), /limit/)
      await refused('TTL_INVALID', () => store.preview({ namespace: '' }), /namespace/)
      await refused('TTL_INVALID', () => store.forecast({ within: [] }), /within/)
      await refused('TTL_INVALID', () => store.forecast({ within: ['1d', '1h'] }), /ascending/)
      await refused('TTL_INVALID', () => store.startSweeper({ minDelay: '2m', interval: '1m' }), /interval/)
      await refused('TTL_INVALID', () => store.startSweeper({ dutyCycle: 0 }), /dutyCycle/)
      await refused('TTL_INVALID', () => store.startSweeper({ jitter: 1 }), /jitter/)
      await refused('TTL_INVALID', () => store.startSweeper({ batch: 1.5 }), /batch/)
    },
  },
  {
    id: 'forecast.buckets',
    title: 'a forecast counts what expires up to the end of each bucket, what expires later, and what never does',
    why: 'How much goes when is what disks are planned by.',
    requires: { due: 'yes' },
    async run(c) {
      const ns = c.ns(sliding(c.t.span(20_000), { max: 'unbounded' }))
      await ns.setMany(names(3).map((key) => [key, 1] as const))
      await ns.setMany(names(2, 'mid').map((key) => [key, 1, { ttl: c.t.span(50_000) }] as const))
      await ns.set('late', 1, { ttl: c.t.span(100_000) })
      await ns.set('later', 1, { ttl: c.t.span(200_000) })
      await ns.set('never', 1, { ttl: never })
      if (c.can.groups) await ns.group('g', { ttl: c.t.span(50_000) }).setMany({ a: 1, b: 1 })
      const within = [c.t.span(30_000), c.t.span(70_000), c.t.span(150_000)]
      const forecast = await c.store().forecast({ namespace: ns.name, within })
      const groups = c.can.groups ? 1 : 0
      same(
        forecast.buckets.map((bucket) => [bucket.within?.ms, bucket.entries, bucket.groups]),
        [
          [within[0]?.ms, 3, 0],
          [within[1]?.ms, 2, groups],
          [within[2]?.ms, 1, 0],
          [undefined, 1, 0],
        ],
      )
      same(
        [forecast.never, forecast.expired],
        [
          { entries: 1, groups: 0 },
          { entries: 0, groups: 0 },
        ],
      )
      c.t.is(forecast.buckets[1]?.until, 70_000)
    },
  },
  {
    id: 'forecast.edge',
    title: 'a deadline at the very end of a bucket is in it',
    why: 'At its deadline a thing is dead, here too.',
    requires: { due: 'yes' },
    exact: true,
    async run(c) {
      const ns = c.ns()
      for (const ms of [999, 1_000, 1_001]) await ns.set(`k${ms}`, 1, { ttl: c.t.span(ms) })
      const within = [c.t.span(1_000), c.t.span(2_000)]
      const { buckets } = await c.store().forecast({ namespace: ns.name, within })
      same(
        buckets.map(({ entries }) => entries),
        [2, 1, 0],
      )
    },
  },
  {
    id: 'forecast.expired',
    title: 'a forecast tells what has expired and waits for a sweep apart from what lives',
    why: 'The dead are no part of tomorrow.',
    requires: { due: 'yes', reclaims: 'sweep' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      await ns.setMany(names(3).map((key) => [key, 1] as const))
      await ns.set('later', 1, { ttl: c.t.span(40_000) })
      await c.t.after(10_000)
      const { buckets, expired } = await c.store().forecast({ namespace: ns.name, within: [c.t.span(100_000)] })
      equal(expired.entries, 3)
      same(
        buckets.map(({ entries }) => entries),
        [1, 0],
      )
    },
  },
  {
    id: 'forecast.refused',
    title: 'where deadlines cannot be counted a forecast is refused',
    why: 'Zeros would be planned by.',
    requires: { due: 'no' },
    run: async (c) => {
      await refused('TTL_UNSUPPORTED', () => c.store().forecast())
    },
  },
  {
    id: 'due.pages',
    title: 'the pages of what is due name each once, also page by page of one, and only up to the cut-off',
    why: 'A preview of ten million rows is read in pages.',
    requires: { due: 'yes' },
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(30_000) })
      await ns.setMany(names(9).map((key) => [key, 1] as const))
      for (const key of names(3)) await ns.expire(key, c.t.span(90_000))
      if (c.can.groups) await ns.group('k4').set('m', 1)
      const request = { namespace: ns.name, asOf: Number(c.t.instant(60_000)) }
      const expected = [
        ...names(9)
          .slice(3)
          .map((key) => `entry ${key}`),
        ...(c.can.groups ? ['group k4'] : []),
      ]
      for (const limit of [1, 4, 1_000]) {
        const seen: Due[] = []
        let cursor: string | undefined
        for (let page = 0; page < 500; page++) {
          const answer = await c.backend.due?.({ ...request, cursor, limit })
          seen.push(...(answer?.due ?? []))
          cursor = answer?.cursor
          if (cursor === undefined) break
        }
        equal(cursor, undefined, 'the pages should end')
        same(seen.map(({ space, key }) => `${space} ${key}`).sort(), expected)
        for (const { namespace, expiresAt } of seen) {
          equal(namespace, ns.name)
          c.t.is(expiresAt, 30_000)
        }
      }
    },
  },
  {
    id: 'due.next',
    title: 'the next due instant is no later than the first deadline, and a sweep moves it on',
    why: 'A sweeper that oversleeps leaves the dead lying; one that never sleeps is a load.',
    requires: { due: 'yes', reclaims: 'sweep' },
    alone: true,
    observes: ['sweep', 'neighbours'],
    async run(c) {
      const next = async () => c.backend.nextDue?.()
      equal(await next(), undefined)
      const ns = c.ns(sliding(c.t.span(20_000), { max: 'unbounded' }))
      await ns.set('never', 1, { ttl: never })
      equal(await next(), undefined)
      await ns.set('k', 1)
      await ns.set('late', 1, { ttl: c.t.span(90_000) })
      c.t.is(await next(), 20_000)
      await c.t.at(10_000)
      await ns.get('k')
      await c.t.after(20_000)
      await c.store().sweep()
      c.t.is(await next(), 30_000)
      await c.t.after(30_000)
      c.t.is(await next(), 30_000)
      equal((await c.store().sweep()).deleted, 1)
      c.t.is(await next(), 90_000)
    },
  },
]
