/** Items as they expire: the numbered behaviours and traps of LangGraph's store. */
import { onEachBackend, type Scene } from '@ttl/backends'
import { createStore, minutes, never, type PolicyInput, rolling, sliding } from '@ttl/core'
import { expect, it } from 'vitest'
import { TtlSaver, TtlStore, type TtlStoreOptions } from '../src/langgraph/index.ts'
import { around, counting, MINUTE, put } from './support.ts'

function itemsOn(scene: Scene, options: TtlStoreOptions = {}, backend = scene.backend) {
  return new TtlStore(createStore({ backend }), { clock: scene.clock, ...options })
}

const AT = ['users', 'ada']
const slides = sliding('30m', { max: 'unbounded' })

async function remaining(items: TtlStore, key: string, namespace = AT) {
  const expiry = await items.expiry(namespace, key)
  return expiry.state === 'expires' ? expiry.remaining.ms / MINUTE : expiry.state
}

/** Embeds a text as how often each of five words is in it. */
const WORDS = ['sea', 'moon', 'tide', 'bread', 'oven']
const countWords = (text: string) => WORDS.map((word) => text.split(word).length - 1)
const index = {
  dims: WORDS.length,
  fields: ['text'],
  embeddings: {
    embedQuery: async (text: string) => countWords(text),
    embedDocuments: async (texts: string[]) => texts.map(countWords),
  } as unknown as NonNullable<TtlStoreOptions['index']>['embeddings'],
}

onEachBackend((open) => {
  it('R14: an item of its own 5 minutes does not live the 30 of the others, and its vectors die with it', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: rolling(minutes(30)), index })
    await items.put(AT, 'long', { text: 'the tide and the moon' })
    await items.putExpiring(AT, 'short', { text: 'the moon' }, { ttl: minutes(5) })
    const near = async () => (await items.search(AT, { query: 'moon' })).map(({ key }) => key)
    expect(await near()).toEqual(['short', 'long'])
    await scene.advance('5m')
    expect(await items.get(AT, 'short')).toBeNull()
    expect(await near()).toEqual(['long'])
    await scene.advance('25m')
    expect(await items.get(AT, 'long')).toBeNull()
    expect(await near()).toEqual([])
  })

  it('S1: by default nothing expires; one policy says how long, and whether reads restart it', async () => {
    await using scene = await open()
    const forever = itemsOn(scene)
    await forever.put(AT, 'plain', { n: 1 })
    expect(await remaining(forever, 'plain')).toBe('never')
    const hour = itemsOn(scene, { policy: rolling('60m') })
    await hour.put(AT, 'hour', { n: 1 })
    await scene.advance('30m')
    await hour.get(AT, 'hour')
    expect(await remaining(hour, 'hour')).toBe(30)
  })

  it('S1: a rule says it for a namespace; the longest that matches is in force', async () => {
    await using scene = await open()
    const items = itemsOn(scene, {
      policy: rolling('60m'),
      rules: [
        { namespace: ['users'], policy: rolling('30m') },
        { namespace: ['users', '*', 'cache'], policy: rolling('5m') },
        { namespace: ['users', 'ada', 'cache'], policy: rolling('7m') },
        { namespace: ['legal'], policy: { ttl: never } },
      ],
    })
    const spans: [string[], unknown][] = [
      [['other'], 60],
      [['users', 'ada'], 30],
      [['users', 'bob', 'cache', 'deep'], 5],
      [['legal', 'x'], 'never'],
    ]
    for (const [namespace] of spans) await items.put(namespace, 'k', { n: 1 })
    for (const [namespace, span] of spans) expect(await remaining(items, 'k', namespace)).toBe(span)
  })

  it('S2: a put takes the default, or no end at all, or a time of its own', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: rolling('60m') })
    await items.put(AT, 'default', { n: 1 })
    await items.putExpiring(AT, 'never', { n: 1 }, { ttl: never })
    await items.putExpiring(AT, 'own', { n: 1 }, { ttl: '90m' })
    expect(await remaining(items, 'default')).toBe(60)
    expect(await remaining(items, 'never')).toBe('never')
    expect(await remaining(items, 'own')).toBe(90)
  })

  it('S3: a time that cannot be kept is an error before anything is sent', async () => {
    await using scene = await open()
    const { backend, calls } = counting(scene.backend)
    const items = itemsOn(scene, { policy: rolling('60m') }, backend)
    await items.put(AT, 'k', { n: 1 })
    calls.length = 0
    for (const ttl of [5, -1, 0, null, '0s', '-5m', Number.NaN]) {
      await expect(items.putExpiring(AT, 'k', { n: 2 }, { ttl } as never)).rejects.toMatchObject({
        code: 'TTL_INVALID',
      })
    }
    await expect(items.search(AT, { query: 'moon' })).rejects.toMatchObject({ code: 'TTL_UNSUPPORTED' })
    expect(calls.filter((call) => call !== 'read')).toEqual([])
    expect((await items.get(AT, 'k'))?.value).toEqual({ n: 1 })
  })

  it('S4: reads restart what says so itself; a call can ask for none', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: slides })
    await items.put(AT, 'k', { n: 1 })
    await scene.advance('10m')
    await items.get(AT, 'k', { touch: false })
    await items.search(AT, { touch: false })
    expect(await remaining(items, 'k')).toBe(20)
    await items.get(AT, 'k')
    expect(await remaining(items, 'k')).toBe(30)
    await scene.advance('10m')
    await items.search(AT)
    expect(await remaining(items, 'k')).toBe(30)
  })

  it('S5: a refresh gives an item its own time again, and one without a time none', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: slides })
    await items.putExpiring(AT, 'short', { n: 1 }, { ttl: '5m' })
    await items.putExpiring(AT, 'never', { n: 1 }, { ttl: never })
    await scene.advance('4m')
    await items.search(AT)
    expect(await remaining(items, 'short')).toBe(5)
    expect(await remaining(items, 'never')).toBe('never')
  })

  it('S6: a put over an item replaces its time: by the default, by none, by another; keep leaves it', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: rolling('60m') })
    const again = async (options?: Parameters<TtlStore['putExpiring']>[3]) => {
      await items.putExpiring(AT, 'k', { n: 1 }, { ttl: '5m' })
      await scene.advance('1m')
      if (options === undefined) await items.put(AT, 'k', { n: 2 })
      else await items.putExpiring(AT, 'k', { n: 2 }, options)
      return remaining(items, 'k')
    }
    expect(await again()).toBe(60)
    expect(await again({ ttl: never })).toBe('never')
    expect(await again({ ttl: '2m' })).toBe(2)
    expect(await again({ expiry: 'keep' })).toBe(4)
  })

  it('S7: what has expired is in no get, search or list of namespaces, is not revived, and takes no place in a page', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: slides })
    for (let index = 0; index < 20; index++) {
      await scene.advance('1s')
      await items.putExpiring(
        ['docs', `d${index}`],
        'k',
        { index, even: index % 2 === 0 },
        { ttl: index % 2 ? '5m' : never },
      )
    }
    await scene.advance('5m')
    expect(await items.get(['docs', 'd1'], 'k')).toBeNull()
    expect(await items.touch(['docs', 'd1'], 'k')).toBe(false)
    const pages = [0, 4, 8].map((offset) => items.search(['docs'], { limit: 4, offset }))
    const found = (await Promise.all(pages)).map((page) => page.map(({ value }) => value.index))
    expect(found).toEqual([
      [18, 16, 14, 12],
      [10, 8, 6, 4],
      [2, 0],
    ])
    const lists = [0, 4, 8].map((offset) => items.listNamespaces({ prefix: ['docs'], limit: 4, offset }))
    expect((await Promise.all(lists)).map((list) => list.length)).toEqual([4, 4, 2])
    expect(await items.search(['docs'], { filter: { even: false } })).toEqual([])
    expect(await items.get(['docs', 'd1'], 'k')).toBeNull()
  })

  it('S8: a sweep says how much it freed, and an item goes with its vectors: they are one entry', async () => {
    await using scene = await open()
    const store = createStore({ backend: scene.backend })
    const items = new TtlStore(store, { policy: rolling('5m'), index, clock: scene.clock })
    for (const key of ['a', 'b', 'c']) await items.put(AT, key, { text: 'bread' })
    expect(await store.namespace('langgraph:items').count()).toBe(3)
    await scene.advance('5m')
    const native = scene.backend.capabilities.reclaims === 'native'
    expect((await store.sweep({ limit: 2 })).deleted).toBe(native ? 0 : 2)
    expect((await store.sweep()).deleted).toBe(native ? 0 : 1)
    if (scene.backend.capabilities.stats) expect(await store.stats()).toEqual([])
    expect(await items.search(AT, { query: 'bread' })).toEqual([])
  })

  it('S9: a sweeper wakes when something is due, survives a failure, runs once, and stops as often as it is told', async () => {
    await using scene = await open()
    const native = scene.backend.capabilities.reclaims === 'native'
    let failures = 1
    const sweep = () => {
      if (failures-- > 0) throw new Error('not now')
    }
    const store = createStore({ backend: around(scene.backend, { sweep }) })
    const errors: unknown[] = []
    store.on('sweep.error', ({ error }) => errors.push(error))
    const sweeper = store.startSweeper({ interval: '5m', timers: scene.timers })
    expect(() => store.startSweeper({ interval: '5m', timers: scene.timers })).toThrow(/running already/)
    const items = new TtlStore(store, { policy: rolling('7m'), clock: scene.clock })
    await items.put(AT, 'k', { n: 1 })
    await scene.advance('20m')
    expect(await sweeper.status()).toMatchObject(
      native ? { state: 'native' } : { state: 'waiting', deleted: 1, failures: 0 },
    )
    expect(errors).toHaveLength(native ? 0 : 1)
    if (scene.backend.capabilities.stats) expect(await store.stats()).toEqual([])
    await sweeper.stop()
    await sweeper.stop()
    if (!native) expect((await sweeper.status()).state).toBe('stopped')
    await store.startSweeper({ timers: scene.timers }).stop()
  })

  it('trap S4: a sweep frees no more at a time than it is told, and an interval of nothing is refused, not five minutes', async () => {
    await using scene = await open()
    const native = scene.backend.capabilities.reclaims === 'native'
    const store = createStore({ backend: scene.backend })
    const items = new TtlStore(store, { policy: rolling('5m'), clock: scene.clock })
    for (let n = 0; n < 12; n++) await items.put(AT, `k${n}`, { n })
    await scene.advance('5m')
    const swept: number[] = []
    for (let more = true; more; ) {
      const report = await store.sweep({ limit: 5 })
      swept.push(report.deleted)
      more = report.more
    }
    expect(swept).toEqual(native ? [0] : [5, 5, 2])
    // @ts-expect-error a bare number, and nothing at that
    expect(() => store.startSweeper({ interval: 0 })).toThrow(/duration/)
    expect(() => store.startSweeper({ interval: '0m' })).toThrow(/duration/)
  })

  it('trap R5: below a second is exact, and a time that is none is an error, not a delete', async () => {
    await using scene = await open()
    const items = itemsOn(scene)
    await items.put(AT, 'k', { n: 1 })
    await expect(items.putExpiring(AT, 'k', { n: 2 }, { ttl: -1 } as never)).rejects.toMatchObject({
      code: 'TTL_INVALID',
    })
    expect(await items.get(AT, 'k')).not.toBeNull()
    await items.putExpiring(AT, 'blink', { n: 1 }, { ttl: '250ms' })
    await scene.advance('249ms')
    expect(await items.get(AT, 'blink')).not.toBeNull()
    await scene.advance('1ms')
    expect(await items.get(AT, 'blink')).toBeNull()
  })

  it('trap R6: an item is refreshed by its own time, without any default, and in its last half second too', async () => {
    await using scene = await open()
    const items = itemsOn(scene)
    await items.putExpiring(AT, 'k', { n: 1 }, { ttl: '5m', restartOn: 'access' })
    await scene.advance('299600ms')
    await items.get(AT, 'k')
    expect(await remaining(items, 'k')).toBe(5)
  })

  it('trap R7: an item and its deadline are one write', async () => {
    await using scene = await open()
    const { backend, calls } = counting(scene.backend)
    await itemsOn(scene, { policy: rolling('60m') }, backend).put(AT, 'k', { n: 1 })
    expect(calls).toEqual(['read', 'write'])
  })

  it('trap R8: an item is replaced in place: no reader misses it and racing puts leave one', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: rolling('60m') })
    await items.put(AT, 'k', { n: -1 })
    const reads = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        await items.put(AT, 'k', { n })
        return items.get(AT, 'k')
      }),
    )
    expect(reads).not.toContain(null)
    expect(await items.search(AT)).toHaveLength(1)
  })

  it('trap R9: the same policy means the same for threads and for items', async () => {
    await using scene = await open()
    const store = createStore({ backend: scene.backend })
    const refreshes = async (policy: PolicyInput) => {
      const saver = new TtlSaver(store, { policy })
      const items = new TtlStore(store, { policy, clock: scene.clock })
      await saver.deleteThread('t')
      const saved = await put(saver, { configurable: { thread_id: 't' } })
      await items.put(AT, 'k', { n: 1 })
      await scene.advance('10m')
      await saver.getTuple(saved)
      await items.get(AT, 'k')
      const expiry = await saver.thread('t').expiry()
      return [expiry.state === 'expires' && expiry.remaining.ms / MINUTE, await remaining(items, 'k')]
    }
    expect(await refreshes(rolling('30m'))).toEqual([20, 20])
    expect(await refreshes(slides)).toEqual([30, 30])
  })

  it('trap S1: a fraction of a minute is kept to the millisecond', async () => {
    await using scene = await open()
    const items = itemsOn(scene)
    await items.putExpiring(AT, 'k', { n: 1 }, { ttl: minutes(90.5) })
    expect(await remaining(items, 'k')).toBe(90.5)
  })

  it('trap S2: the expired is hidden without being asked for, and no read brings it back', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: slides })
    await items.put(AT, 'k', { n: 1 })
    await scene.advance('30m')
    expect(await items.get(AT, 'k')).toBeNull()
    expect(await items.search([])).toEqual([])
    expect(await items.listNamespaces()).toEqual([])
    expect(await remaining(items, 'k')).toBe('absent')
  })

  it('trap S3: at the very instant an item is dead for a reader and for a sweep alike', async () => {
    await using scene = await open()
    const store = createStore({ backend: scene.backend })
    const items = new TtlStore(store, { policy: rolling('5m'), clock: scene.clock })
    await items.put(AT, 'k', { n: 1 })
    await scene.advance('299999ms')
    expect(await items.get(AT, 'k')).not.toBeNull()
    expect((await store.sweep()).deleted).toBe(0)
    await scene.advance('1ms')
    expect(await items.get(AT, 'k')).toBeNull()
    expect((await store.sweep()).deleted).toBe(scene.backend.capabilities.reclaims === 'native' ? 0 : 1)
  })

  it('trap S5: reading one item refreshes that one; a replaced item keeps its birth; a negative time is no immortality', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: slides })
    for (const key of ['a', 'b', 'c']) await items.put(AT, key, { key })
    const [born] = await items.search(AT, { limit: 1, touch: false })
    await scene.advance('10m')
    await items.batch([{ namespace: AT, key: 'a' }])
    expect(await items.search(AT, { filter: { key: 'b' } })).toHaveLength(1)
    expect(await items.search(AT, { filter: { key: 'nobody' } })).toHaveLength(0)
    expect(await Promise.all(['a', 'b', 'c'].map((key) => remaining(items, key)))).toEqual([30, 30, 20])
    await items.put(AT, 'a', { key: 'a', again: true })
    const { createdAt, updatedAt } = (await items.get(AT, 'a'))!
    expect(createdAt).toEqual(born?.createdAt)
    expect(updatedAt.getTime() - createdAt.getTime()).toBe(10 * MINUTE)
    await expect(items.putExpiring(AT, 'a', {}, { ttl: '-5m' } as never)).rejects.toMatchObject({ code: 'TTL_INVALID' })
    expect(await remaining(items, 'a')).toBe(30)
  })

  it('trap S7: an absolute end, in the unit that one thinks in', async () => {
    await using scene = await open()
    const items = itemsOn(scene, { policy: rolling('365d') })
    await items.putExpiring(AT, 'k', { n: 1 }, { expiresAt: '2100-01-01T09:00:00+02:00' })
    await items.putExpiring(AT, 'past', { n: 1 }, { expiresAt: '2099-12-31T23:59:59Z' })
    expect(await items.get(AT, 'past')).toBeNull()
    await scene.advance('7h')
    expect(await items.get(AT, 'k')).toBeNull()
  })
})
