/** Threads as they expire: the numbered behaviours of langgraph-redis that need no graph. */
import { onEachBackend } from '@ttl/backends'
import { createStore, minutes, never, rolling, sliding } from '@ttl/core'
import { expect, it } from 'vitest'
import { TtlSaver } from '../src/langgraph/index.ts'
import { around, collect, counting, MINUTE, put, remaining, saverOn, thread } from './support.ts'

onEachBackend((open) => {
  it('R1: a lifetime says its unit: 60, 1440, 120, 30, 5 and 0.1 minutes are 3600, 86400, 7200, 1800, 300 and 6 seconds', async () => {
    await using scene = await open()
    for (const [amount, seconds] of [
      [60, 3_600],
      [1_440, 86_400],
      [120, 7_200],
      [30, 1_800],
      [5, 300],
      [0.1, 6],
    ] as const) {
      const { saver } = saverOn(scene, rolling(minutes(amount)))
      await put(saver, thread(`t${amount}`))
      expect(await remaining(saver, `t${amount}`)).toBe(seconds * 1_000)
    }
    // @ts-expect-error a bare number does not say its unit
    expect(() => saverOn(scene, { ttl: 60 })).toThrow(/60, which has no unit/)
  })

  it('R2: without a policy nothing expires', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene)
    const saved = await put(saver, thread('t'))
    await saver.putWrites(saved, [['messages', 'more']], 'task')
    expect(await remaining(saver, 't')).toBe('never')
    await scene.advance('3650d')
    expect((await saver.getTuple(thread('t')))?.pendingWrites).toEqual([['task', 'messages', 'more']])
  })

  it('R3: with a default alone a thread dies at its time, however much it is read', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, rolling('60m'))
    await put(saver, thread('t'))
    for (let minute = 0; minute < 59; minute++) {
      await scene.advance('1m')
      expect(await saver.getTuple(thread('t'))).toBeDefined()
    }
    await scene.advance('59999ms')
    expect(await saver.getTuple(thread('t'))).toBeDefined()
    await scene.advance('1ms')
    expect(await saver.getTuple(thread('t'))).toBeUndefined()
  })

  it('R4: refresh on read gives the whole time again; without it a read changes nothing', async () => {
    await using scene = await open()
    const on = saverOn(scene, sliding('60m', { max: 'unbounded' })).saver
    const off = saverOn(scene, rolling('60m')).saver
    await put(on, thread('on'))
    await put(off, thread('off'))
    await scene.advance('30m')
    await on.getTuple(thread('on'))
    await off.getTuple(thread('off'))
    expect(await remaining(on, 'on')).toBe(60 * MINUTE)
    expect(await remaining(off, 'off')).toBe(30 * MINUTE)
    await scene.advance('30m')
    expect(await off.getTuple(thread('off'))).toBeUndefined()
    expect(await on.getTuple(thread('on'), { touch: false })).toBeDefined()
    expect(await remaining(on, 'on')).toBe(30 * MINUTE)
  })

  it('R5: every read refreshes; a threshold, for who wants one, is decided once for the whole thread', async () => {
    await using scene = await open()
    const every = saverOn(scene, sliding('60m', { max: 'unbounded' })).saver
    await put(every, thread('every'))
    for (const _ of [1, 2, 3]) {
      await scene.advance('1s')
      await every.getTuple(thread('every'))
      expect(await remaining(every, 'every')).toBe(60 * MINUTE)
    }
    const some = saverOn(scene, { ...sliding('60m', { max: 'unbounded' }), refreshAfter: 0.6 }).saver
    const saved = await put(some, thread('some'))
    await some.putWrites(saved, [['messages', 'more']], 'task')
    await scene.advance('35m')
    await some.getTuple(thread('some'))
    expect(await remaining(some, 'some')).toBe(25 * MINUTE)
    await scene.advance('1m')
    await some.getTuple(thread('some'))
    expect(await remaining(some, 'some')).toBe(60 * MINUTE)
  })

  it('R6: a refresh gives no deadline to what has none', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, sliding('60m', { max: 'unbounded' }))
    await put(saver, thread('t'))
    await saver.thread('t').pin()
    await saver.getTuple(thread('t'))
    await collect(saver.list(thread('t')))
    await saver.thread('t').touch()
    expect(await remaining(saver, 't')).toBe('never')
  })

  it('R7: checkpoint, values, pending writes, latest pointer and attachments share one deadline: they are one group', async () => {
    await using scene = await open()
    const { saver, store } = saverOn(scene, rolling('60m'))
    const first = await put(saver, thread('t'))
    await saver.putWrites(
      first,
      [
        ['messages', 'a'],
        ['mood', 'b'],
      ],
      'task-1',
    )
    await scene.advance('10m')
    const second = await put(saver, first, { messages: ['hi', 'a'] })
    await saver.putWrites(second, [['messages', 'c']], 'task-2')
    await saver.thread('t').attach('draft', { text: 'Dear' })
    const { name } = store.namespace('langgraph:threads')
    expect((await scene.backend.scan('group', name, { limit: 10 })).keys).toEqual(['t'])
    expect((await scene.backend.scan('entry', name, { limit: 10 })).keys).toEqual([])
    await scene.advance('3599999ms')
    expect(await remaining(saver, 't')).toBe(1)
    expect((await saver.getTuple(thread('t')))?.pendingWrites).toHaveLength(1)
    expect((await saver.getTuple(first))?.pendingWrites).toHaveLength(2)
    await scene.advance('1ms')
    expect(
      await scene.backend.readGroup(name, 't', undefined, { touch: false, detail: false, sliding: false }),
    ).toBeUndefined()
  })

  it('R8: whichever checkpoint is read, the latest pointer lives as long as it', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, sliding('60m', { max: 'unbounded' }))
    const first = await put(saver, thread('t'))
    const second = await put(saver, first)
    await scene.advance('50m')
    await saver.getTuple(thread('t'))
    await scene.advance('50m')
    expect((await saver.getTuple(first))?.config).toEqual(first)
    await scene.advance('50m')
    expect((await saver.getTuple(thread('t')))?.config).toEqual(second)
    expect(await collect(saver.list(thread('t')))).toHaveLength(2)
  })

  it('R9: after its end a thread is in no answer, and a sweep leaves nothing of it', async () => {
    await using scene = await open()
    const { saver, store } = saverOn(scene, rolling('60m'))
    const saved = await put(saver, thread('t'))
    await saver.putWrites(saved, [['messages', 'more']], 'task')
    await scene.advance('60m')
    expect(await saver.getTuple(thread('t'))).toBeUndefined()
    expect(await saver.getTuple(saved)).toBeUndefined()
    expect(await collect(saver.list(thread('t')))).toEqual([])
    expect(await collect(saver.list({}))).toEqual([])
    expect(await saver.thread('t').expiry()).toEqual({ state: 'absent' })
    await store.sweep()
    if (scene.backend.capabilities.stats) expect(await store.stats()).toEqual([])
  })

  it('R10: pending writes need no second step for their deadline, so none can fail and leave them without', async () => {
    await using scene = await open()
    const broken = around(scene.backend, {
      expire: () => {
        throw new Error('no expiry today')
      },
      touch: () => {
        throw new Error('no expiry today')
      },
    })
    const { saver } = saverOn(scene, rolling('60m'), broken)
    const saved = await put(saver, thread('t'))
    await saver.putWrites(saved, [['messages', 'more']], 'task')
    expect(await remaining(saver, 't')).toBe(60 * MINUTE)
    expect((await saver.getTuple(thread('t')))?.pendingWrites).toEqual([['task', 'messages', 'more']])
    // What does fail is said, not logged: who pins has to know.
    await expect(saver.thread('t').pin()).rejects.toMatchObject({ code: 'TTL_BACKEND', operation: 'group.persist' })
  })

  it('R11: a pin that fails for a moment is made three times before it is an error', async () => {
    await using scene = await open()
    let failures = 0
    const shaky = (times: number) => {
      failures = times
      const expire = () => {
        if (failures-- > 0) throw new Error('for a moment')
      }
      return around(scene.backend, { expire }, () => ({ retryable: true }))
    }
    const twice = saverOn(scene, rolling('60m'), shaky(2)).saver
    await put(twice, thread('t'))
    expect(await twice.thread('t').pin()).toBe(true)
    expect(await remaining(twice, 't')).toBe('never')
    await expect(saverOn(scene, rolling('60m'), shaky(3)).saver.thread('t').unpin('5m')).rejects.toMatchObject({
      code: 'TTL_BACKEND',
      retryable: true,
    })
  })

  it('R12: a pinned thread outlives its peers with all that it has; unpinned it has its usual time again', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, rolling('6s'))
    for (const id of ['kept', 'lost']) {
      const saved = await put(saver, thread(id))
      await saver.putWrites(saved, [['messages', 'more']], 'task')
    }
    const before = await saver.getTuple(thread('kept'))
    expect(await saver.thread('kept').pin()).toBe(true)
    await scene.advance('7s')
    expect(await saver.getTuple(thread('lost'))).toBeUndefined()
    expect(await saver.getTuple(thread('kept'))).toEqual(before)
    expect(await saver.thread('lost').pin()).toBe(false)
    expect(await saver.thread('kept').unpin()).toBe(true)
    expect(await remaining(saver, 'kept')).toBe(6_000)
    await scene.advance('6s')
    expect(await saver.getTuple(thread('kept'))).toBeUndefined()
    // As long a life as a new one has: the cap, too, counts from the day that it is unpinned.
    const capped = saverOn(scene, sliding('1h', { max: '2h' })).saver
    await put(capped, thread('capped'))
    await capped.thread('capped').pin()
    await scene.advance('7d')
    expect(await capped.thread('capped').unpin()).toBe(true)
    await scene.advance('59m')
    await capped.getTuple(thread('capped'))
    await scene.advance('59m')
    await capped.getTuple(thread('capped'))
    expect(await remaining(capped, 'capped')).toBe(2 * MINUTE)
  })

  it('R13: sessions die after two hours, the dashboard of the administrator stays: by a rule, or pinned by hand', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, (id) => (id.startsWith('admin:') ? { ttl: never } : rolling(minutes(120))))
    for (const id of ['session:1', 'session:2', 'admin:dashboard']) await put(saver, thread(id))
    await saver.thread('session:2').pin()
    await scene.advance('120m')
    const live = new Set((await collect(saver.list({}))).map(({ config }) => config.configurable?.thread_id))
    expect(live).toEqual(new Set(['session:2', 'admin:dashboard']))
  })

  it('R15: sweep frees what is dead and answers how much; where the store frees it itself, sweep and sweeper have nothing to do', async () => {
    await using scene = await open()
    const native = scene.backend.capabilities.reclaims === 'native'
    const { saver, store } = saverOn(scene, rolling('60m'))
    await put(saver, thread('a'))
    await put(saver, thread('b'))
    expect((await store.sweep()).deleted).toBe(0)
    await scene.advance('60m')
    const { deleted } = await store.sweep({ namespace: 'langgraph:threads', limit: 10 })
    expect(deleted).toBe(native ? 0 : 2)
    expect((await store.sweep()).deleted).toBe(0)
    const sweeper = store.startSweeper({ interval: '5m', timers: scene.timers })
    expect((await sweeper.status()).state).toBe(native ? 'native' : 'waiting')
    await sweeper.stop()
  })

  it('R16: calls at once give what calls in turn give: nothing is lost, and there is one deadline', async () => {
    await using scene = await open()
    const { saver, store } = saverOn(scene, rolling('60m'))
    const saved = await put(saver, thread('t'))
    const tasks = Array.from({ length: 40 }, (_, index) => `task-${index + 10}`)
    // Two savers over one store, as when a server makes one for each request.
    const other = new TtlSaver(store, { policy: rolling('60m') })
    await Promise.all(
      tasks.map((task, index) => (index % 2 ? saver : other).putWrites(saved, [['messages', task]], task)),
    )
    const tuple = await saver.getTuple(thread('t'))
    expect(tuple?.pendingWrites?.map(([task]) => task)).toEqual(tasks)
    expect(await remaining(saver, 't')).toBe(60 * MINUTE)
  })

  it('R19: what the application keeps with a thread is refreshed, pinned and forgotten with it', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, sliding('60m', { max: 'unbounded' }))
    await put(saver, thread('t'))
    const handle = saver.thread('t')
    await handle.attach('draft', { text: 'Dear', files: new Set(['a.pdf']) })
    await scene.advance('50m')
    await saver.getTuple(thread('t'))
    await scene.advance('50m')
    expect(await handle.attachment('draft')).toEqual({ text: 'Dear', files: new Set(['a.pdf']) })
    expect(await remaining(saver, 't')).toBe(60 * MINUTE)
    await handle.pin()
    await scene.advance('7d')
    expect(await handle.attachment('draft')).toBeDefined()
    await handle.unpin()
    await scene.advance('60m')
    expect(await handle.attachment('draft')).toBeUndefined()
    await handle.attach('draft', 'early')
    expect(await handle.detach('draft')).toBe(true)
    expect(await handle.expiry()).toEqual({ state: 'absent' })
  })

  it('S10: a thread is deleted whole, a bounded number at a time; each keeps the time it was given until it is given another', async () => {
    await using scene = await open()
    const { saver, store } = saverOn(scene, (id) => (id === 'short' ? rolling('10m') : rolling('60m')))
    for (const id of ['short', 'a', 'b', 'c']) await put(saver, thread(id))
    const later = new TtlSaver(store, { policy: rolling('1d') })
    await put(later, thread('a'))
    expect(await remaining(saver, 'a')).toBe(60 * MINUTE)
    await later.thread('a').unpin()
    expect(await remaining(saver, 'a')).toBe(24 * 60 * MINUTE)
    expect(await remaining(saver, 'b')).toBe(60 * MINUTE)
    await scene.advance('10m')
    expect(await saver.getTuple(thread('short'))).toBeUndefined()
    await scene.advance('50m')
    const { deleted, more } = await store.sweep({ limit: 2 })
    expect([deleted, more]).toEqual(scene.backend.capabilities.reclaims === 'native' ? [0, false] : [2, true])
    expect(await saver.getTuple(thread('a'))).toBeDefined()
  })

  it('trap R1: a pin is of the whole thread: the pointer stays, and the next superstep is pinned as well', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, rolling('60m'))
    const first = await put(saver, thread('t'))
    await saver.thread('t').pin()
    const second = await put(saver, first)
    await saver.putWrites(second, [['messages', 'more']], 'task')
    await scene.advance('365d')
    expect((await saver.getTuple(thread('t')))?.config).toEqual(second)
    expect((await collect(saver.list(thread('t')))).map(({ config }) => config)).toEqual([second, first])
  })

  it('trap R2: reading unpins nothing, and asking for refresh without a ttl gives none', async () => {
    await using scene = await open()
    const pinned = saverOn(scene, sliding('60m', { max: 'unbounded' })).saver
    await put(pinned, thread('pinned'))
    await pinned.thread('pinned').pin()
    const permanent = saverOn(scene, { restartOn: 'access' }).saver
    await put(permanent, thread('permanent'))
    for (const saver of [pinned, permanent]) {
      for (const id of ['pinned', 'permanent']) await saver.getTuple(thread(id))
    }
    await scene.advance('365d')
    expect(await pinned.getTuple(thread('pinned'))).toBeDefined()
    expect(await permanent.getTuple(thread('permanent'))).toBeDefined()
  })

  it('trap R3: a read refreshes the pending writes too, and so does a look at the history', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, sliding('60m', { max: 'unbounded' }))
    const saved = await put(saver, thread('t'))
    await saver.putWrites(saved, [['messages', 'more']], 'task')
    await scene.advance('50m')
    await saver.getTuple(thread('t'))
    await scene.advance('50m')
    for await (const { pendingWrites } of saver.list(thread('t'))) expect(pendingWrites).toHaveLength(1)
    await scene.advance('50m')
    expect((await saver.getTuple(thread('t')))?.pendingWrites).toHaveLength(1)
    // A list of everything is somebody looking around: it keeps nobody alive.
    await collect(saver.list({}))
    await scene.advance('59m')
    await collect(saver.list({}))
    await scene.advance('1m')
    expect(await saver.getTuple(thread('t'))).toBeUndefined()
  })

  it('trap R4: reading only the latest keeps its ancestors, so state built from them is never silently empty', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, sliding('60m', { max: 'unbounded' }))
    let at = await put(saver, thread('t'), { messages: ['0'], topic: 'tides' })
    for (let index = 1; index < 6; index++) {
      await saver.putWrites(at, [['log', [index]]], `task-${index}`)
      at = await put(saver, at, { messages: [String(index)] })
      for (const _ of [1, 2]) {
        await scene.advance('50m')
        await saver.getTuple(thread('t'))
      }
    }
    expect(await collect(saver.list(thread('t')))).toHaveLength(6)
    const { log } = await saver.getDeltaChannelHistory({ config: at, channels: ['log'] })
    expect(log?.writes.map(([, , value]) => value)).toEqual([[1], [2], [3], [4], [5]])
  })

  it('trap R7: value and deadline are one write: there is no moment in which a thread is there and immortal', async () => {
    await using scene = await open()
    const { backend, calls } = counting(scene.backend)
    const { saver } = saverOn(scene, rolling('60m'), backend)
    const saved = await put(saver, thread('t'))
    expect(calls).toEqual(['readGroup', 'writeGroup'])
    calls.length = 0
    await saver.putWrites(saved, [['messages', 'more']], 'task')
    expect(calls).toEqual(['readGroup', 'writeGroup'])
  })

  it('trap R10: a read asks the store twice, however long the thread and however many its writes', async () => {
    await using scene = await open()
    const { backend, calls } = counting(scene.backend)
    const { saver } = saverOn(scene, sliding('60m', { max: 'unbounded' }), backend)
    let at = await put(saver, thread('t'))
    for (let index = 0; index < 20; index++) {
      await saver.putWrites(at, [['messages', index]], `task-${index}`)
      at = await put(saver, at, { messages: [String(index)] })
    }
    calls.length = 0
    await saver.getTuple(thread('t'))
    await saver.getTuple(at)
    expect(calls).toEqual(['readGroup', 'readGroup', 'readGroup', 'readGroup'])
  })

  it('trap S6: a list of threads names those that live, whether or not a sweep has come by', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, (id) => (id === 'short' ? rolling('1m') : rolling('60m')))
    for (const id of ['short', 'long']) await put(saver, thread(id))
    await scene.advance('1m')
    expect((await collect(saver.list({}))).map(({ config }) => config.configurable?.thread_id)).toEqual(['long'])
    expect(await collect(saver.list({}, { limit: 1 }))).toHaveLength(1)
  })
})

it('S3: a store without groups cannot keep a thread together, and that is said before anything is written', async () => {
  const { memory } = await import('@ttl/core/memory')
  const full = memory()
  const backend = new Proxy(full, {
    get: (target, name) =>
      name === 'capabilities' ? { ...target.capabilities, groups: false } : Reflect.get(target, name),
  })
  const saver = new TtlSaver(createStore({ backend }))
  await expect(put(saver, thread('t'))).rejects.toMatchObject({ code: 'TTL_UNSUPPORTED' })
})
