import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph'
import type { BaseCheckpointSaver, BaseStore, Checkpoint } from '@langchain/langgraph-checkpoint'
import { uuid6 } from '@langchain/langgraph-checkpoint'
import type { Scene } from '@ttl/backends'
import { createStore, type PolicyInput, type Store } from '@ttl/core'
import type { Backend } from '@ttl/core/adapter'
import { TtlSaver, type TtlSaverOptions } from '../src/langgraph/index.ts'

/** A saver over a scene, and the store below it. */
export function saverOn(scene: Pick<Scene, 'backend'>, policy?: TtlSaverOptions['policy'], backend = scene.backend) {
  const store = createStore({ backend })
  return { store, saver: new TtlSaver(store, { policy }) }
}

export const thread = (id: string) => ({ configurable: { thread_id: id } })

let step = 0

/** Puts one checkpoint with a few channels, on top of another one. */
export async function put(
  saver: BaseCheckpointSaver,
  on: { configurable?: Record<string, unknown> },
  values: Record<string, unknown> = { messages: ['hi'], mood: 'good' },
) {
  const versions = Object.fromEntries(Object.keys(values).map((name) => [name, ++step]))
  const checkpoint: Checkpoint = {
    v: 4,
    id: uuid6(step),
    ts: '2100-01-01T00:00:00.000Z',
    channel_values: values,
    channel_versions: versions,
    versions_seen: {},
  }
  return saver.put(on, checkpoint, { source: 'loop', step, parents: {} }, versions)
}

/** What remains of a thread, in milliseconds. */
export async function remaining(saver: TtlSaver, id: string): Promise<number | 'never' | 'absent'> {
  const expiry = await saver.thread(id).expiry()
  return expiry.state === 'expires' ? expiry.remaining.ms : expiry.state
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export const MINUTE = 60_000

/** A backend of which some methods do something else first. */
export function around<Name extends keyof Backend>(
  backend: Backend,
  before: Readonly<Record<Name, () => void>>,
  classify?: Backend['classify'],
): Backend {
  return new Proxy(backend, {
    get(target, name) {
      if (name === 'classify' && classify !== undefined) return classify
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const hook = (before as Readonly<Record<PropertyKey, () => void>>)[name]
      return (...args: unknown[]) => {
        hook?.()
        return (value as (...args: unknown[]) => unknown).apply(target, args)
      }
    },
  })
}

/** Counts the calls of a backend. */
export function counting(backend: Backend): { readonly backend: Backend; readonly calls: string[] } {
  const calls: string[] = []
  const names = [
    'read',
    'write',
    'delete',
    'touch',
    'expire',
    'inspect',
    'readGroup',
    'writeGroup',
    'deleteMembers',
  ] as const
  const hooks = Object.fromEntries(names.map((name) => [name, () => calls.push(name)]))
  return { backend: around(backend, hooks as never), calls }
}

const State = Annotation.Root({
  messages: Annotation<string[]>({ reducer: (before, more) => before.concat(more), default: () => [] }),
  steps: Annotation<number>({ reducer: (before, more) => before + more, default: () => 0 }),
})

/** A chat of three nodes: it listens, asks a person where something is asked for, and answers. */
export function chat(checkpointer: BaseCheckpointSaver, options: { store?: BaseStore; asks?: readonly string[] } = {}) {
  const ran: string[] = []
  const graph = new StateGraph(State)
    .addNode('listen', () => {
      ran.push('listen')
      return { steps: 1 }
    })
    .addNode('ask', () => {
      const answers = (options.asks ?? []).map((question) => String(interrupt(question)))
      ran.push('ask')
      return { steps: 1, messages: answers }
    })
    .addNode('answer', ({ messages }) => {
      ran.push('answer')
      return { steps: 1, messages: [`re: ${messages.at(-1)}`] }
    })
    .addEdge(START, 'listen')
    .addEdge('listen', 'ask')
    .addEdge('ask', 'answer')
    .addEdge('answer', END)
    .compile({ checkpointer, ...(options.store === undefined ? {} : { store: options.store }) })
  return { graph, ran }
}

export type { PolicyInput, Store }
