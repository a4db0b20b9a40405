import { createStore, never, sliding } from '@ttl/core'
import type { Backend, Timing } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import { equal, given, names, refused, same, timingOf } from '../expect.ts'
import type { Law } from '../law.ts'
import type { Scene } from '../scene.ts'

/** A memory backend that stands at the present time of the one under test. */
async function beside(c: Scene): Promise<Backend> {
  const now = await c.backend.now()
  return memory({ clock: { now: () => now } })
}

/** One of each kind of life; answers their namespace. */
async function settled(c: Scene, on: Backend): Promise<string> {
  const ns = createStore({ backend: on }).namespace<unknown>(c.name(), { limits: { max: '10d' } })
  await ns.set('relative', { text: 'ü' }, { ttl: '1h' })
  await ns.set('absolute', [1, null], { expiresAt: c.t.instant(90_000_000) })
  await ns.set('bytes', new Uint8Array([0, 255]), { ttl: never })
  await ns.set('sliding', 's', { ...sliding('20m', { max: '2h' }), refreshAfter: 0.5 })
  await ns.set('created', 'c', { ttl: '3h', restartOn: 'create' })
  if (c.can.groups) await ns.group('g', sliding('30m', { max: '1d' })).setMany({ a: 1, b: 'two' })
  return ns.name
}

/** Everything of a namespace, with its timing and without the instant of reading. */
async function all(backend: Backend, namespace: string, groups: boolean): Promise<unknown> {
  const peek = { touch: false, detail: true, sliding: false }
  const keys = ['relative', 'absolute', 'bytes', 'sliding', 'created']
  const timing = (reading: Timing | undefined) => timingOf(given(reading, 'a reading'))
  const entries = (await backend.read(namespace, keys, peek)).map((found, index) => {
    const { payload, reading } = given(found, keys[index])
    return [keys[index], typeof payload === 'string' ? payload : [...payload], timing(reading)]
  })
  if (!groups) return entries
  const group = given(await backend.readGroup(namespace, 'g', undefined, peek), 'g')
  return [...entries, [...group.members].sort(), timing(group.reading)]
}

export const moveLaws: readonly Law[] = [
  {
    id: 'transfer.round-trip',
    title: 'what is moved out and in again is the same: values, births, windows, caps and deadlines',
    why: 'Portable expiry means one can move.',
    requires: { scan: ['once', 'repeats'] },
    async run(c) {
      const origin = await beside(c)
      const namespace = await settled(c, origin)
      const before = await all(origin, namespace, c.can.groups)
      const there = c.store()
      const groups = c.can.groups ? 1 : 0
      const moved = await createStore({ backend: origin }).transfer(there)
      same(moved.copied, { entries: 5, groups })
      same(await all(c.backend, namespace, c.can.groups), before)
      const back = await beside(c)
      same((await there.transfer(back, { namespaces: [namespace] })).copied, { entries: 5, groups })
      same(await all(back, namespace, c.can.groups), before)
    },
  },
  {
    id: 'transfer.again',
    title: 'a transfer that is made again copies what is missing, and replaces what lives only if it is told',
    why: 'A process is killed half-way, and somebody has written meanwhile.',
    requires: { scan: ['once', 'repeats'] },
    async run(c) {
      const origin = await beside(c)
      const namespace = await settled(c, origin)
      const from = createStore({ backend: origin })
      const ns = c.ns()
      await ns.set('relative', 'newer')
      const groups = c.can.groups ? 1 : 0
      const dry = await from.transfer(c.backend, { dryRun: true })
      same([dry.copied.entries, dry.skipped.entries], [4, 1])
      equal(await ns.has('sliding'), false)
      const seen: number[] = []
      const first = await from.transfer(c.backend, {
        onProgress: ({ copied, kind }) => kind === 'entry' && seen.push(copied.entries),
      })
      same([first.copied, first.skipped.entries], [{ entries: 4, groups }, 1])
      equal(seen.at(-1), 4)
      equal(await ns.get('relative'), 'newer')
      const second = await from.transfer(c.backend)
      same(
        [second.copied, second.skipped],
        [
          { entries: 0, groups: 0 },
          { entries: 5, groups },
        ],
      )
      const third = await from.transfer(c.backend, { overwrite: true })
      same(third.copied, { entries: 5, groups })
      same(await all(c.backend, namespace, c.can.groups), await all(origin, namespace, c.can.groups))
    },
  },
  {
    id: 'transfer.stops',
    title: 'a transfer that is aborted ends between two batches with the reason, and goes on when made again',
    why: 'Ten million entries are moved in more than one night.',
    requires: { scan: ['once', 'repeats'] },
    async run(c) {
      const origin = await beside(c)
      const from = createStore({ backend: origin })
      const ns = from.namespace<string>(c.name(), { policy: { ttl: '1h' } })
      await ns.setMany(names(200).map((key) => [key, 'x'.repeat(50)] as const))
      const signal = { aborted: false, reason: new Error('enough for tonight') }
      const onProgress = () => {
        signal.aborted = true
      }
      await rejects(() => from.transfer(c.backend, { signal, onProgress }), signal.reason)
      const rest = await from.transfer(c.backend)
      equal(rest.copied.entries + rest.skipped.entries, 200)
      equal(rest.skipped.entries > 0 && rest.copied.entries > 0, true)
      equal((await c.ns().getMany(names(200))).size, 200)
    },
  },
  {
    id: 'transfer.refused',
    title: 'a transfer that cannot work says so before it has written anything',
    why: 'Half a copy looks like a whole one.',
    async run(c) {
      const origin = await beside(c)
      const from = createStore({ backend: origin })
      await from.namespace<number>(c.name()).set('k', 1)
      await refused('TTL_INVALID', () => from.transfer(origin), /same/)
      await refused('TTL_INVALID', () => from.transfer(c.backend, { namespaces: [''] }), /namespace/)
      const mine = new RangeError('mine')
      const broken: Iterable<string> = {
        [Symbol.iterator]() {
          throw mine
        },
      }
      await rejects(() => from.transfer(c.backend, { namespaces: broken }), mine)
      await rejects(() => from.transfer(c.backend, { signal: { aborted: true, reason: mine } }), mine)
      if (c.can.scan === 'none')
        await refused('TTL_UNSUPPORTED', () => c.store().transfer(origin, { namespaces: [c.name()] }), /list/)
      equal(await c.ns().has('k'), false)
    },
  },
]

/** Asserts that a call is rejected with this, as it is. */
async function rejects(call: () => Promise<unknown>, reason: unknown): Promise<void> {
  let error: unknown
  try {
    await call()
  } catch (thrown) {
    error = thrown
  }
  equal(error, reason)
}
