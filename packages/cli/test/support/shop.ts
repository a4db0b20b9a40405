import { type Backend, createStore, never, sliding } from '@ttl/core'
import { manualClock } from '@ttl/core/testing'
import { sqlite } from '@ttl/sqlite'
import { NOW } from './run.ts'

/** Fills a store with some of everything, as of an instant: entries and groups, live, permanent and expired. */
export async function fill(
  open: (clock: ReturnType<typeof manualClock>) => Backend,
  now: number = Date.parse(NOW),
): Promise<void> {
  const clock = manualClock(new Date(now - 2 * 86_400_000))
  await using store = createStore({ backend: open(clock) })
  const session = store.namespace('session', { policy: sliding('30m', { max: '12h' }) })
  const token = store.namespace('token')
  await session.setMany(Array.from({ length: 40 }, (_, index) => [`old${index}`, { user: index }] as const))
  await token.setMany([1, 2, 3].map((hours) => [`t${hours}`, hours, { ttl: { hours: 45 + hours } }] as const))
  clock.set(new Date(now))
  await session.set('s1', { user: 'ada' })
  await session.set('s2', { user: 'eve' }, { ttl: '2h' })
  await token.set('key', new Uint8Array([1, 2, 255]), { ttl: never })
  await token.set('next week', 'x', { ttl: '6d' })
  await store
    .namespace('thread')
    .group('t1', { ttl: '3d' })
    .setMany({ a: 1, b: { x: 2 } })
}

export const fillSqlite = (path: string): Promise<void> => fill((clock) => sqlite(path, { clock }))
