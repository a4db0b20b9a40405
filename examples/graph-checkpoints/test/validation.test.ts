/** The whole of LangGraph's validation suite for checkpointers, with no exemption, on every backend. */
import { deltaChannelHistoryTests, validate } from '@langchain/langgraph-checkpoint-validation'
import { onEachBackend, onRealRedis, type Scene } from '@ttl/backends'
import { createStore, sliding } from '@ttl/core'
import { TtlSaver } from '../src/langgraph/index.ts'

function holds(open: () => Promise<Pick<Scene, 'backend' | typeof Symbol.asyncDispose>>, name: string): void {
  const scenes = new Map<TtlSaver, AsyncDisposable>()
  const suite = {
    // A name that the suite makes no exception for.
    checkpointerName: `TtlSaver on ${name}`,
    async createCheckpointer() {
      const scene = await open()
      const store = createStore({ backend: scene.backend, policy: sliding('1h', { max: '30d' }) })
      const saver = new TtlSaver(store)
      scenes.set(saver, scene)
      return saver
    },
    async destroyCheckpointer(saver: TtlSaver) {
      await scenes.get(saver)?.[Symbol.asyncDispose]()
      scenes.delete(saver)
    },
  }
  validate(suite)
  deltaChannelHistoryTests(suite)
}

onEachBackend((open, name) => holds(open, name), ['memory', 'SQLite', 'PostgreSQL'])
onRealRedis((open) => holds(open, 'Redis'))
