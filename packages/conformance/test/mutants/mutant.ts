import type { Backend, Clock } from '@ttl/core/adapter'
import { accessed, isLive, place, replaced, touched } from '@ttl/core/adapter'
import { MemoryBackend, type TimingRules } from '@ttl/core/memory'
import { delegate } from '../../src/delegate.ts'
import type { Harness } from '../../src/harness.ts'

/** A backend with one planted bug, and the law that is there to find it. */
export interface Mutant {
  readonly id: string
  readonly bug: string
  readonly killedBy: string
  readonly harness: Harness
}

export const RULES: TimingRules = { accessed, isLive, place, replaced, touched }

type Replaced = Parameters<typeof delegate>[1]

/** One mutant a line: its name, its bug, its killer, and how it is made of a healthy memory backend. */
export const wrapped = (
  id: string,
  bug: string,
  killedBy: string,
  replace: (healthy: MemoryBackend, clock: Clock) => Replaced,
  settings: { readonly again?: (healthy: MemoryBackend) => Backend } = {},
): Mutant => ({
  id,
  bug,
  killedBy,
  harness: {
    name: id,
    create({ clock = { now: () => Date.now() } }) {
      let place: MemoryBackend | undefined
      return {
        open() {
          if (settings.again !== undefined && place !== undefined) return settings.again(place)
          const healthy = new MemoryBackend({ clock }, RULES)
          place = healthy
          return delegate(healthy, replace(healthy, clock))
        },
      }
    },
  },
})

/** A mutant of the rules that decide. */
export const ruled = (id: string, bug: string, killedBy: string, rules: Partial<TimingRules>): Mutant => ({
  id,
  bug,
  killedBy,
  harness: { name: id, create: ({ clock }) => ({ open: () => new MemoryBackend({ clock }, { ...RULES, ...rules }) }) },
})

/** A turn of the event loop, in which others act. */
export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
