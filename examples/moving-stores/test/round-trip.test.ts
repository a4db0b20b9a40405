import { type BackendName, onEachBackend, type Scene } from '@ttl/backends'
import { createStore, type Store } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { manualClock } from '@ttl/core/testing'
import { expect, it } from 'vitest'
import { household, moveIn } from '../src/household.ts'

/** A tour that waits at each backend for the test of the next one. */
const START = '2100-01-01T00:00:00Z'
const names = ['session', 'token', 'setting', 'thread']

async function contents(store: Store): Promise<unknown> {
  const values: unknown[] = []
  for (const name of names) {
    const namespace = store.namespace(name)
    for await (const [key, value] of namespace.entries()) values.push([name, key, value])
    for await (const id of namespace.groups())
      values.push([name, id, [...(await namespace.group(id).getMany(undefined, { touch: false }))].sort()])
  }
  return values.map((value) => JSON.stringify(value)).sort()
}

async function all(store: Store): Promise<unknown> {
  return { lives: await household(store), contents: await contents(store) }
}

const origin = createStore({ backend: memory({ clock: manualClock(START) }) })
const stops: { name: BackendName; scene: Scene }[] = []

onEachBackend(
  (open, name) => {
    it('holds what was moved to it, each with its own end', async () => {
      if (stops.length === 0) await moveIn(origin)
      const scene = await open()
      stops.push({ name, scene })
      const before = stops.at(-2)?.scene.backend
      const from = before === undefined ? origin : createStore({ backend: before })
      const here = createStore({ backend: scene.backend })
      const { copied } = await from.transfer(here, { namespaces: names })
      expect(copied).toEqual({ entries: 6, groups: 1 })
      expect(await all(here)).toEqual(await all(origin))
    })
  },
  ['SQLite', 'Redis', 'PostgreSQL'],
)

it('comes back to memory as it left, by SQLite, Redis and PostgreSQL, and dies on time', async () => {
  const last = stops.at(-1)?.scene
  expect(stops.map(({ name }) => name)).toEqual(['SQLite', 'Redis', 'PostgreSQL'])
  const clock = manualClock(START)
  const home = createStore({ backend: memory({ clock }) })
  await createStore({ backend: (last as Scene).backend }).transfer(home, { namespaces: names })
  expect(await all(home)).toEqual(await all(origin))
  clock.advance({ minutes: 15 })
  expect(await home.namespace('token').has('reset-ada')).toBe(false)
  expect(await home.namespace('session').get('ada')).toEqual({ cart: ['tea'] })
  clock.advance({ hours: 11, minutes: 45 })
  expect(await home.namespace('session').has('ada')).toBe(false)
  expect(await home.namespace('session').has('kiosk')).toBe(true)
  for (const { scene } of stops) await scene[Symbol.asyncDispose]()
})
