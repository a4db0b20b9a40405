import type { Backend, Space } from '@ttl/core/adapter'
import { IDS, KEYS, NAMES } from './operations.ts'
import { Moment, timingTold } from './told.ts'

/** Where two backends part. */
export class Divergence extends Error {}

/** Whether two answers are the same; instants may differ by that much. */
export function alike(a: unknown, b: unknown, toleranceMs: number): boolean {
  if (a instanceof Moment && b instanceof Moment) return Math.abs(a.ms - b.ms) <= toleranceMs
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => alike(item, b[index], toleranceMs))
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    const names = Object.keys(a)
    const fields = (value: object, name: string): unknown => value[name as keyof object]
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => alike(fields(a, name), fields(b, name), toleranceMs))
    )
  }
  return Object.is(a, b)
}

/** Everything that can be known about the names that traces use, timings included. */
export async function stateOf(backend: Backend, prefix: string): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = {}
  const spaces: [Space, readonly string[]][] = backend.capabilities.groups
    ? [
        ['entry', KEYS],
        ['group', IDS],
      ]
    : [['entry', KEYS]]
  const peek = { touch: false, detail: false, sliding: false }
  for (const name of NAMES.map((each) => prefix + each)) {
    for (const [space, names] of spaces) {
      const readings = await backend.inspect(space, name, names)
      for (const [index, reading] of readings.entries()) {
        const key = names[index] as string
        const content =
          space === 'entry'
            ? (await backend.read(name, [key], peek))[0]?.payload
            : [...((await backend.readGroup(name, key, undefined, peek))?.members ?? [])].sort(([a], [b]) =>
                a < b ? -1 : 1,
              )
        state[`${space} ${name.slice(prefix.length)} ${key}`] = [content, reading && timingTold(reading)]
      }
    }
  }
  return state
}

export async function forget(backend: Backend, prefix: string): Promise<void> {
  for (const name of NAMES) {
    await backend.delete('entry', prefix + name, KEYS)
    if (backend.capabilities.groups) await backend.delete('group', prefix + name, IDS)
    await backend.sweep({ limit: 1_000, namespace: prefix + name })
  }
}
