import { systemClock } from '@ttl/core/adapter'
import type { Entries, Subject, Value } from '../subject.ts'
import { groupsOf } from './groups-of-entries.ts'

interface Kept {
  readonly text: string
  deadline: number
}

/** The least that a cache in memory can be: a Map of JSON text with a deadline. */
export const map: Subject = {
  name: 'Map',
  backend: 'memory',
  role: 'driver',
  packages: [],
  note: 'a Map of JSON text and deadline, freed by nobody',
  async open({ ttlMs }) {
    const entriesThat = (slide: boolean): Required<Entries> => {
      const kept = new Map<string, Kept>()
      const live = (key: string): Kept | undefined => {
        const entry = kept.get(key)
        return entry !== undefined && systemClock.now() < entry.deadline ? entry : undefined
      }
      const get = (key: string): Value | undefined => {
        const entry = live(key)
        if (entry === undefined) return undefined
        if (slide) entry.deadline = systemClock.now() + ttlMs
        return JSON.parse(entry.text)
      }
      const set = (key: string, value: Value, ms = ttlMs) =>
        kept.set(key, { text: JSON.stringify(value), deadline: systemClock.now() + ms })
      return {
        set,
        get,
        delete: (key) => kept.delete(key),
        touch(key) {
          const entry = live(key)
          if (entry !== undefined) entry.deadline = systemClock.now() + ttlMs
        },
        getMany: (keys) => keys.filter((key) => get(key) !== undefined).length,
        setMany(list) {
          for (const [key, value] of list) set(key, value)
        },
      }
    }
    const entries = entriesThat(false)
    return { entries, sliding: entriesThat(true), groups: groupsOf(entries), close: () => undefined }
  },
}
