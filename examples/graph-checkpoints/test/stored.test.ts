/** What is stored of a thread, and that it comes back as it was, whatever it is called and holds. */
import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
import { type SerializerProtocol, TASKS } from '@langchain/langgraph-checkpoint'
import { onEachBackend } from '@ttl/backends'
import { createStore, rolling } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Frame, frames } from '../src/langgraph/frames.ts'
import { TtlSaver } from '../src/langgraph/index.ts'
import { checkpointName, groupIdOf, isCheckpointName, valueName, writesName } from '../src/langgraph/names.ts'
import { shelfOf } from '../src/langgraph/writes.ts'
import { collect, put, saverOn, thread } from './support.ts'

const NAMES = [
  'plain',
  ' ',
  '0',
  '{tag}',
  'a:b|c*[?]\\',
  '%_\'";--',
  'line\nbreak\u0000nul',
  '🧵 мир',
  '\ud800 half',
  '\udc00 half',
  '__proto__',
  'sha256:0',
  'x'.repeat(1_024),
  'x'.repeat(1_025),
  'é'.repeat(5_000),
]

onEachBackend((open) => {
  it('keeps threads, namespaces, channels and tasks apart and named, whatever characters they have', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, rolling('1h'))
    for (const name of NAMES) {
      const values = { [name]: name, other: 1 }
      const saved = await put(saver, { configurable: { thread_id: name, checkpoint_ns: name } }, values)
      await saver.putWrites(saved, [[name, name]], name)
    }
    const all = await collect(saver.list({}))
    expect(new Set(all.map(({ config }) => config.configurable?.thread_id))).toEqual(new Set(NAMES))
    for (const name of NAMES) {
      const tuple = await saver.getTuple({ configurable: { thread_id: name, checkpoint_ns: name } })
      expect(Object.entries(tuple?.checkpoint.channel_values ?? {})).toEqual([
        [name, name],
        ['other', 1],
      ])
      expect(tuple?.pendingWrites).toEqual([[name, name, name]])
      expect(all).toContainEqual(tuple)
      expect(await saver.getTuple(thread(name))).toBeUndefined()
      await saver.deleteThread(name)
    }
    expect(await collect(saver.list({}))).toEqual([])
  })

  it('gives values back as they were: bytes, sets, undefined, big ones', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene)
    const values = {
      bytes: new Uint8Array([0, 10, 255]),
      none: null,
      nested: { set: new Set([1]), map: new Map([['a', 1]]), missing: undefined, error: new Error('no') },
      big: 'x'.repeat(300_000),
      mark: '\ufeffbom\n\u2028',
    }
    const saved = await put(saver, thread('t'), values)
    await saver.putWrites(
      saved,
      [
        ['bytes', values.bytes],
        ['nested', values.nested],
      ],
      'task',
    )
    const tuple = await saver.getTuple(thread('t'))
    expect(tuple?.checkpoint.channel_values).toEqual(values)
    expect(tuple?.pendingWrites?.map(([, , value]) => value)).toEqual([values.bytes, values.nested])
    expect(await collect(saver.list(thread('t')))).toEqual([tuple])
  })

  it('stores a value once, by the checkpoint that changed it', async () => {
    await using scene = await open()
    const { saver, store } = saverOn(scene)
    let at = await put(saver, thread('t'), { document: 'x'.repeat(1_000), turn: 0 })
    const first = (await saver.getTuple(at))?.checkpoint
    for (let turn = 1; turn < 5; turn++) {
      const before = (await saver.getTuple(at))?.checkpoint
      const id = `${before?.id}${turn}`
      const versions = { ...before?.channel_versions, turn: 100 + turn }
      at = await saver.put(
        at,
        { ...before!, id, channel_values: { ...before?.channel_values, turn }, channel_versions: versions },
        { source: 'loop', step: turn, parents: {} },
        { turn: 100 + turn },
      )
    }
    const members = await store.namespace<Frame>('langgraph:threads', { codec: frames }).group('t').getMany()
    expect([...members.keys()].filter((name) => name.includes('"document"'))).toEqual([
      valueName('', first?.id ?? '', 'document'),
    ])
    expect((await saver.getTuple(thread('t')))?.checkpoint.channel_values).toEqual({
      ...first?.channel_values,
      turn: 4,
    })
  })

  it('never shows half a thread: where a part is missing it is not there', async () => {
    await using scene = await open()
    const { saver, store } = saverOn(scene)
    const first = await put(saver, thread('t'), { a: 1 })
    const second = await put(saver, first, { b: 2 })
    const group = store.namespace<Frame>('langgraph:threads', { codec: frames }).group('t')
    await group.delete(valueName('', second.configurable?.checkpoint_id, 'b'))
    expect(await saver.getTuple(second)).toBeUndefined()
    expect((await collect(saver.list(thread('t')))).map(({ config }) => config)).toEqual([first])
  })

  it('goes by the greatest id for the latest, not by the last put', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene)
    const first = await put(saver, thread('t'))
    const second = await put(saver, first)
    const { checkpoint, metadata } = (await saver.getTuple(first))!
    await saver.put(thread('t'), checkpoint, metadata!, {})
    expect((await saver.getTuple(thread('t')))?.config).toEqual(second)
    expect((await collect(saver.list(thread('t'), { before: second }))).map(({ config }) => config)).toEqual([first])
    expect(await collect(saver.list(thread('t'), { limit: 0 }))).toEqual([])
    expect(await collect(saver.list(second))).toHaveLength(1)
  })

  it('keeps the writes of tasks that end at once in two processes, on shelves of their own', async () => {
    await using scene = await open()
    const here = saverOn(scene, rolling('1h')).saver
    const there = new TtlSaver(createStore({ backend: scene.open() }), { policy: rolling('1h') })
    const saved = await put(here, thread('t'))
    const tasks = Array.from({ length: 200 }, (_, index) => `task-${index}`)
    const on = (...shelves: number[]) => tasks.filter((task) => shelves.includes(shelfOf(task)))
    const [mine, theirs] = [on(0, 2, 4), on(1, 3, 5)]
    await Promise.all([
      ...mine.map((task) => here.putWrites(saved, [['messages', task]], task)),
      ...theirs.map((task) => there.putWrites(saved, [['messages', task]], task)),
    ])
    const found = (await here.getTuple(saved))?.pendingWrites?.map(([task]) => task)
    expect(found).toEqual([...mine, ...theirs].sort())
  })

  it('keeps the first results of a task that runs again, and the last of what is special', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene)
    const saved = await put(saver, thread('t'))
    await saver.putWrites(
      saved,
      [
        ['a', 1],
        ['b', 2],
      ],
      'task',
    )
    await saver.putWrites(
      saved,
      [
        ['a', 3],
        ['b', 4],
        ['c', 5],
      ],
      'task',
    )
    await saver.putWrites(saved, [['__error__', 'first']], 'task')
    await saver.putWrites(saved, [['__error__', 'second']], 'task')
    await saver.putWrites(saved, [], 'task')
    expect((await saver.getTuple(saved))?.pendingWrites).toEqual([
      ['task', '__error__', 'second'],
      ['task', 'a', 1],
      ['task', 'b', 2],
      ['task', 'c', 5],
    ])
  })

  it('forks any checkpoint with all that it holds, the first one too', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene)
    const graph = new StateGraph(Annotation.Root({ topic: Annotation<string> }))
      .addNode('think', ({ topic }) => ({ topic: `${topic}?` }))
      .addNode('answer', ({ topic }) => ({ topic: `${topic}!` }))
      .addEdge(START, 'think')
      .addEdge('think', 'answer')
      .addEdge('answer', END)
      .compile({ checkpointer: saver })
    await graph.invoke({ topic: 'tides' }, thread('t'))
    const history = await collect(graph.getStateHistory(thread('t')))
    expect(history.map(({ values }) => values.topic)).toEqual(['tides?!', 'tides?', 'tides', undefined])
    const first = await graph.updateState(history.at(-1)?.config ?? {}, null, '__copy__')
    expect(await graph.invoke(null, first)).toEqual({ topic: 'tides?!' })
    // LangGraph puts a copy on top of the parent of what it copies, where the channel has an older value.
    for (const { config, values } of history.slice(0, -1)) {
      const copy = await graph.updateState(config, null, '__copy__')
      expect((await graph.getState(copy)).values).toEqual(values)
    }
  })

  it('reads what a graph of an older version sent, also from a list', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene)
    const old = { v: 1, ts: '2024-04-19T17:19:07.952Z', channel_values: {}, channel_versions: {}, versions_seen: {} }
    const about = { source: 'loop', step: 0, parents: {} } as const
    const first = await saver.put(thread('t'), { ...old, id: '1' }, about, {})
    await saver.putWrites(
      first,
      [
        [TASKS, 'b'],
        [TASKS, 'c'],
      ],
      'task-2',
    )
    await saver.putWrites(
      first,
      [
        [TASKS, 'a'],
        ['other', 'x'],
      ],
      'task-1',
    )
    await saver.put(first, { ...old, id: '2', channel_versions: { other: 3 } }, about, {})
    const latest = await saver.getTuple(thread('t'))
    expect(latest?.checkpoint.channel_values).toEqual({ [TASKS]: ['a', 'b', 'c'] })
    expect(latest?.checkpoint.channel_versions).toEqual({ other: 3, [TASKS]: 3 })
    expect(await collect(saver.list(thread('t'), { limit: 1 }))).toEqual([latest])
  })
})

describe('what cannot be', () => {
  const saver = new TtlSaver(createStore({ backend: memory() }))
  const about = { source: 'loop', step: 0, parents: {} } as const
  const checkpoint = { v: 4, id: '1', ts: '', channel_values: {}, channel_versions: {}, versions_seen: {} }

  it.each([7, null, true, {}, ''])('is refused with a word about it: thread_id %j', async (id) => {
    const config = { configurable: { thread_id: id as string } }
    await expect(saver.getTuple(config)).rejects.toThrow(/^thread_id must/)
    await expect(saver.put(config, checkpoint, about, {})).rejects.toThrow(/^thread_id must/)
    await expect(saver.putWrites(config, [['a', 1]], 'task')).rejects.toThrow(/^thread_id must/)
    await expect(collect(saver.list(config))).rejects.toThrow(/^thread_id must/)
    await expect(saver.deleteThread(id as string)).rejects.toThrow(/^thread_id must/)
    expect(() => saver.thread(id as string)).toThrow(/^thread_id must/)
  })

  it('is refused before anything is written: no thread, no checkpoint', async () => {
    await expect(saver.put({}, checkpoint, about, {})).rejects.toThrow(/put needs .*thread_id/)
    await expect(saver.putWrites(thread('t'), [['a', 1]], 'task')).rejects.toThrow(/putWrites needs .*checkpoint_id/)
    expect(await saver.getTuple({})).toBeUndefined()
    expect(await collect(saver.list({}))).toEqual([])
  })
})

describe('names', () => {
  it('are different for what is different, and fit every store', () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NAMES))
    fc.assert(
      fc.property(name, name, name, name, (a, b, c, d) => {
        const same = a === c && b === d
        expect(checkpointName(a, b) === checkpointName(c, d)).toBe(same)
        expect(valueName('', a, b) === valueName('', c, d)).toBe(same)
        expect(groupIdOf(a) === groupIdOf(b)).toBe(a === b)
        expect(isCheckpointName(checkpointName(a, b))).toBe(true)
        expect(isCheckpointName(valueName(a, b, c)) || isCheckpointName(writesName(a, b, 0))).toBe(false)
        for (const made of [checkpointName(a, b), valueName(a, b, c), writesName(a, b, 15)]) {
          expect(made.isWellFormed() && Buffer.byteLength(made) <= 1_024).toBe(true)
        }
      }),
    )
    expect(groupIdOf(groupIdOf('x'.repeat(2_000)))).not.toBe(groupIdOf('x'.repeat(2_000)))
  })
})

describe('frames', () => {
  const utf8 = new TextEncoder()
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('\ufeff{}'))
  const json = text.map((each) => ['json', utf8.encode(each)] as const)
  const bytes = fc.tuple(fc.constantFrom('bytes', 'json', 'json+aes'), fc.uint8Array({ maxLength: 50 }))
  const asBytes = (data: Uint8Array | string) => (typeof data === 'string' ? utf8.encode(data) : new Uint8Array(data))

  it('come back as they were, and are text where all parts are JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(json), fc.array(bytes, { maxLength: 2 }), (head, texts, more) => {
        const parts = [...texts, ...more]
        const stored = frames.encode({ head, parts })
        if (more.length === 0) expect(typeof stored).toBe('string')
        const back = frames.decode(stored) as Frame
        expect(JSON.stringify(back.head)).toBe(JSON.stringify(head))
        expect(back.parts.map(([type, data]) => [type, asBytes(data)])).toEqual(
          parts.map(([type, data]) => [type, asBytes(data)]),
        )
      }),
    )
  })

  it('hold what any serializer makes', async () => {
    const reversed: SerializerProtocol = {
      dumpsTyped: async (value) => [
        'json',
        utf8
          .encode(JSON.stringify(value))
          .reverse()
          .map((byte) => byte ^ 0xff),
      ],
      loadsTyped: async (_, data) =>
        JSON.parse(
          Buffer.from(data as Uint8Array)
            .map((byte) => byte ^ 0xff)
            .reverse()
            .toString(),
        ),
    }
    const saver = new TtlSaver(createStore({ backend: memory() }), { serde: reversed })
    await put(saver, thread('t'), { secret: 'tides' })
    expect((await saver.getTuple(thread('t')))?.checkpoint.channel_values).toEqual({ secret: 'tides' })
  })
})
