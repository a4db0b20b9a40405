import { type StoreEvents, sliding } from '@ttl/core'
import { delegate } from '../delegate.ts'
import { equal, given, names, ok, same } from '../expect.ts'
import { brief, hearing } from '../hearing.ts'
import type { Law } from '../law.ts'

export const sweepEventLaws: readonly Law[] = [
  {
    id: 'events.expired',
    title: 'what a sweep removes is told, with its deadline',
    why: 'Whoever has to clean up after it needs its name.',
    requires: { reclaims: 'sweep', due: 'yes' },
    observes: ['sweep'],
    async run(c) {
      const store = c.store()
      const ns = store.namespace(c.name(), { policy: { ttl: c.t.span(20_000) } })
      const { heard } = await hearing(store, 'expired')
      await ns.setMany(names(3).map((key) => [key, 1] as const))
      await ns.set('late', 1, { ttl: c.t.span(90_000) })
      if (c.can.groups) await ns.group('g').setMany({ a: 1, b: 1 })
      await c.t.after(20_000)
      await store.sweep({ namespace: ns.name })
      const told = heard()
      same(brief(told).sort(), [
        ...names(3).map((key) => `expired entry ${key}`),
        ...(c.can.groups ? ['expired group g'] : []),
      ])
      for (const event of told) {
        equal(event.namespace, ns.name)
        c.t.is(given(event.expiresAt), 20_000)
      }
    },
  },
  {
    id: 'events.rescheduled',
    title: 'what a sweep came for in vain is told as rescheduled, at its real deadline, and never as expired',
    why: 'It says why something is still there.',
    requires: { reclaims: 'sweep', due: 'yes' },
    observes: ['sweep'],
    async run(c) {
      const store = c.store()
      const ns = store.namespace(c.name(), { policy: sliding(c.t.span(20_000), { max: 'unbounded' }) })
      const { heard } = await hearing(store, 'expired', 'sweep.rescheduled')
      await ns.set('read', 1)
      await c.t.at(10_000)
      await ns.get('read')
      await c.t.after(20_000)
      await store.sweep({ namespace: ns.name })
      // A backend that files deadlines exactly never comes in vain.
      for (const event of heard()) {
        same(brief([event]), ['sweep.rescheduled entry read'])
        c.t.is(given(event.expiresAt), 30_000)
      }
    },
  },
  {
    id: 'events.sweep',
    title: 'a sweep tells its start, its batches and its end, with counts that add up to its report',
    why: 'A clean-up from cron is seen by what it tells.',
    observes: ['sweep'],
    async run(c) {
      const store = c.store()
      const ns = store.namespace(c.name(), { policy: { ttl: c.t.span(10_000) } })
      await ns.setMany(names(5).map((key) => [key, 1] as const))
      await c.t.after(10_000)
      const { heard } = await hearing(store, 'sweep.start', 'sweep.batch', 'sweep.end')
      const report = await store.sweep({ namespace: ns.name, limit: 3 })
      const [start, ...batches] = heard()
      const end = batches.pop()
      ok(start?.name === 'sweep.start' && end?.name === 'sweep.end')
      equal(start.namespace, ns.name)
      equal(end.asOf.epochMilliseconds, start.asOf.epochMilliseconds)
      same([end.deleted, end.more, end.batches], [report.deleted, report.more, batches.length])
      let counted = 0
      for (const batch of batches) {
        ok(batch.name === 'sweep.batch' && batch.tookMs >= 0)
        equal(
          [...batch.byNamespace.values()].reduce((sum, count) => sum + count, 0),
          batch.deleted,
        )
        counted += batch.deleted
      }
      equal(counted, report.deleted)
      equal(report.deleted, c.can.reclaims === 'sweep' ? 3 : 0)
    },
  },
  {
    id: 'events.sweep-error',
    title: 'a batch of the background sweeper that fails is told, with the error, how often and when it tries again',
    why: 'A clean-up that fails in silence is found by the full disk.',
    requires: { reclaims: 'sweep' },
    async run(c) {
      const cause = new Error('the disk is full')
      const failing = delegate(c.backend, {
        sweep: () => Promise.reject(cause),
        nextDue: c.backend.nextDue === undefined ? undefined : () => 0,
      })
      const store = c.store({}, failing)
      const told = Promise.withResolvers<StoreEvents['sweep.error']>()
      await store.on('sweep.error', told.resolve)
      const sweeper = store.startSweeper({ minDelay: '1ms', interval: '20ms', namespace: c.name() })
      const { error, failures, retryInMs } = await told.promise
      same([error.code, error.cause, failures], ['TTL_BACKEND', cause, 1])
      ok(retryInMs >= 1 && retryInMs <= 20)
      await sweeper.stop()
    },
  },
]
