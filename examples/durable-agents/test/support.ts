import type { Scene } from '@ttl/backends'
import { createStore, type Expiration, type Store } from '@ttl/core'
import { type Agent, AgentHost, type HostOptions } from '../src/index.ts'

export const DAY = 86_400_000

/** Answers with what was said before. */
export const echo: Agent = {
  run: (message, { history, state }) => {
    if (message === 'fail') throw new Error('the model is down')
    state.messages = Number(state.messages ?? 0) + 1
    return history.length === 0 ? 'nice to meet you' : `after ${history.map(({ said }) => said).join(', ')}`
  },
}

export interface Stage {
  readonly store: Store
  readonly host: AgentHost
}

export function hostOn({ backend }: Pick<Scene, 'backend'>, options: Partial<HostOptions> = {}): Stage {
  const store = createStore({ backend })
  return { store, host: new AgentHost(store, { agents: { support: echo }, ...options }) }
}

/** What is left, in days; or the state. */
export function daysLeft(expiration: Expiration): number | 'absent' | 'never' {
  return expiration.state === 'expires' ? expiration.remaining.ms / DAY : expiration.state
}

/** Whole days that have passed. */
export function dayOf(scene: Pick<Scene, 'clock'>, start: number): number {
  return Math.floor((scene.clock.now() - start) / DAY)
}

/** What is stored of sessions, dead or alive. */
export async function stored(store: Store): Promise<{ live: number; dead: number }> {
  const { groups } = await store.namespace('agent-session').stats()
  return { live: groups.permanent + groups.active, dead: groups.expired }
}

/** With the index that makes counting cheap on Redis. */
export const COUNTING = { redis: { index: true } } as const
/** Where what has ended is deleted by a sweeper. */
export const SWEPT = ['memory', 'SQLite', 'PostgreSQL'] as const
