import type { Timing } from '@ttl/core/adapter'
import { equal, given, same, timingOf } from '../expect.ts'
import type { Law } from '../law.ts'
import type { Scene } from '../scene.ts'

const bare = {
  expiresAt: undefined,
  bornAt: undefined,
  ttlMs: undefined,
  capAt: undefined,
  restartOn: 'write',
  refreshAfter: 0,
} as const

/** Timings that a backend can be told to take over, all live at the beginning. */
function timings(c: Scene): Record<string, Timing> {
  const at = (ms: number) => Number(c.t.instant(ms))
  return {
    never: bare,
    created: { ...bare, expiresAt: at(60_000), ttlMs: c.t.span(60_000).ms, restartOn: 'create' },
    rolling: { ...bare, expiresAt: at(60_000), ttlMs: c.t.span(90_000).ms },
    sliding: {
      expiresAt: at(60_000),
      bornAt: at(-30_000),
      ttlMs: c.t.span(70_000).ms,
      capAt: at(90_000),
      restartOn: 'access',
      refreshAfter: 1 / 3,
    },
    absolute: { ...bare, expiresAt: at(60_000), capAt: at(60_000) },
    pinned: { ...bare, bornAt: at(-50_000), restartOn: 'access', refreshAfter: 0.5 },
    last: { ...bare, expiresAt: 8_640_000_000_000_000, capAt: 8_640_000_000_000_000, bornAt: at(-10_000) },
    'before 1970': { ...bare, expiresAt: at(60_000), bornAt: -86_400_001, capAt: at(80_000) },
  }
}

export const transferLaws: readonly Law[] = [
  {
    id: 'transfer.timing',
    title: 'a write that is told a timing stores exactly that: deadline, birth, window, cap, mode, gate',
    why: 'Portable expiry means that one can move.',
    async run(c) {
      const name = c.name()
      const all = Object.entries(timings(c))
      const writes = all.map(([key, timing]) => ({
        key,
        payload: '1',
        placement: { onLive: 'exact', timing } as const,
      }))
      same(
        await c.backend.write(name, writes),
        all.map(() => true),
      )
      const readings = await c.backend.inspect(
        'entry',
        name,
        all.map(([key]) => key),
      )
      for (const [index, [key, timing]] of all.entries()) same(timingOf(given(readings[index], key)), timing, key)
    },
  },
  {
    id: 'transfer.replaces',
    title: 'such a write replaces value and timing of what lives, its birth and pin included',
    why: 'What was moved is what was there before, not a mixture.',
    async run(c) {
      const ns = c.ns<number>({ ttl: c.t.span(30_000) }, { limits: { max: c.t.span(90_000) } })
      const all = Object.entries(timings(c))
      for (const [key] of all) await ns.set(key, 0)
      for (const [key, timing] of all) {
        same(await c.backend.write(ns.name, [{ key, payload: '1', placement: { onLive: 'exact', timing } }]), [true])
        const [reading] = await c.backend.inspect('entry', ns.name, [key])
        same(timingOf(given(reading, key)), timing, key)
        equal(await ns.get(key, { touch: false }), 1)
      }
    },
  },
  {
    id: 'transfer.goes-on',
    title: 'what was moved goes on living by its own rule: it slides, up to its cap, and dies',
    why: 'A moved session is a session.',
    async run(c) {
      const ns = c.ns<number>()
      const { sliding, created } = timings(c)
      await c.backend.write(ns.name, [
        {
          key: 'sliding',
          payload: '1',
          placement: { onLive: 'exact', timing: { ...given(sliding), refreshAfter: 0 } },
        },
        { key: 'created', payload: '1', placement: { onLive: 'exact', timing: given(created) } },
      ])
      await c.t.at(10_000)
      equal(await ns.get('sliding'), 1)
      await c.ends(ns, 'sliding', 80_000)
      await c.t.at(40_000)
      equal(await ns.get('sliding'), 1)
      equal(await ns.touch('created'), true)
      await c.ends(ns, 'sliding', 90_000)
      await c.t.after(60_000)
      await c.gone(ns, 'created')
      await c.t.after(90_000)
      await c.gone(ns, 'sliding')
    },
  },
  {
    id: 'transfer.dead',
    title: 'a timing that has ended stores nothing, and removes what was there',
    why: 'What died on the way stays dead.',
    async run(c) {
      const ns = c.ns<number>()
      await ns.set('k', 1)
      const timing = { ...bare, expiresAt: Number(c.t.instant(-10_000)) }
      const placement = { onLive: 'exact', timing } as const
      same(
        await c.backend.write(ns.name, [
          { key: 'k', payload: '2', placement },
          { key: 'new', payload: '2', placement },
        ]),
        [false, false],
      )
      await c.gone(ns, 'k')
      await c.gone(ns, 'new')
    },
  },
  {
    id: 'transfer.condition',
    title: 'a moved entry can be told not to overwrite what lives',
    why: 'A live target is skipped unless somebody says otherwise.',
    async run(c) {
      const ns = c.ns<number>()
      const placement = { onLive: 'exact', timing: bare } as const
      await ns.set('live', 1)
      await ns.set('dead', 1, { ttl: c.t.span(10_000) })
      await c.t.after(10_000)
      const writes = ['live', 'dead', 'new'].map((key) => ({
        key,
        payload: '2',
        placement,
        condition: 'absent' as const,
      }))
      same(await c.backend.write(ns.name, writes), [false, true, true])
      same([...(await ns.getMany(['live', 'dead', 'new'])).values()], [1, 2, 2])
    },
  },
  {
    id: 'transfer.groups',
    title: 'groups are moved with all members under one timing, exactly as it stands',
    why: 'A group that arrives in parts expires in parts.',
    requires: { groups: 'yes' },
    async run(c) {
      const ns = c.ns<number>()
      for (const [id, timing] of Object.entries(timings(c))) {
        equal(
          await c.backend.writeGroup(
            ns.name,
            id,
            [
              ['a', '1'],
              ['b', '2'],
            ],
            { onLive: 'exact', timing },
          ),
          true,
        )
        const [reading] = await c.backend.inspect('group', ns.name, [id])
        same(timingOf(given(reading, id)), timing, id)
        same((await ns.group(id).getMany(undefined, { touch: false })).size, 2)
      }
      const dead = { ...bare, expiresAt: Number(c.t.instant(-10_000)) }
      equal(await c.backend.writeGroup(ns.name, 'never', [['c', '3']], { onLive: 'exact', timing: dead }), false)
      equal((await ns.group('never').expiry()).state, 'absent')
    },
  },
  {
    id: 'transfer.group-condition',
    title: 'a moved group can be told not to overwrite one that lives; otherwise it replaces it, members and all',
    why: 'Members of two lives under one deadline are neither.',
    requires: { groups: 'yes' },
    async run(c) {
      const ns = c.ns<number>()
      const placement = { onLive: 'exact', timing: bare } as const
      const move = (id: string, condition?: 'absent') =>
        c.backend.writeGroup(ns.name, id, [['new', '2']], placement, condition)
      await ns.group('live').setMany({ old: 1, new: 1 })
      await ns.group('dead', { ttl: c.t.span(10_000) }).setMany({ old: 1, new: 1 })
      await c.t.after(10_000)
      equal(await move('live', 'absent'), false)
      same(
        await ns.group('live').getMany(),
        new Map([
          ['old', 1],
          ['new', 1],
        ]),
      )
      equal(await move('dead', 'absent'), true)
      equal(await move('absent', 'absent'), true)
      equal(await move('live'), true)
      for (const id of ['live', 'dead', 'absent']) same(await ns.group(id).getMany(), new Map([['new', 2]]), id)
    },
  },
]
