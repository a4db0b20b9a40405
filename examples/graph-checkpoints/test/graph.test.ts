/** The real LangGraph.js over every backend. */

import type { LangGraphRunnableConfig } from '@langchain/langgraph'
import { Annotation, Command, END, START, StateGraph } from '@langchain/langgraph'
import { onEachBackend } from '@ttl/backends'
import { createStore, rolling, sliding } from '@ttl/core'
import { expect, it, vi } from 'vitest'
import { TtlStore } from '../src/langgraph/index.ts'
import { chat, collect, MINUTE, remaining, saverOn, thread } from './support.ts'

onEachBackend((open) => {
  it('R17: a run that asks a person waits, is resumed within its time, and does nothing twice', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, rolling('60m'))
    const { graph, ran } = chat(saver, { asks: ['Send it?'] })
    const config = thread('t')
    const asked = await graph.invoke({ messages: ['hello'] }, config)
    expect(asked).toMatchObject({ __interrupt__: [{ value: 'Send it?' }] })
    expect(await remaining(saver, 't')).toBe(60 * MINUTE)
    await scene.advance('59m')
    const done = await graph.invoke(new Command({ resume: 'yes' }), config)
    expect(done.messages).toEqual(['hello', 'yes', 're: yes'])
    expect(ran).toEqual(['listen', 'ask', 'answer'])
    expect(await remaining(saver, 't')).toBe(60 * MINUTE)
    // Nothing is left to resume.
    await graph.invoke(new Command({ resume: 'again' }), config)
    expect(ran).toEqual(['listen', 'ask', 'answer'])
    expect((await graph.getState(config)).next).toEqual([])
  })

  it('R17: several questions in one node are answered one after the other, each within the time of the last', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, rolling('60m'))
    const { graph, ran } = chat(saver, { asks: ['Who?', 'When?'] })
    const config = thread('t')
    await graph.invoke({ messages: ['a meeting'] }, config)
    await scene.advance('50m')
    const second = await graph.invoke(new Command({ resume: 'Ada' }), config)
    expect(second).toMatchObject({ __interrupt__: [{ value: 'When?' }] })
    await scene.advance('50m')
    expect(await remaining(saver, 't')).toBe(10 * MINUTE)
    const done = await graph.invoke(new Command({ resume: 'noon' }), config)
    expect(done.messages).toEqual(['a meeting', 'Ada', 'noon', 're: noon'])
    expect(ran).toEqual(['listen', 'ask', 'answer'])
  })

  it('R17: an answer that comes too late finds no question, and a new message a new thread', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, rolling('60m'))
    const { graph, ran } = chat(saver, { asks: ['Send it?'] })
    const config = thread('t')
    await graph.invoke({ messages: ['hello'] }, config)
    await scene.advance('60m')
    expect((await graph.getState(config)).values).toEqual({})
    await graph.invoke(new Command({ resume: 'yes' }), config)
    expect(ran).toEqual(['listen'])
    const asked = await graph.invoke({ messages: ['hello again'] }, config)
    expect(asked).toMatchObject({ messages: ['hello again'], __interrupt__: [{ value: 'Send it?' }] })
  })

  it('R18: what a cancelled run has written expires like everything else', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, rolling('60m'))
    const cancel = new AbortController()
    const graph = new StateGraph(Annotation.Root({ steps: Annotation<number> }))
      .addNode('first', () => ({ steps: 1 }))
      .addNode('second', async () => {
        cancel.abort()
        return { steps: 2 }
      })
      .addEdge(START, 'first')
      .addEdge('first', 'second')
      .addEdge('second', END)
      .compile({ checkpointer: saver })
    await expect(graph.invoke({ steps: 0 }, { ...thread('t'), signal: cancel.signal })).rejects.toThrow()
    // The run is over for who cancelled it; what it was about to write still comes.
    await vi.waitFor(async () => {
      expect((await saver.getTuple(thread('t')))?.checkpoint.channel_values.steps).toBe(1)
    })
    expect(await remaining(saver, 't')).toBe(60 * MINUTE)
    await scene.advance('60m')
    expect(await collect(saver.list({}))).toEqual([])
  })

  it('R8, trap R4: after many turns and reads the whole history is there, and a fork of any of it runs', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, sliding('60m', { max: 'unbounded' }))
    const { graph } = chat(saver)
    const config = thread('t')
    for (const message of ['one', 'two', 'three']) {
      await graph.invoke({ messages: [message] }, config)
      await scene.advance('50m')
      await graph.getState(config)
      await scene.advance('50m')
    }
    const history = await collect(graph.getStateHistory(config))
    expect(history).toHaveLength(15)
    expect(history[0]?.values).toEqual({
      messages: ['one', 're: one', 'two', 're: two', 'three', 're: three'],
      steps: 9,
    })
    const beforeTwo = history.find(({ values }) => values.messages?.length === 2)
    const forked = await graph.invoke({ messages: ['other'] }, beforeTwo?.config)
    expect(forked.messages).toEqual(['one', 're: one', 'other', 're: other'])
    expect((await graph.getState(config)).values.messages).toEqual(['one', 're: one', 'other', 're: other'])
    const [latest] = history
    expect((await graph.getState(latest?.config ?? {})).values.messages).toHaveLength(6)
  })

  it('trap R4: a step that takes longer than the thread lives loses nothing: the thread begins again, whole', async () => {
    await using scene = await open()
    const { saver } = saverOn(scene, rolling('60m'))
    const graph = new StateGraph(Annotation.Root({ topic: Annotation<string>, answer: Annotation<string> }))
      .addNode('think', async ({ topic }) => {
        // What came before is written while this runs: only then is there something to lose.
        await vi.waitFor(async () => {
          expect((await saver.getTuple(thread('t')))?.checkpoint.channel_values.topic).toBe('tides')
        })
        await scene.advance('2h')
        expect(await saver.getTuple(thread('t'))).toBeUndefined()
        return { answer: `on ${topic}` }
      })
      .addEdge(START, 'think')
      .addEdge('think', END)
      .compile({ checkpointer: saver })
    await graph.invoke({ topic: 'tides' }, thread('t'))
    expect((await graph.getState(thread('t'))).values).toEqual({ topic: 'tides', answer: 'on tides' })
    expect(await remaining(saver, 't')).toBe(60 * MINUTE)
  })

  it('S1: a graph puts and gets items in the store that was compiled in, each as long as the rule of its namespace says', async () => {
    await using scene = await open()
    const items = new TtlStore(createStore({ backend: scene.backend }), {
      policy: rolling('30d'),
      rules: [{ namespace: ['notes', '*', 'draft'], policy: rolling('5m') }],
      clock: scene.clock,
    })
    const { saver } = saverOn(scene)
    const graph = new StateGraph(Annotation.Root({ user: Annotation<string>, seen: Annotation<number> }))
      .addNode('note', async ({ user }, { store }: LangGraphRunnableConfig) => {
        await store?.put(['notes', user], 'name', { text: user })
        await store?.put(['notes', user, 'draft'], 'reply', { text: '…' })
        return { seen: (await store?.search(['notes', user]))?.length ?? 0 }
      })
      .addEdge(START, 'note')
      .addEdge('note', END)
      .compile({ checkpointer: saver, store: items })
    expect(await graph.invoke({ user: 'ada' }, thread('t'))).toEqual({ user: 'ada', seen: 2 })
    await scene.advance('5m')
    expect((await items.search(['notes'])).map(({ key }) => key)).toEqual(['name'])
  })
})
