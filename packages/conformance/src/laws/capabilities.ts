import { setTimeout as sleep } from 'node:timers/promises'
import type { Capabilities } from '@ttl/core'
import { systemClock } from '@ttl/core/adapter'
import { equal, ok, same } from '../expect.ts'
import { FACTS, type Law } from '../law.ts'

export const capabilityLaws: readonly Law[] = [
  {
    id: 'capabilities.known',
    title: 'the capabilities are those of the contract, each with a value that it can have, and stay the same',
    why: 'What runs is decided by them, here and in core.',
    async run(c) {
      same(Object.keys(c.can).sort(), Object.keys(FACTS).sort())
      for (const key of ['clock', 'reclaims', 'batch', 'clear', 'scan'] as const) {
        ok((FACTS[key] as readonly unknown[]).includes(c.can[key]), `${key} is ${c.can[key]}`)
      }
      for (const key of ['groups', 'stats', 'persistent', 'shared'] as const) equal(typeof c.can[key], 'boolean', key)
      for (const key of ['resolutionMs', 'maxPayloadBytes'] as const) ok(c.can[key] >= 0, key)
      ok(Number.isFinite(c.can.resolutionMs))
      ok(c.backend.name.length > 0)
      const [, other] = await c.connections(2)
      same({ ...other?.capabilities }, { ...c.can } satisfies Capabilities)
    },
  },
  {
    id: 'capabilities.methods',
    title: 'clear is there iff it is atomic, stats are there iff they are declared',
    why: 'A method that is there and not declared is never called; one that is declared and not there is called once.',
    async run(c) {
      equal(typeof c.backend.clear, c.can.clear === 'atomic' ? 'function' : 'undefined')
      equal(typeof c.backend.stats, c.can.stats ? 'function' : 'undefined')
    },
  },
  {
    id: 'capabilities.injected-clock',
    title: 'an injected clock is the clock that judges, and the only one',
    why: 'One forgotten now() of the database, and tests pass at night only.',
    exact: true,
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      c.t.is(await c.backend.now(), 0)
      await ns.set('k', 1)
      await sleep(5)
      c.t.is(await c.backend.now(), 0)
      await c.ends(ns, 'k', 60_000)
      await c.t.at(50_000_000)
      c.t.is(await c.backend.now(), 50_000_000)
      await c.gone(ns, 'k')
      await ns.set('k', 2)
      await c.ends(ns, 'k', 50_060_000)
    },
  },
  {
    id: 'capabilities.host-clock',
    title: "a host clock is this machine's",
    why: "Read once at the start it stands still; read from the server it is not the host's.",
    requires: { clock: 'host' },
    async run(c) {
      const before = systemClock.now()
      const told = await c.backend.now()
      const after = systemClock.now()
      ok(told >= Math.floor(before) && told <= after, `told ${told}, between ${before} and ${after}`)
    },
  },
  {
    id: 'capabilities.clock-runs',
    title: 'a clock that is not injected runs: whole milliseconds, never backwards, at the pace of this one',
    why: 'Seconds, microseconds, or the start of a transaction, are not milliseconds of now.',
    requires: { clock: ['host', 'server'] },
    async run(c) {
      const before = await c.backend.now()
      const started = systemClock.now()
      await sleep(120)
      const elapsed = systemClock.now() - started
      const told = (await c.backend.now()) - before
      ok(Number.isInteger(before))
      ok(told >= 100 && told <= elapsed * 3 + 500, `${told} ms told in ${elapsed} ms`)
      const readings = await Promise.all(Array.from({ length: 5 }, () => c.backend.now()))
      ok(readings.every((reading) => reading >= before))
    },
  },
  {
    id: 'capabilities.resolution-exact',
    title: 'where no lateness is declared, what is expired is not seen any more',
    why: 'A declared 0 is a promise.',
    requires: { resolutionMs: 'exact' },
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('k', 1)
      await c.t.after(20_000)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'capabilities.resolution-late',
    title: 'what is expired is seen no longer than declared, and never gone early',
    why: 'Late by a known amount is a fact; early is a loss.',
    requires: { resolutionMs: 'late' },
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(20_000) })
      await ns.set('k', 1)
      await c.t.before(20_000)
      await c.alive(ns, 'k', 1)
      await c.t.after(20_000)
      await c.gone(ns, 'k')
    },
  },
]
