import type { Scene } from '@ttl/backends'
import { type Backend, createStore, type Expiration, type Store } from '@ttl/core'
import { type Definition, Model } from '../src/index.ts'

export interface Session {
  readonly id: string
  readonly user: string
  readonly visits?: number
  readonly note?: string
}

/** The class of most tests: ninety days from the last save. */
export const CLASS = { name: 'session', ttl: '90d', index: { user: ({ user }: Session) => user } } as const

export interface Stage {
  readonly store: Store
  readonly sessions: Model<Session>
}

/** A store with the class on it, over a scene or over a backend of it. */
export function stageOn({ backend }: Pick<Scene, 'backend'>, definition: Partial<Definition<Session>> = {}): Stage {
  const store = createStore({ backend })
  return { store, sessions: new Model<Session>(store, { ...CLASS, ...definition }) }
}

export const ada = (id: string, more: Partial<Session> = {}): Session => ({ id, user: 'ada', ...more })

/** What is left, in milliseconds; or the state. */
export function left(expiration: Expiration): number | 'absent' | 'never' {
  return expiration.state === 'expires' ? expiration.remaining.ms : expiration.state
}

export const DAY = 86_400_000

export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** With the index that makes counting cheap on Redis. */
export const COUNTING = { redis: { index: true } } as const

/** A backend that writes down what it is asked, and may fail before. */
export function watched(backend: Backend, before: (method: string) => void = () => undefined) {
  const calls: string[] = []
  const spied = new Proxy(backend, {
    get(target, method) {
      const value: unknown = Reflect.get(target, method)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        calls.push(String(method))
        before(String(method))
        return Reflect.apply(value, target, args)
      }
    },
  })
  return { calls, backend: spied }
}
