import assert from 'node:assert/strict'
import type { Backend, Condition, Placement, ReadOptions } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { test } from 'vitest'
import { sqlite } from '../src/index.ts'
import { Hands, T0 } from './support.ts'

const span = fc.record({
  ttlMs: fc.constantFrom(undefined, undefined, 1, 7, 40, 100),
  maxAgeMs: fc.constantFrom(undefined, undefined, 25, 90),
  expiresAt: fc.constantFrom(undefined, undefined, undefined, T0 + 10, T0 + 60, T0 + 150),
})
const expiry = fc
  .tuple(
    span,
    fc.record({
      restartOn: fc.constantFrom('create', 'write', 'access'),
      refreshAfter: fc.constantFrom(0, 0, 0.5, 0.9),
    }),
  )
  .map(([a, b]) => ({ ...a, ...b }) as const)
const placement: fc.Arbitrary<Placement> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      onLive: fc.constantFrom('replace', 'keep', 'restart'),
      expiry,
      limitMs: fc.constantFrom(undefined, undefined, 30),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      onLive: fc.constant('exact'),
      timing: fc.record({
        expiresAt: fc.constantFrom(undefined, T0 + 20, T0 + 120),
        bornAt: fc.constantFrom(undefined, T0 - 5),
        ttlMs: fc.constantFrom(undefined, 15),
        capAt: fc.constantFrom(undefined, T0 + 120),
        restartOn: fc.constantFrom('create', 'write', 'access'),
        refreshAfter: fc.constant(0.25),
      }),
    }),
  },
) as fc.Arbitrary<Placement>
const ns = fc.constantFrom('a', 'b\0%')
const key = fc.constantFrom('k', 'k\0', 'ü_%')
const keys = fc.uniqueArray(key, { minLength: 1 })
const payload = fc.constantFrom<string | Uint8Array>('', 'x', '\0y', new Uint8Array(), new Uint8Array([0, 255]))
const condition = fc.constantFrom<Condition | undefined>(
  undefined,
  undefined,
  'absent',
  'present',
  { payload: 'x' },
  { payload: new Uint8Array([0, 255]) },
)
const space = fc.constantFrom('entry' as const, 'group' as const)
const options = fc.record({ touch: fc.boolean(), detail: fc.constant(true), sliding: fc.boolean() })
const memberList = fc.uniqueArray(fc.tuple(key, payload), { minLength: 1, selector: ([name]) => name })

type Step = (backend: Backend) => unknown
const call = <A extends readonly unknown[]>(
  args: { [I in keyof A]: fc.Arbitrary<A[I]> },
  run: (backend: Backend, ...args: A) => unknown,
) =>
  fc.tuple(...(args as unknown as fc.Arbitrary<unknown>[])).map((values): { step: Step; values: unknown[] } => ({
    step: (backend) => run(backend, ...(values as unknown as A)),
    values: [run.toString(), ...values],
  }))

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: call([ns, keys, placement, payload, condition], (b, n, k, p, v, c) =>
      b.write(
        n,
        k.map((name) => ({ key: name, payload: v, placement: p, condition: c })),
      ),
    ),
  },
  { weight: 4, arbitrary: call([ns, keys, options], (b, n, k, o) => b.read(n, k, o)) },
  call([ns, key], (b, n, k) => b.take(n, k)),
  call([space, ns, keys], (b, s, n, k) => b.delete(s, n, k)),
  { weight: 2, arbitrary: call([space, ns, keys], (b, s, n, k) => b.touch(s, n, k)) },
  { weight: 2, arbitrary: call([space, ns, keys, span], (b, s, n, k, l) => b.expire(s, n, k, l)) },
  { weight: 3, arbitrary: call([ns, key, memberList, placement], (b, n, k, m, p) => b.writeGroup(n, k, m, p)) },
  {
    weight: 3,
    arbitrary: call([ns, key, fc.option(keys, { nil: undefined }), options], (b, n, k, m, o) =>
      membersOf(b, n, k, m, o),
    ),
  },
  call([ns, key, keys], (b, n, k, m) => b.deleteMembers(n, k, m)),
  call([ns], (b, n) => b.clear?.(n)),
  call([fc.option(ns, { nil: undefined }), fc.constantFrom(undefined, T0 + 30)], (b, n, t) =>
    b.sweep({ limit: 1_000, namespace: n, asOf: t }),
  ),
)
const trace = fc.array(fc.tuple(fc.constantFrom(0, 0, 1, 3, 10, 40), step), {
  minLength: 1,
  maxLength: 60,
  size: 'max',
})

const peek = { touch: false, detail: true, sliding: false } as const

async function membersOf(
  backend: Backend,
  namespace: string,
  id: string,
  names?: readonly string[],
  how: ReadOptions = peek,
) {
  const found = await backend.readGroup(namespace, id, names, how)
  return found && { ...found, members: found.members.toSorted(([a], [b]) => (a < b ? -1 : 1)) }
}

async function everything(backend: Backend) {
  const all = []
  for (const name of ['a', 'b\0%']) {
    const [keys, ids] = [
      await backend.scan('entry', name, { limit: 100 }),
      await backend.scan('group', name, { limit: 100 }),
    ]
    for (const each of keys.keys.toSorted()) all.push([name, each, await backend.read(name, [each], peek)])
    for (const each of ids.keys.toSorted()) all.push([name, each, await membersOf(backend, name, each)])
  }
  const tallies = (await backend.stats?.()) ?? []
  return [all, tallies.toSorted((a, b) => (a.namespace < b.namespace ? -1 : 1))]
}

test('random traces answer as the memory backend does, and the lower bound of a deadline stays one', async () => {
  await fc.assert(
    fc.asyncProperty(trace, async (steps) => {
      const clock = new Hands()
      const db = new Database(':memory:')
      const [model, real] = [memory({ clock }), sqlite(db, { clock })]
      for (const [wait, { step: run }] of steps) {
        clock.at += wait
        assert.deepEqual(await run(real), await run(model))
        assert.deepEqual(await everything(real), await everything(model))
        assert.equal(db.prepare('SELECT count(*) FROM ttl WHERE expires_at < ifnull(sweep_at, 1e300)').pluck().get(), 0)
        assert.equal(
          db
            .prepare('SELECT count(*) FROM ttl_member WHERE owner NOT IN (SELECT id FROM ttl WHERE space = 1)')
            .pluck()
            .get(),
          0,
        )
      }
      db.close()
    }),
    { numRuns: 300 },
  )
})
