import { after, type Namespace, never, type SetOptions } from '@ttl/core'
import type { Backend } from '@ttl/core/adapter'
import { equal, given, ok, refused, same } from '../expect.ts'
import type { Law } from '../law.ts'
import type { Scene } from '../scene.ts'

/** A connection that counts what is sent through it. */
function counted(backend: Backend): { readonly on: Backend; readonly calls: () => number } {
  let calls = 0
  const on = new Proxy(backend, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        calls++
        return value.apply(target, args)
      }
    },
  })
  return { on, calls: () => calls }
}

/** Refused calls, on a namespace that holds `old` under `k`. Each must send nothing and leave everything as it is. */
async function refuse(
  c: Scene,
  rows: readonly (readonly [
    code: 'TTL_INVALID' | 'TTL_CONFLICT' | 'TTL_CODEC',
    says: RegExp,
    call: (ns: Namespace) => unknown,
  ])[],
): Promise<void> {
  const { on, calls } = counted(c.backend)
  const ns = c.ns({ ttl: c.t.span(90_000) }, { on })
  await ns.set('k', 'old')
  const state = async () =>
    (await c.backend.inspect('entry', ns.name, ['k', 'new'])).map((reading) => reading && { ...reading, now: 0 })
  const before = await state()
  for (const [code, says, call] of rows) {
    const sent = calls()
    await refused(code, () => call(ns), says)
    equal(calls(), sent, `${call} was sent`)
  }
  same(await state(), before)
  await c.alive(ns, 'k', 'old')
  await c.gone(ns, 'new')
}

const set = (options: unknown) => (ns: Namespace) => ns.set('k', 'new', options as SetOptions)

export const refusalLaws: readonly Law[] = [
  {
    id: 'refused.ttl',
    heavy: true,
    title: 'what is not a span is refused before anything is sent, and the message says what to write',
    why: '60, 0, -1 and NaN made things immortal in six libraries.',
    run: (c) =>
      refuse(c, [
        ['TTL_INVALID', /seconds\(60\)/, set({ ttl: 60 })],
        ['TTL_INVALID', /'60s'/, set({ ttl: '60' })],
        ['TTL_INVALID', /never/, set({ ttl: 0 })],
        ['TTL_INVALID', /never/, set({ ttl: -1 })],
        ['TTL_INVALID', /never/, set({ ttl: Number.NaN })],
        ['TTL_INVALID', /never/, set({ ttl: Number.POSITIVE_INFINITY })],
        ['TTL_INVALID', /never/, set({ ttl: '0s' })],
        ['TTL_INVALID', /negative/, set({ ttl: '-5m' })],
        ['TTL_INVALID', /15m/, set({ ttl: '' })],
        ['TTL_INVALID', /days/, set({ ttl: '1mo' })],
        ['TTL_INVALID', /days/, set({ ttl: 'P1M' })],
        ['TTL_INVALID', /100 years/, set({ ttl: '36526d' })],
        ['TTL_INVALID', /never/, set({ ttl: null })],
        ['TTL_INVALID', /15/, set({ ttl: {} })],
        ['TTL_INVALID', /15/, set({ ttl: [] })],
        ['TTL_INVALID', /15/, set({ ttl: new Date(0) })],
        ['TTL_INVALID', /lifetime:/, set({ ttl: after('1h') })],
        ['TTL_INVALID', /15/, (ns) => ns.expire('k', {} as never)],
        ['TTL_INVALID', /seconds\(60\)/, (ns) => ns.expire('k', 60 as never)],
        ['TTL_INVALID', /never/, (ns) => ns.expire('k', null as never)],
      ]),
  },
  {
    id: 'refused.expires-at',
    title: 'what is not an instant is refused: a date without an offset, a bare number, an invalid Date, null',
    why: 'The same text is another instant on another machine.',
    run: (c) =>
      refuse(c, [
        ['TTL_INVALID', /offset/, set({ expiresAt: '2026-12-31T23:59:59' })],
        ['TTL_INVALID', /offset/, set({ expiresAt: '2026-12-31' })],
        ['TTL_INVALID', /calendar/, set({ expiresAt: '2026-02-30T00:00:00Z' })],
        ['TTL_INVALID', /epochMs\(1767225600\) or epochSeconds/, set({ expiresAt: 1_767_225_600 })],
        ['TTL_INVALID', /invalid Date/, set({ expiresAt: new Date(Number.NaN) })],
        ['TTL_INVALID', /null/, set({ expiresAt: null })],
        ['TTL_INVALID', /instant/, set({ expiresAt: {} })],
        ['TTL_INVALID', /after\(/, set({ lifetime: {} })],
        ['TTL_INVALID', /null/, set({ lifetime: null })],
        ['TTL_INVALID', /after\(/, set({ lifetime: '1h' })],
      ]),
  },
  {
    id: 'refused.conflicts',
    title: 'two ways to say when are refused by their presence, and the message names the way to have both',
    why: 'Truthiness lets ttl: 0 with expiresAt pass; silence lets one of them win.',
    async run(c) {
      const expiresAt = c.t.instant(60_000)
      await refuse(c, [
        ['TTL_CONFLICT', /earliest/, set({ ttl: '1h', expiresAt })],
        ['TTL_CONFLICT', /earliest/, set({ ttl: 0, expiresAt })],
        ['TTL_CONFLICT', /earliest/, set({ ttl: never, lifetime: after('1h') })],
        ['TTL_CONFLICT', /earliest/, set({ expiresAt, lifetime: never })],
        ['TTL_CONFLICT', /keep/, set({ expiry: 'keep', ttl: '1h' })],
        ['TTL_CONFLICT', /restart/, set({ expiry: 'restart', expiresAt })],
        ['TTL_CONFLICT', /restartOn/, set({ expiry: 'keep', restartOn: 'access' })],
      ])
      const ns = c.ns()
      equal(await ns.set('k', 1, { ttl: '1h', expiresAt: undefined, lifetime: undefined } as SetOptions), true)
    },
  },
  {
    id: 'refused.options',
    title: 'options that do not exist, or not with that value, are refused',
    why: 'A typo in ttl is an entry that never expires.',
    async run(c) {
      const ns = c.ns()
      await ns.set('other', 1)
      const entry = given(await ns.getEntry('other'))
      await refuse(c, [
        ['TTL_INVALID', /"tll".*ttl/, set({ tll: '1h' })],
        ['TTL_INVALID', /"ex".*ttl/, set({ ex: 60 })],
        ['TTL_INVALID', /object/, set('1h')],
        ['TTL_INVALID', /object/, set(60)],
        ['TTL_INVALID', /object/, set(null)],
        ['TTL_INVALID', /lifetime/, set(after('1h'))],
        ['TTL_INVALID', /object/, set(new Date(0))],
        ['TTL_INVALID', /'keep' or 'restart'/, set({ expiry: 'never' })],
        ['TTL_INVALID', /'create', 'write' or 'access'/, set({ restartOn: 'read' })],
        ['TTL_INVALID', /fraction/, set({ refreshAfter: 1 })],
        ['TTL_INVALID', /fraction/, set({ refreshAfter: Number.NaN })],
        ['TTL_INVALID', /fraction/, set({ jitter: -0.1 })],
        ['TTL_INVALID', /null/, set({ jitter: null })],
        ['TTL_INVALID', /'absent'/, set({ if: 'missing' })],
        ['TTL_INVALID', /null/, set({ if: null })],
        ['TTL_INVALID', /getEntry/, set({ if: { unchanged: { value: 'old' } } })],
        ['TTL_INVALID', /same namespace and key/, set({ if: { unchanged: entry } })],
        ['TTL_INVALID', /"tuch".*touch/, (n) => n.get('k', { tuch: false } as never)],
        ['TTL_INVALID', /true or false/, (n) => n.getMany(['k'], { touch: 0 } as never)],
        ['TTL_INVALID', /function/, (n) => n.getOrSet('new', 5 as never)],
      ])
    },
  },
  {
    id: 'refused.values',
    title: 'undefined, and what the codec cannot hold, is refused as a value',
    why: 'A miss is undefined; stored, it would be one for ever.',
    run: (c) =>
      refuse(c, [
        ['TTL_INVALID', /null, or delete/, (ns) => ns.set('k', undefined as never)],
        ['TTL_CODEC', /function/, (ns) => ns.set('k', () => 1)],
        ['TTL_CODEC', /symbol/, (ns) => ns.set('k', Symbol('s'))],
        ['TTL_CODEC', /encoded|bigint/, (ns) => ns.set('k', 1n)],
        [
          'TTL_INVALID',
          /null, or delete/,
          (ns) =>
            ns.setMany([
              ['new', 1],
              ['k', undefined as never],
            ]),
        ],
      ]),
  },
  {
    id: 'refused.names',
    heavy: true,
    title: 'names that no store could keep are refused, in every verb',
    why: 'A name that is cut, folded or replaced is the name of something else.',
    async run(c) {
      const bad: readonly (readonly [unknown, RegExp])[] = [
        ['', /at least one character/],
        ['x'.repeat(2_048), /1024 bytes/],
        ['é'.repeat(513), /1024 bytes/],
        ['\ud800', /lone surrogate/],
        ['a\udc00', /lone surrogate/],
        [5, /String\(value\)/],
        [undefined, /must be a string/],
      ]
      const verbs: ((ns: Namespace, name: never) => unknown)[] = [
        (ns, name) => ns.set(name, 1),
        (ns, name) => ns.get(name),
        (ns, name) => ns.getEntry(name),
        (ns, name) => ns.getMany(['k', name]),
        (ns, name) => ns.has(name),
        (ns, name) =>
          ns.setMany([
            ['k', 'new'],
            [name, 1],
          ]),
        (ns, name) => ns.getOrSet(name, () => 1),
        (ns, name) => ns.take(name),
        (ns, name) => ns.delete(name),
        (ns, name) => ns.deleteMany(['k', name]),
        (ns, name) => ns.touch(name),
        (ns, name) => ns.expire(name, '1h'),
        (ns, name) => ns.persist(name),
        (ns, name) => ns.expiry(name),
        (ns, name) => ns.explain(name),
      ]
      if (c.can.groups)
        verbs.push(
          (ns, name) => ns.group(name),
          (ns, name) => ns.group('g').set(name, 1),
          (ns, name) => ns.group('g').delete(name),
        )
      await refuse(
        c,
        bad.flatMap(([name, says]) =>
          verbs.map((verb) => ['TTL_INVALID', says, (ns: Namespace) => verb(ns, name as never)] as const),
        ),
      )
      for (const [name, says] of bad) await refused('TTL_INVALID', () => c.store().namespace(name as never), says)
    },
  },
  {
    id: 'refused.batch',
    title: 'a batch with one entry that is refused writes none of them',
    why: 'Everything is checked before anything is sent.',
    run: (c) =>
      refuse(c, [
        [
          'TTL_INVALID',
          /seconds\(5\)/,
          (ns) =>
            ns.setMany([
              ['new', 1],
              ['k', 'new'],
              ['x', 1, { ttl: 5 } as never],
            ]),
        ],
        [
          'TTL_CONFLICT',
          /earliest/,
          (ns) =>
            ns.setMany([
              ['new', 1],
              ['k', 1, { ttl: '1h', lifetime: never } as never],
            ]),
        ],
        [
          'TTL_CODEC',
          /function/,
          (ns) =>
            ns.setMany([
              ['new', 1],
              ['k', () => 1],
            ]),
        ],
        ['TTL_INVALID', /iterable/, (ns) => ns.setMany({ k: 1 } as never)],
        ['TTL_INVALID', /iterable/, (ns) => ns.getMany('k' as never)],
        ['TTL_INVALID', /iterable/, (ns) => ns.deleteMany('k' as never)],
      ]),
  },
  {
    id: 'refused.groups',
    title: 'a group refuses what an entry refuses, options for a member, and a write without members',
    why: 'A member with an expiry of its own is the bug that groups are there to prevent.',
    requires: { groups: 'yes' },
    async run(c) {
      await refuse(c, [
        ['TTL_INVALID', /group\.expire/, (ns) => ns.group('g').set('m', 1, { ttl: '1h' } as never)],
        ['TTL_INVALID', /at least one member/, (ns) => ns.group('g').setMany({})],
        ['TTL_INVALID', /null, or delete/, (ns) => ns.group('g').setMany({ a: 1, b: undefined as never })],
        ['TTL_CODEC', /function/, (ns) => ns.group('g').setMany({ a: 1, b: () => 1 })],
        ['TTL_INVALID', /member/, (ns) => ns.group('g').delete(undefined)],
        ['TTL_INVALID', /iterable/, (ns) => ns.group('g').getMany('m' as never)],
        ['TTL_INVALID', /seconds\(5\)/, (ns) => ns.group('g', { ttl: 5 } as never)],
        ['TTL_INVALID', /seconds\(5\)/, (ns) => ns.group('g').expire(5 as never)],
      ])
      equal((await c.ns().group('g').expiry()).state, 'absent')
    },
  },
  {
    id: 'refused.says-where',
    title: 'an error names its operation, namespace and key, and never a value',
    why: 'Logs are read by people who must not read sessions.',
    async run(c) {
      const ns = c.ns<unknown>()
      const error = await refused('TTL_INVALID', () => ns.set('k', 'top secret', { ttl: 60 } as never))
      same([error.operation, error.namespace, error.key, error.retryable], ['set', ns.name, 'k', false])
      ok(!error.message.includes('secret') && !JSON.stringify(error).includes('secret'))
    },
  },
]
