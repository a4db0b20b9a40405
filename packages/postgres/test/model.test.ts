import assert from 'node:assert/strict'
import type { Awaitable, Backend, Condition, Due, Placement } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import fc from 'fast-check'
import { test } from 'vitest'
import type { PostgresBackend } from '../src/index.ts'
import { freshPlace, Hands, poolOf, quoted, T0, urlOf } from './support.ts'

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
const absent = fc.constantFrom<'absent' | undefined>(undefined, undefined, 'absent')
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
  {
    weight: 3,
    arbitrary: call([ns, key, memberList, placement, absent], (b, n, k, m, p, c) => b.writeGroup(n, k, m, p, c)),
  },
  {
    weight: 3,
    arbitrary: call([ns, key, fc.option(keys, { nil: undefined }), options], async (b, n, k, m, o) => {
      const found = await b.readGroup(n, k, m, o)
      return found && { ...found, members: found.members.toSorted(([a], [c]) => (a < c ? -1 : 1)) }
    }),
  },
  call([ns, key, keys], (b, n, k, m) => b.deleteMembers(n, k, m)),
  call([ns], (b, n) => b.clear?.(n)),
  call(
    [fc.option(ns, { nil: undefined }), fc.constantFrom(undefined, T0 + 30), fc.boolean()],
    async (b, n, t, names) => {
      const swept = await b.sweep({ limit: 1_000, namespace: n, asOf: t, names })
      // What a sweep comes upon in vain depends on how others were filed.
      return {
        deleted: swept.deleted,
        more: swept.more,
        names: swept.names?.deleted.map((each) => JSON.stringify(each)).sort(),
      }
    },
  ),
)
const trace = fc.array(fc.tuple(fc.constantFrom(0, 0, 1, 3, 10, 40), step), { minLength: 1, maxLength: 30 })

async function everything(backend: Backend) {
  const all = []
  for (const name of ['a', 'b\0%']) {
    for (const kind of ['entry', 'group'] as const) {
      const scanned = [...(await backend.scan(kind, name, { limit: 100 })).keys].sort()
      all.push([name, kind, scanned, scanned.length > 0 ? await backend.inspect(kind, name, scanned) : []])
    }
  }
  const tallies = (await backend.stats?.(undefined, [T0 + 20, T0 + 50, T0 + 120])) ?? []
  return [
    all,
    [...tallies].sort((a, b) => (a.namespace < b.namespace ? -1 : 1)),
    await dueUntil(backend, T0 + 60),
    await dueUntil(backend, T0 + 1_000, 'a'),
  ]
}

/** What has a deadline up to an instant, in pages of two. */
async function dueUntil(backend: Backend, asOf: number, namespace?: string) {
  const found: Due[] = []
  let cursor: string | undefined
  do {
    const page = await backend.due?.({ asOf, namespace, cursor, limit: 2 })
    found.push(...(page?.due ?? []))
    cursor = page?.cursor
  } while (cursor !== undefined)
  return found.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** Asks for each key by itself, all in one turn of the event loop. */
function apart(backend: PostgresBackend): Backend {
  const each = async <K, A>(keys: readonly K[], ask: (key: K) => Awaitable<readonly A[]>): Promise<A[]> =>
    (await Promise.all(keys.map(ask))).flat()
  const singly: Partial<Backend> = {
    read: (n, keys, options) => each(keys, (key) => backend.read(n, [key], options)),
    write: (n, writes) => each(writes, (write) => backend.write(n, [write])),
    delete: (space, n, keys) => each(keys, (key) => backend.delete(space, n, [key])),
    touch: (space, n, keys) => each(keys, (key) => backend.touch(space, n, [key])),
    async readGroup(n, id, members, options) {
      if (members === undefined) return backend.readGroup(n, id, members, options)
      const found = await each(members, async (member) => {
        const group = await backend.readGroup(n, id, [member], { ...options, detail: false })
        return group?.members ?? []
      })
      if (found.length === 0) return undefined
      const [reading] = await backend.inspect('group', n, [id])
      return { members: found, reading }
    },
    expire: (space, n, keys, to) => each(keys, (key) => backend.expire(space, n, [key], to)),
  }
  return new Proxy(backend, {
    get(_, name) {
      const value: unknown = Reflect.get(singly, name) ?? Reflect.get(backend, name)
      return typeof value === 'function' ? value.bind(backend) : value
    },
  })
}

for (const [version, table, runs, ask] of [
  [18, 'we ird"ta\'b\\le', 150, 'together'],
  [18, 'apart', 80, 'apart'],
  [15, 'plain', 80, 'together'],
] as const) {
  test(`random traces answer as the memory backend does, and the lower bound of a deadline stays one (${version}, ${ask})`, async () => {
    const pool = poolOf(urlOf(version), { max: 2 })
    const clock = new Hands()
    const { backend } = freshPlace({ clock, table: `${table}${process.pid}` }, pool)
    const real = ask === 'apart' ? apart(backend) : backend
    const items = quoted(`${table}${process.pid}`)
    const members = quoted(`${table}${process.pid}_members`)
    await backend.migrate()
    await fc.assert(
      fc.asyncProperty(trace, async (steps) => {
        clock.at = T0
        await pool.query(`TRUNCATE ${items}, ${members}`)
        const model = memory({ clock })
        for (const [wait, { step: run }] of steps) {
          clock.at += wait
          assert.deepEqual(await run(real), await run(model))
          assert.deepEqual(await everything(real), await everything(model))
          const { rows } = await pool.query(`
            SELECT (SELECT count(*)::int FROM ${items} WHERE expires_at < coalesce(sweep_at, 9e18)) AS wrong,
              (SELECT count(*)::int FROM ${members} WHERE owner NOT IN (SELECT id FROM ${items} WHERE space = 1)) AS orphans`)
          assert.deepEqual(rows, [{ wrong: 0, orphans: 0 }])
        }
      }),
      { numRuns: runs },
    )
  })
}
