import type { Backend } from '../../src/backend.ts'
import type { Timers } from '../../src/clock.ts'
import { memory } from '../../src/memory.ts'
import { createStore } from '../../src/store.ts'
import { manualClock } from '../../src/testing.ts'
import type { SweeperOptions } from '../../src/upkeep.ts'

/** A store in memory, time in the hands of the test, and a record of how long its sweeper wanted to sleep. */
export function sleeper(
  replaced: (backend: Backend) => { readonly [Key in keyof Backend]?: Backend[Key] | undefined } = () => ({}),
) {
  const clock = manualClock()
  const sleeps: number[] = []
  let [pending, most] = [0, 0]
  const timers: Timers = {
    after(ms, callback) {
      sleeps.push(ms)
      pending++
      most = Math.max(most, pending)
      let waits = true
      const end = () => {
        if (waits) pending--
        waits = false
      }
      const cancel = clock.after(ms, () => {
        end()
        return callback()
      })
      return () => {
        end()
        cancel()
      }
    },
  }
  const plain = memory({ clock })
  const calls: Record<string, number> = {}
  const other = replaced(plain)
  const backend = new Proxy(plain, {
    get(target, name: keyof Backend) {
      const member: unknown = Object.hasOwn(other, name) ? other[name] : Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        calls[name] = (calls[name] ?? 0) + 1
        return Reflect.apply(member, target, args) as unknown
      }
    },
  })
  const store = createStore({ backend })
  return {
    clock,
    store,
    ns: store.namespace('n'),
    /** How often each method of the backend was called. */
    calls,
    /** What the sweeper wanted to sleep, in milliseconds, since this was last asked. */
    slept: (): number[] => sleeps.splice(0),
    pending: (): number => pending,
    mostTimers: (): number => most,
    /** Entries that are stored, expired ones included. */
    stored: async (): Promise<number> => {
      const all = await store.stats()
      return all.reduce((sum, { entries }) => sum + entries.permanent + entries.active + entries.expired, 0)
    },
    start: (options: SweeperOptions = {}) => store.startSweeper({ timers, jitter: 0, ...options }),
  }
}

/** `count` entries `[key, value]`. */
export const entries = (count: number): [string, number][] =>
  Array.from({ length: count }, (_, index) => [`k${index}`, index])
