import type { Backend, Classified } from '../../src/backend.ts'
import { MemoryBackend, type MemoryOptions, memory } from '../../src/memory.ts'
import { createStore, type StoreOptions } from '../../src/store.ts'
import { manualClock } from '../../src/testing.ts'
import * as rules from '../../src/timing.ts'

/** A store in memory on a clock that stands still. */
export function fixture(options: Omit<StoreOptions, 'backend'> = {}, bounds: MemoryOptions = {}) {
  const clock = manualClock()
  const backend = memory({ clock, ...bounds })
  const store = createStore({ backend, ...options })
  return { clock, backend, store, ns: store.namespace('n') }
}

/** A memory backend whose next calls fail as a driver's would. */
export class Failing extends MemoryBackend {
  outage: Error | undefined
  calls = 0

  constructor() {
    super({ clock: manualClock() }, rules)
  }

  override read(...args: Parameters<MemoryBackend['read']>) {
    this.#fail()
    return super.read(...args)
  }

  override write(...args: Parameters<MemoryBackend['write']>) {
    this.#fail()
    return super.write(...args)
  }

  override inspect(...args: Parameters<MemoryBackend['inspect']>) {
    this.#fail()
    return super.inspect(...args)
  }

  override classify(): Classified {
    return { retryable: true, outcome: 'unknown' }
  }

  #fail(): void {
    this.calls++
    if (this.outage !== undefined) throw this.outage
  }
}

/** The same backend answering by promises, as a server's would. */
export function asynchronous(backend: Backend): Backend {
  return new Proxy(backend, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function' || name === 'classify') return member
      return async (...args: unknown[]) => {
        await Promise.resolve()
        return Reflect.apply(member, target, args) as unknown
      }
    },
  })
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('expected a rejection')
}

/** All that an iteration yields. */
export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
