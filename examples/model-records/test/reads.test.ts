import { onEachBackend } from '@ttl/backends'
import { expect, it } from 'vitest'
import type { Model } from '../src/index.ts'
import { ada, COUNTING, listed, type Session, type Stage, stageOn, watched } from './support.ts'

/** Every call that tells whether a record is there: the model's, and those of the store under it. */
const CALLS: Readonly<Record<string, (sessions: Model<Session>, stage: Stage, id: string) => Promise<unknown>>> = {
  get: (sessions, _, id) => sessions.get(id),
  getMany: async (sessions, _, id) => (await sessions.getMany([id])).get(id),
  has: (sessions, _, id) => sessions.has(id),
  find: async (sessions, _, id) => (await sessions.find('user', 'ada')).find((record) => record.id === id),
  all: async (sessions, _, id) => (await sessions.all()).find((record) => record.id === id),
  ids: async (sessions, _, id) => (await listed(sessions.ids())).includes(id),
  expiry: async (sessions, _, id) => (await sessions.expiry(id)).state !== 'absent',
  touch: (sessions, _, id) => sessions.touch(id),
  update: (sessions, _, id) => sessions.update(id, { visits: 1 }),
  expire: (sessions, _, id) => sessions.expire(id, '1h'),
  adopt: (sessions, _, id) => sessions.adopt(id),
  pin: (sessions, _, id) => sessions.pin(id),
  delete: (sessions, _, id) => sessions.delete(id),
  'store.get': (_, { store }, id) => store.namespace('session').get(id),
  'store.getEntry': (_, { store }, id) => store.namespace('session').getEntry(id),
  'store.getMany': async (_, { store }, id) => (await store.namespace('session').getMany([id])).has(id),
  'store.has': (_, { store }, id) => store.namespace('session').has(id),
  'store.keys': async (_, { store }, id) => (await listed(store.namespace('session').keys())).includes(id),
  'store.entries': async (_, { store }, id) =>
    (await listed(store.namespace('session').entries())).find(([key]) => key === id),
  'store.touch': (_, { store }, id) => store.namespace('session').touch(id),
  'store.persist': (_, { store }, id) => store.namespace('session').persist(id),
  'store.set if present': (_, { store }, id) => store.namespace('session').set(id, ada(id), { if: 'present' }),
  'store.take': (_, { store }, id) => store.namespace('session').take(id),
  'store.delete': (_, { store }, id) => store.namespace('session').delete(id),
  'store.deleteMany': (_, { store }, id) => store.namespace('session').deleteMany([id]),
}

onEachBackend((open, name) => {
  it('P17: once expired it is missed by get, filter, all, count, keys and exists; other classes do not notice', async () => {
    await using scene = await open(COUNTING)
    const { sessions } = stageOn(scene)
    const { sessions: devices } = stageOn(scene, { name: 'device', ttl: '180d' })
    await sessions.save(ada('s'))
    await devices.save(ada('d'))
    await scene.advance('90d')
    expect(await sessions.get('s')).toBeUndefined()
    expect(await sessions.find('user', 'ada')).toEqual([])
    expect(await sessions.all()).toEqual([])
    expect(await sessions.count()).toBe(0)
    expect(await listed(sessions.ids())).toEqual([])
    expect(await sessions.has('s')).toBe(false)
    expect(await devices.find('user', 'ada')).toEqual([ada('d')])
    expect(await devices.count()).toBe(1)
  })

  it(`P18: expired and still stored, it is missed by each of ${Object.keys(CALLS).length} calls, which all found its twin a millisecond before`, async () => {
    await using scene = await open(COUNTING)
    const stage = stageOn(scene)
    const { sessions, store } = stage
    const calls = Object.entries(CALLS)
    for (const [call] of calls) {
      await sessions.save(ada(`${call} before`))
      await sessions.save(ada(`${call} at`))
    }
    await scene.advance({ days: 89, hours: 23, minutes: 59, seconds: 59, milliseconds: 999 })
    expect(await sessions.count()).toBe(2 * calls.length)
    for (const [call, ask] of calls) expect(await ask(sessions, stage, `${call} before`), call).toBeTruthy()
    await scene.advance('1ms')
    for (const [call, ask] of calls) expect(await ask(sessions, stage, `${call} at`), call).toBeFalsy()
    const { expired } = (await store.namespace('session').stats()).entries
    expect(expired).toBeGreaterThan(name === 'Redis' ? -1 : calls.length - 1)
  })

  it('P20: saving over what is expired and still stored creates a new record; nothing of the old one comes back', async () => {
    await using scene = await open(COUNTING)
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s', { visits: 41, note: 'old' }))
    await scene.advance('90d')
    expect(await sessions.save({ id: 's', user: 'bob' })).toBe('created')
    expect(await sessions.get('s')).toEqual({ id: 's', user: 'bob' })
    expect(await sessions.find('user', 'ada')).toEqual([])
    expect((await sessions.find('user', 'bob')).length).toBe(1)
    expect(await sessions.save({ id: 's', user: 'bob' })).toBe('updated')
  })

  it('P21: deleting what is expired answers false, and counting it up answers nothing and writes nothing', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s', { visits: 1 }))
    const up = ({ visits = 0 }: Session) => ({ visits: visits + 1 })
    expect(await sessions.update('s', up)).toEqual(ada('s', { visits: 2 }))
    await scene.advance('90d')
    expect(await sessions.update('s', up)).toBeUndefined()
    expect(await sessions.delete('s')).toBe(false)
    expect(await sessions.has('s')).toBe(false)
  })

  it('P23: what a crash left in an index is skipped by who reads it, and goes by itself: a posting has the deadline of its record', async () => {
    await using scene = await open(COUNTING)
    const { store, sessions } = stageOn(scene)
    await sessions.save(ada('s'))
    const postings = store.namespace('session.user=ada')
    expect(await listed(postings.keys())).toEqual(['s'])
    // The process died after the record was deleted, and before its postings were.
    await store.namespace('session').delete('s')
    expect(await sessions.find('user', 'ada')).toEqual([])
    await scene.advance('90d')
    await store.sweep()
    expect(await listed(postings.keys())).toEqual([])
    expect((await postings.stats()).entries).toMatchObject({ permanent: 0, active: 0, expired: 0 })
  })

  it('P24: what frees a record frees its postings: nothing of it is left anywhere', async () => {
    await using scene = await open(COUNTING)
    const { store, sessions } = stageOn(scene)
    for (const id of ['a', 'b', 'c']) await sessions.save(ada(id))
    await sessions.save({ id: 'c', user: 'bob' })
    await scene.advance('90d')
    await store.sweep()
    const left = (await store.stats()).flatMap(({ entries }) => [entries.permanent, entries.active, entries.expired])
    expect(left.filter((count) => count > 0)).toEqual([])
  })

  it('P30: a class without a ttl costs what one with a ttl costs, call for call, and nothing of it is ever due', async () => {
    await using scene = await open(COUNTING)
    const counted = (ttl: '90d' | undefined) => {
      const { calls, backend } = watched(scene.backend)
      return { calls, ...stageOn({ backend }, { name: `class-${ttl}`, ttl }) }
    }
    const [without, mortal] = [counted(undefined), counted('90d')]
    for (const { sessions } of [without, mortal]) {
      await sessions.save(ada('s'))
      await sessions.update('s', { visits: 1 })
      await sessions.find('user', 'ada')
    }
    expect(without.calls).toEqual(mortal.calls)
    const stats = async (sessions: Stage) =>
      (await sessions.store.namespace(sessions.sessions.meta.name).stats()).entries
    expect(await stats(without)).toMatchObject({ permanent: 1, active: 0, nextExpiresAt: undefined })
    expect(await stats(mortal)).toMatchObject({ permanent: 0, active: 1 })
  })

  it('an index follows its records: found under what they say now; what a crash left under what they said is skipped', async () => {
    await using scene = await open()
    const { store, sessions } = stageOn(scene)
    await sessions.save(ada('s'))
    await sessions.save({ id: 's', user: 'bob' })
    expect(await listed(store.namespace('session.user=ada').keys())).toEqual([])
    await store.namespace('session.user=ada').set('s', true)
    expect(await sessions.find('user', 'ada')).toEqual([])
    expect(await sessions.find('user', 'bob')).toEqual([{ id: 's', user: 'bob' }])
    expect(await sessions.delete('s')).toBe(true)
    expect(await listed(store.namespace('session.user=bob').keys())).toEqual([])
    await expect(sessions.find('nothing', 'x')).rejects.toThrow('no index nothing')
  })

  it('twenty that count at once count twenty', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s'))
    await Promise.all(
      Array.from({ length: 20 }, () => sessions.update('s', ({ visits = 0 }) => ({ visits: visits + 1 }))),
    )
    expect((await sessions.get('s'))?.visits).toBe(20)
  })
})
