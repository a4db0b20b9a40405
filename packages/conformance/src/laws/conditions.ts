import { sliding } from '@ttl/core'
import { equal, given, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const conditionLaws: readonly Law[] = [
  {
    id: 'if.absent',
    title: "if: 'absent' writes where nothing lives, and changes nothing where something does",
    why: 'Locks and idempotency keys are built on it.',
    async run(c) {
      const ns = c.ns()
      equal(await ns.set('k', 1, { if: 'absent', ttl: c.t.span(30_000) }), true)
      equal(await ns.set('k', 2, { if: 'absent', ttl: c.t.span(90_000) }), false)
      await c.alive(ns, 'k', 1)
      await c.ends(ns, 'k', 30_000)
    },
  },
  {
    id: 'if.present',
    title: "if: 'present' writes where something lives, and creates nothing where nothing does",
    why: 'An update that creates undoes a deletion.',
    async run(c) {
      const ns = c.ns()
      equal(await ns.set('k', 1, { if: 'present' }), false)
      await c.gone(ns, 'k')
      await ns.set('k', 1)
      equal(await ns.set('k', 2, { if: 'present', ttl: c.t.span(30_000) }), true)
      await c.alive(ns, 'k', 2)
      await c.ends(ns, 'k', 30_000)
    },
  },
  {
    id: 'if.expired-is-absent',
    title: 'conditions take what is expired for absent, swept or not',
    why: 'ON CONFLICT DO NOTHING on a dead row: a lock that nobody can take until the sweeper comes.',
    async run(c) {
      const ns = c.ns<number>({ ttl: c.t.span(20_000) })
      await ns.setMany([
        ['absent', 1],
        ['present', 1],
        ['unchanged', 1],
      ])
      const entry = given(await ns.getEntry('unchanged'))
      await c.t.after(20_000)
      equal(await ns.set('absent', 2, { if: 'absent' }), true)
      equal(await ns.set('present', 2, { if: 'present' }), false)
      equal(await ns.set('unchanged', 2, { if: { unchanged: entry } }), false)
      await c.alive(ns, 'absent', 2)
      await c.gone(ns, 'present')
      await c.gone(ns, 'unchanged')
    },
  },
  {
    id: 'if.unchanged',
    title: 'if: { unchanged } writes while the value is the one that was read, and protects what was written since',
    why: 'Load, change, save: without it the slower of two loses the update of the faster.',
    async run(c) {
      const ns = c.ns<unknown>()
      await ns.set('k', { n: 1 })
      const entry = given(await ns.getEntry('k'))
      equal(await ns.set('k', { n: 2 }, { if: { unchanged: entry } }), true)
      equal(await ns.set('k', { n: 3 }, { if: { unchanged: entry } }), false)
      await c.alive(ns, 'k', { n: 2 })
      await ns.delete('k')
      equal(await ns.set('k', { n: 4 }, { if: { unchanged: entry } }), false)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'if.unchanged-compares-all',
    heavy: true,
    title: 'unchanged compares the whole value, also of bytes, and bytes are never text',
    why: 'A comparison of prefixes, of trimmed or of folded text loses updates.',
    async run(c) {
      const ns = c.ns<unknown>()
      const values: [unknown, unknown][] = [
        ['a', 'A'],
        ['a', 'a '],
        ['', ' '],
        ['é', 'e\u0301'],
        ['x'.repeat(5_000), `${'x'.repeat(4_999)}y`],
        [Uint8Array.of(1, 2, 0), Uint8Array.of(1, 2)],
        [new TextEncoder().encode('"a"'), 'a'],
        ['a', new TextEncoder().encode('"a"')],
      ]
      for (const [index, [read, written]] of values.entries()) {
        await ns.set('k', read)
        const entry = given(await ns.getEntry('k'))
        await ns.set('k', written)
        equal(await ns.set('k', 'lost', { if: { unchanged: entry } }), false, `pair ${index}`)
        await ns.set('k', read)
        equal(await ns.set('k', 'won', { if: { unchanged: entry } }), true, `pair ${index}`)
      }
    },
  },
  {
    id: 'if.unchanged-with-keep',
    title: 'unchanged works while reads slide the entry, and together with keep',
    why: 'A read that slides changes the deadline, not the value.',
    async run(c) {
      const ns = c.ns<number>(sliding(c.t.span(30_000), { max: 'unbounded' }))
      await ns.set('k', 1)
      const entry = given(await ns.getEntry('k'))
      await c.t.at(10_000)
      await ns.get('k')
      equal(await ns.set('k', 2, { if: { unchanged: entry }, expiry: 'keep' }), true)
      await c.alive(ns, 'k', 2)
      await c.ends(ns, 'k', 40_000)
    },
  },
  {
    id: 'if.judged-first',
    title: 'a condition is judged before a past deadline removes anything',
    why: 'A write that was refused must not delete.',
    async run(c) {
      const ns = c.ns()
      const past = c.t.instant(-10_000)
      await ns.set('k', 1)
      equal(await ns.set('k', 2, { if: 'absent', expiresAt: past }), false)
      await c.alive(ns, 'k', 1)
      equal(await ns.set('k', 2, { if: 'present', expiresAt: past }), false)
      await c.gone(ns, 'k')
    },
  },
  {
    id: 'if.fails-without-trace',
    title: 'a condition that fails changes neither value, nor deadline, nor birth, nor what is absent',
    why: 'An upsert that touches first and asks later.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: c.t.span(90_000) }))
      await ns.set('k', 1)
      await c.t.at(10_000)
      const before = await c.backend.inspect('entry', ns.name, ['k'])
      equal(await ns.set('k', 2, { if: 'absent', ttl: c.t.span(60_000) }), false)
      equal(await ns.set('other', 2, { if: 'present' }), false)
      const after = await c.backend.inspect('entry', ns.name, ['k'])
      same({ ...after[0], now: 0 }, { ...before[0], now: 0 })
      await c.gone(ns, 'other')
    },
  },
  {
    id: 'if.in-batches',
    title: 'in a batch each entry has its own condition and its own answer',
    why: 'One failing condition must not decide for the rest.',
    async run(c) {
      const ns = c.ns<number>()
      await ns.setMany([
        ['there', 1],
        ['read', 1],
      ])
      const entry = given(await ns.getEntry('read'))
      const answers = await ns.setMany([
        ['there', 2, { if: 'absent' }],
        ['new', 2, { if: 'absent' }],
        ['missing', 2, { if: 'present' }],
        ['read', 2, { if: { unchanged: entry } }],
        ['plain', 2],
        ['past', 2, { expiresAt: c.t.instant(-10_000) }],
      ])
      const expected = { there: false, new: true, missing: false, read: true, plain: true, past: false }
      same(Object.fromEntries(answers), expected)
      same(Object.fromEntries(await ns.getMany(Object.keys(expected))), { there: 1, new: 2, read: 2, plain: 2 })
    },
  },
]
