import assert from 'node:assert/strict'
import type { Backend, Condition, Due, Placement } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { inject, test } from 'vitest'
import { redis } from '../src/index.ts'
import { finallyDo, freshPrefix, names } from './support/index.ts'
import { T0, VirtualServer } from './support/virtual.ts'

const span = fc.record({
  ttlMs: fc.constantFrom(undefined, undefined, 1, 20, 60, 200),
  maxAgeMs: fc.constantFrom(undefined, undefined, undefined, 50, 200),
  expiresAt: fc.constantFrom(undefined, undefined, undefined, undefined, T0 + 30, T0 + 300),
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
      limitMs: fc.constantFrom(undefined, undefined, undefined, 60),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      onLive: fc.constant('exact'),
      timing: fc.record({
        expiresAt: fc.constantFrom(undefined, T0 + 20, T0 + 220),
        bornAt: fc.constantFrom(undefined, T0 - 5),
        ttlMs: fc.constantFrom(undefined, 15),
        capAt: fc.constantFrom(undefined, T0 + 220),
        restartOn: fc.constantFrom('create', 'write', 'access'),
        refreshAfter: fc.constant(0.25),
      }),
    }),
  },
) as fc.Arbitrary<Placement>
const ns = fc.constantFrom('a', 'a', 'a', 'b\0%')
const key = fc.constantFrom('k', 'ü_%\0')
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
const groupCondition = fc.constantFrom<'absent' | undefined>(undefined, undefined, undefined, 'absent')
const space = fc.constantFrom('entry' as const, 'group' as const)
const options = fc.record({ touch: fc.boolean(), detail: fc.boolean(), sliding: fc.boolean() })
const member = fc.constantFrom('m', 'k', '\0', 'ü')
const members = fc.uniqueArray(member, { minLength: 1 })
const memberList = fc.uniqueArray(fc.tuple(member, payload), { maxLength: 3, minLength: 1, selector: ([name]) => name })

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
  {
    weight: 4,
    arbitrary: call([ns, keys, options], async (b, n, k, o) =>
      (await b.read(n, k, o)).map((found) => (o.detail ? found : found && { payload: found.payload })),
    ),
  },
  call([ns, key], (b, n, k) => b.take(n, k)),
  call([space, ns, keys], (b, s, n, k) => b.delete(s, n, k)),
  { weight: 2, arbitrary: call([space, ns, keys], (b, s, n, k) => b.touch(s, n, k)) },
  { weight: 2, arbitrary: call([space, ns, keys, span], (b, s, n, k, l) => b.expire(s, n, k, l)) },
  {
    weight: 3,
    arbitrary: call([ns, key, memberList, placement, groupCondition], (b, n, k, m, p, c) =>
      b.writeGroup(n, k, m, p, c),
    ),
  },
  {
    weight: 3,
    arbitrary: call([ns, key, fc.option(members, { nil: undefined }), options], async (b, n, k, m, o) => {
      const found = await b.readGroup(n, k, m, o)
      const members = found?.members.toSorted(([a], [c]) => (a < c ? -1 : 1))
      return found && (o.detail ? { ...found, members } : { members })
    }),
  },
  call([ns, key, members], (b, n, k, m) => b.deleteMembers(n, k, m)),
)
const trace = fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 1, 3, 20), step), {
  minLength: 1,
  maxLength: 40,
  size: 'max',
})

/** What expires when: counts of what lives, and the list of what will have expired, page by page. */
async function outlook(backend: Backend, now: number) {
  const edges = [0, 1, 15, 40, 90].map((ms) => now + ms)
  const tallies = (await backend.stats?.(undefined, edges)) ?? []
  const counts = tallies.map(({ namespace, entries, groups }) => {
    return [namespace, { ...entries, expired: 0 }, { ...groups, expired: 0 }] as const
  })
  const due: Due[] = []
  let cursor: string | undefined
  do {
    const page = await backend.due?.({ asOf: now + 50, cursor, limit: 2 })
    due.push(...(page?.due ?? []))
    cursor = page?.cursor
  } while (cursor !== undefined)
  return {
    counts: counts.filter((each) => [each[1], each[2]].some(({ permanent, active }) => permanent + active > 0)).sort(),
    // What has expired already Redis has removed.
    due: due
      .filter(({ expiresAt }) => expiresAt > now)
      .map((each) => JSON.stringify(Object.entries(each).sort()))
      .sort(),
  }
}

async function everything(backend: Backend) {
  const all = []
  for (const name of ['a', 'b\0%']) {
    for (const kind of ['entry', 'group'] as const) {
      const scanned = (await names(backend, kind, name)).sort()
      all.push([name, kind, scanned, scanned.length > 0 ? await backend.inspect(kind, name, scanned) : []])
      if (kind === 'entry') continue
      for (const id of scanned) {
        const found = await backend.readGroup(name, id, undefined, { touch: false, detail: false, sliding: false })
        all.push([id, found?.members.toSorted(([one], [other]) => (one < other ? -1 : 1))])
      }
    }
  }
  return all
}

for (const index of [false, true]) {
  test(`random traces answer as the memory backend does, to the millisecond, ${index ? 'with' : 'without'} an index`, async () => {
    const connection = new Redis(inject('redisUrl'))
    finallyDo(() => connection.disconnect())
    await fc.assert(
      fc.asyncProperty(trace, async (steps) => {
        const prefix = freshPrefix()
        const server = new VirtualServer(connection, prefix)
        const [model, real] = [
          memory({ clock: { now: () => server.at } }),
          redis(server.client, { prefix, index: index && { shards: 2 } }),
        ]
        for (const [wait, { step: run }] of steps) {
          await server.advance(wait)
          assert.deepEqual(await run(real), await run(model))
          assert.deepEqual(await everything(real), await everything(model))
          if (index && wait > 0) assert.deepEqual(await outlook(real, server.at), await outlook(model, server.at))
        }
        await server.clear()
      }),
      { numRuns: 150 },
    )
  })
}
