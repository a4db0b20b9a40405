import type { Backend, Reading, Space } from './backend.ts'
import type { Events } from './events.ts'
import { expirationOf } from './expiration.ts'
import { Instant } from './instant.ts'
import type { Operation } from './operations.ts'

/** What lives, by key. */
type Look = ReadonlyMap<string, Reading>

const NOTHING: Look = new Map()

/**
 * The same backend, for one operation while somebody listens: looks at deadlines before and after a call, and tells what
 * has become of them. No event fails the operation that it tells of: where a look fails, nothing is told.
 *
 * What several do to one key at the same time cannot be told apart: one may tell what another has done.
 */
export function witnessed(backend: Backend, events: Events, operation: Operation): Backend {
  const persists = operation.endsWith('persist')

  const look = async (space: Space, namespace: string, keys: readonly string[]): Promise<Look> => {
    if (keys.length === 0) return NOTHING
    try {
      return lookOf(keys, await backend.inspect(space, namespace, keys))
    } catch {
      return NOTHING
    }
  }

  /** Of what was restarted, if it was. */
  const tellExtended = (kind: Space, namespace: string, before: Look, after: Look): void => {
    for (const [key, was] of before) {
      const expiresAt = after.get(key)?.expiresAt
      if (was.expiresAt === undefined || expiresAt === undefined || expiresAt <= was.expiresAt) continue
      events.emit('refreshed', { kind, namespace, key, expiresAt: Instant.of(expiresAt) })
    }
  }

  /** Of what was given another lifetime. */
  const tellReplaced = (kind: Space, namespace: string, before: Look, after: Look): void => {
    for (const [key, was] of before) {
      const is = after.get(key)
      if (is === undefined || is.expiresAt === was.expiresAt) continue
      const expiresAt = is.expiresAt === undefined ? undefined : Instant.of(is.expiresAt)
      if (persists || expiresAt === undefined) events.emit('persisted', { kind, namespace, key, expiresAt })
      else events.emit('refreshed', { kind, namespace, key, expiresAt })
    }
  }

  /** @param restarts those whose write is a touch as well */
  const writing = async <Answer>(
    [space, namespace, keys]: readonly [Space, string, readonly string[]],
    restarts: readonly string[],
    write: () => Answer | Promise<Answer>,
    storedOf: (answer: Answer) => readonly unknown[],
  ): Promise<Answer> => {
    const before = events.has('refreshed') ? await look(space, namespace, restarts) : NOTHING
    const answer = await write()
    const isStored = storedOf(answer)
    const stored = keys.filter((key, index) => isStored[index] === true && (events.has('set') || before.has(key)))
    const after = await look(space, namespace, stored)
    for (const [key, reading] of after) {
      events.emit('set', { kind: space, namespace, key, expiry: expirationOf(reading) })
    }
    tellExtended(space, namespace, before, after)
    return answer
  }

  const told: Pick<Backend, 'read' | 'readGroup' | 'touch' | 'expire' | 'write' | 'writeGroup'> = {
    async read(namespace, keys, options) {
      if (!options.touch || !events.has('refreshed')) return backend.read(namespace, keys, options)
      const before = await look('entry', namespace, keys)
      const found = await backend.read(namespace, keys, { ...options, detail: true })
      const after = found.map((each) => each?.reading)
      tellExtended('entry', namespace, before, lookOf(keys, after))
      return found
    },
    async readGroup(namespace, id, members, options) {
      if (!options.touch || !events.has('refreshed')) return backend.readGroup(namespace, id, members, options)
      const before = await look('group', namespace, [id])
      const found = await backend.readGroup(namespace, id, members, { ...options, detail: true })
      tellExtended('group', namespace, before, lookOf([id], [found?.reading]))
      return found
    },
    async touch(space, namespace, keys) {
      const before = events.has('refreshed') ? await look(space, namespace, keys) : NOTHING
      const answer = await backend.touch(space, namespace, keys)
      tellExtended(space, namespace, before, await look(space, namespace, [...before.keys()]))
      return answer
    },
    async expire(space, namespace, keys, span) {
      const wanted = events.has('refreshed') || events.has('persisted')
      const before = wanted ? await look(space, namespace, keys) : NOTHING
      const answer = await backend.expire(space, namespace, keys, span)
      tellReplaced(space, namespace, before, await look(space, namespace, [...before.keys()]))
      return answer
    },
    write(namespace, writes) {
      const keys = writes.map(({ key }) => key)
      const restarts = writes.filter(({ placement }) => placement.onLive === 'restart').map(({ key }) => key)
      return writing(
        ['entry', namespace, keys],
        restarts,
        () => backend.write(namespace, writes),
        (outcomes) => outcomes,
      )
    },
    writeGroup(namespace, id, members, placement, condition) {
      return writing(
        ['group', namespace, [id]],
        placement.onLive === 'restart' ? [id] : [],
        () => backend.writeGroup(namespace, id, members, placement, condition),
        (stored) => [stored],
      )
    },
  }
  return new Proxy(backend, {
    get(target, name) {
      if (Object.hasOwn(told, name)) return told[name as keyof typeof told]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function lookOf(keys: readonly string[], readings: readonly (Reading | undefined)[]): Look {
  const look = new Map<string, Reading>()
  for (const [index, key] of keys.entries()) {
    const reading = readings[index]
    if (reading !== undefined) look.set(key, reading)
  }
  return look
}
