import { setTimeout as sleep } from 'node:timers/promises'
import { never, sliding } from '@ttl/core'
import type { Due } from '@ttl/core/adapter'
import { equal, given, names, ok, refused, same } from '../expect.ts'
import type { Law } from '../law.ts'

const brisk = { minDelay: '1ms', interval: '20ms', dutyCycle: 1 } as const

/** Waits, in real time, until something holds. */
async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await holds()) return
    await sleep(25)
  }
  throw new Error(`${what} did not come about within 10 s`)
}

export const sweeperLaws: readonly Law[] = [
  {
    id: 'sweeper.frees',
    heavy: true,
    title: 'a background sweeper removes what expires, leaves what lives, and ends when it is told',
    why: 'Nobody calls sweep by hand for ever.',
    requires: { reclaims: 'sweep', stats: 'yes' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(10_000) })
      await ns.setMany(names(50).map((key) => [key, 1] as const))
      await ns.set('alive', 1, { ttl: c.t.span(900_000) })
      await ns.set('never', 1, { ttl: never })
      const store = c.store()
      const sweeper = store.startSweeper({ ...brisk, batch: 7, namespace: ns.name })
      await refused('TTL_INVALID', () => store.startSweeper(), /running/)
      await c.t.after(10_000)
      // Not all of them expire at once where a batch is not one step.
      await eventually('the removal of all 50', async () => (await sweeper.status()).deleted >= 50)
      await eventually('a last run', async () => (await store.sweeperStatus()).lastRun !== undefined)
      same((await ns.stats()).entries.expired, 0)
      const { deleted, failures, lastError } = await sweeper.status()
      same([deleted, failures, lastError], [50, 0, undefined])
      await c.alive(ns, 'alive', 1)
      await c.alive(ns, 'never', 1)
      await sweeper.stop()
      await sweeper.stop()
      equal((await store.sweeperStatus()).state, 'stopped')
    },
  },
  {
    id: 'sweeper.native',
    title: 'where the store frees the expired by itself, a background sweeper runs nothing and says so',
    why: 'Portable code starts one everywhere.',
    requires: { reclaims: 'native', due: 'no' },
    async run(c) {
      const store = c.store()
      const sweeper = store.startSweeper()
      const { state, lagMs } = await sweeper.status()
      same([state, lagMs], ['native', 0])
      await sweeper.stop()
    },
  },
  {
    id: 'sweep.names',
    title: 'a sweep that is asked for names tells what it deleted, and what it came for in vain',
    why: 'An event without a name tells nobody anything.',
    requires: { reclaims: 'sweep', due: 'yes' },
    observes: ['sweep'],
    async run(c) {
      const ns = c.ns(sliding(c.t.span(20_000), { max: 'unbounded' }))
      await ns.setMany([
        ['dead', 1],
        ['read', 1],
      ])
      if (c.can.groups) await ns.group('g').setMany({ a: 1, b: 1 })
      await c.t.at(10_000)
      await ns.get('read')
      await c.t.after(20_000)
      const swept: Due[] = []
      const kept: Due[] = []
      for (let more = true; more; ) {
        const step = await c.backend.sweep({ limit: 100, namespace: ns.name, names: true })
        swept.push(...given(step.names, 'names').deleted)
        kept.push(...given(step.names, 'names').kept)
        ok(step.busyMs === undefined || step.busyMs >= 0)
        more = step.more
      }
      const said = (all: readonly Due[]) =>
        all.map(({ space, namespace, key }) => `${space} ${namespace} ${key}`).sort()
      same(said(swept), [`entry ${ns.name} dead`, ...(c.can.groups ? [`group ${ns.name} g`] : [])])
      for (const { expiresAt } of swept) c.t.is(expiresAt, 20_000)
      // A backend that files deadlines exactly never comes in vain.
      ok(kept.length <= 1)
      for (const due of kept) {
        equal(said([due])[0], `entry ${ns.name} read`)
        c.t.is(due.expiresAt, 30_000)
      }
      same((await c.backend.sweep({ limit: 100, namespace: ns.name })).names, undefined)
    },
  },
]
