import { onEachBackend } from '@ttl/backends'
import { createStore, epochMs, never } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { describe, expect, it } from 'vitest'
import { ada, COUNTING, DAY, left, type Session, stageOn, watched } from './support.ts'

const untyped = (value: unknown) => value as never

describe('what is refused', () => {
  it('trap P4: a date-time without an offset is refused, by the types and when it runs: it would be another instant on every machine', async () => {
    const { sessions } = stageOn({ backend: memory() })
    // @ts-expect-error no offset
    const naive = sessions.save(ada('s'), { expiresAt: '2026-12-31T23:59:59' })
    await expect(naive).rejects.toMatchObject({ code: 'TTL_INVALID' })
    expect(await sessions.save(ada('s'), { expiresAt: '2100-12-31T23:59:59+02:00' })).toBe('created')
    expect(String((await sessions.explain('s', { expiresAt: '2100-12-31T23:59:59+02:00' })).deadline)).toBe(
      '2100-12-31T21:59:59.000Z',
    )
  })
})

onEachBackend((open) => {
  it('trap P1: pinning a record that was saved with a ttl takes its deadline away, and so does saving it with never', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('pinned'))
    await sessions.save(ada('saved'))
    await sessions.pin('pinned')
    await sessions.save(ada('saved'), { ttl: never })
    await scene.advance('3650d')
    expect([...(await sessions.getMany(['pinned', 'saved'])).keys()]).toEqual(['pinned', 'saved'])
    expect((await sessions.find('user', 'ada')).length).toBe(2)
  })

  it('trap P2: loading and saving changes no life: a pin, a deadline, a ttl of its own are still what the record lives by', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('pinned'), { ttl: never })
    await sessions.save(ada('until'), { expiresAt: epochMs(scene.clock.now() + 20 * DAY) })
    await sessions.save(ada('own'), { ttl: '30d' })
    await scene.advance('10d')
    const { sessions: later } = stageOn({ backend: scene.open() })
    for (const id of ['pinned', 'until', 'own']) {
      const record = (await later.get(id)) as Session
      expect(await later.save({ ...record, visits: 1 })).toBe('updated')
      await later.update(id, { visits: 2 })
    }
    expect(left(await later.expiry('pinned'))).toBe('never')
    expect(left(await later.expiry('until'))).toBe(10 * DAY)
    expect(left(await later.expiry('own'))).toBe(30 * DAY)
  })

  it('trap P3: a ttl of zero, an empty one or null beside a deadline is as much a conflict or an error as any other; the record stays as it was', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s'))
    for (const ttl of [0, '', null, false, '0s']) {
      const both = sessions.save(ada('s', { visits: 9 }), untyped({ ttl, expiresAt: '2100-06-01T00:00:00Z' }))
      await expect(both, String(ttl)).rejects.toMatchObject({ code: expect.stringMatching(/^TTL_(CONFLICT|INVALID)$/) })
    }
    expect(await sessions.get('s')).toEqual(ada('s'))
    expect(left(await sessions.expiry('s'))).toBe(90 * DAY)
  })

  it('trap P5: a ttl that cannot be is refused before anything is sent: the record is neither written nor made immortal', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('old'), { ttl: '1h' })
    const wrong = [
      () => sessions.save(ada('new'), untyped({ ttl: 1.5 })),
      () => sessions.update('old', { visits: 9 }, untyped({ ttl: 'soon' })),
    ]
    for (const call of wrong) await expect(call()).rejects.toMatchObject({ code: 'TTL_INVALID' })
    expect(await sessions.get('old')).toEqual(ada('old'))
    expect(left(await sessions.expiry('old'))).toBe(3_600_000)
    expect(await sessions.has('new')).toBe(false)
  })

  it('trap P6: nobody meets a key whose record is gone, though no clean-up ever ran', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    for (let day = 0; day < 14; day++) {
      await sessions.save(ada(`s${day}`), { ttl: '1d' })
      await scene.advance('1d')
      expect(await sessions.find('user', 'ada')).toEqual([])
    }
  })

  it('trap P7: count counts what lives, with no read before it', async () => {
    await using scene = await open(COUNTING)
    const { sessions } = stageOn(scene)
    for (const id of ['a', 'b', 'c']) await sessions.save(ada(id), id === 'c' ? { ttl: never } : undefined)
    expect(await sessions.count()).toBe(3)
    await scene.advance('90d')
    expect(await sessions.count()).toBe(1)
  })

  it('trap P8: reading, listing and exporting write nothing, also when they come upon what is expired', async () => {
    await using scene = await open(COUNTING)
    const { sessions } = stageOn(scene)
    await sessions.save(ada('dead'), { ttl: '1d' })
    await sessions.save(ada('live'))
    await scene.advance('1d')
    const { calls, backend } = watched(scene.backend)
    const { store, sessions: readers } = stageOn({ backend })
    await readers.get('dead')
    await readers.find('user', 'ada')
    await readers.all()
    await readers.count()
    await readers.expiry('live')
    await store.transfer(createStore({ backend: memory({ clock: scene.clock }) }))
    const writing = ['write', 'writeGroup', 'take', 'delete', 'deleteMembers', 'touch', 'expire', 'clear', 'sweep']
    expect(calls.length).toBeGreaterThan(5)
    expect(calls.filter((call) => writing.includes(call))).toEqual([])
  })

  it('trap P9: a background job that writes every ten days keeps nothing alive; and with a max not even people do', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    const { sessions: capped } = stageOn(scene, { name: 'capped', max: '120d' })
    await sessions.save(ada('s'))
    await capped.save(ada('s'))
    const days = { job: 0, people: 0 }
    for (let day = 10; day <= 130; day += 10) {
      await scene.advance('10d')
      if (await sessions.update('s', { note: `seen on day ${day}` }, { expiry: 'keep' })) days.job = day
      if (await capped.update('s', { visits: day })) days.people = day
    }
    expect(days).toEqual({ job: 80, people: 110 })
  })

  it('trap P10: a partial save of what is expired or was never there writes nothing, where theirs writes half a record', async () => {
    await using scene = await open(COUNTING)
    const { sessions } = stageOn(scene)
    await sessions.save(ada('s', { note: 'n' }))
    await scene.advance('90d')
    expect(await sessions.update('s', { visits: 1 })).toBeUndefined()
    expect(await sessions.update('nobody', { visits: 1 })).toBeUndefined()
    expect(await sessions.count()).toBe(0)
  })

  it('trap P11: a class that nobody writes any more drains all the same: the sweeper wakes when something is due', async () => {
    await using scene = await open(COUNTING)
    const { store, sessions } = stageOn(scene)
    for (let index = 0; index < 30; index++) await sessions.save(ada(`s${index}`))
    await using sweeper = store.startSweeper({ interval: '1d', timers: scene.timers })
    await scene.advance('91d')
    const { active, expired } = (await store.namespace('session').stats()).entries
    expect(active).toBe(0)
    if (store.capabilities.reclaims === 'sweep') expect(expired).toBe(0)
    expect((await sweeper.status()).state).toMatch(/^(native|waiting)$/)
  })

  it('trap P12: a ttl can be given with any one save, whole, partial or of many', async () => {
    await using scene = await open()
    const { sessions } = stageOn(scene)
    await sessions.save(ada('a'), { ttl: '1h' })
    await sessions.saveMany([[ada('b'), { ttl: '2h' }]])
    await sessions.update('b', { visits: 1 }, { ttl: '3h' })
    expect(left(await sessions.expiry('a'))).toBe(3_600_000)
    expect(left(await sessions.expiry('b'))).toBe(3 * 3_600_000)
  })
})
