import { onEachBackend } from '@ttl/backends'
import { never } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { describe, expect, it } from 'vitest'
import { COUNTING, daysLeft, echo, hostOn, stored } from './support.ts'

const untyped = (value: unknown) => value as never

describe('what is refused', () => {
  it('trap D10: an idle time, a delay or an interval of zero or less is refused where the host is made', () => {
    for (const wrong of ['0s', '-1d', 0, -1, Number.NaN, '']) {
      for (const options of [{ idle: wrong }, { minDeletionDelay: wrong }, { results: wrong }]) {
        expect(() => hostOn({ backend: memory() }, untyped(options)), JSON.stringify(options)).toThrow(
          expect.objectContaining({ code: 'TTL_INVALID' }),
        )
      }
      const agents = untyped({ support: { ...echo, idle: wrong } })
      expect(() => hostOn({ backend: memory() }, { agents })).toThrow(expect.objectContaining({ code: 'TTL_INVALID' }))
    }
    expect(() => hostOn({ backend: memory() }).host.start({ interval: untyped('0s') })).toThrow()
  })
})

onEachBackend((open) => {
  it('trap D1: null is refused and names the two things that it could mean: left out inherits fourteen days, never keeps for ever', async () => {
    await using scene = await open()
    for (const options of [{ idle: null }, { agents: { support: { ...echo, idle: null } } }]) {
      expect(() => hostOn(scene, untyped(options))).toThrow(/leave it out to inherit, write never/)
    }
    const agents = { inherits: { ...echo, idle: undefined }, kept: { ...echo, idle: never } }
    const { host } = hostOn(scene, { agents })
    await host.send('inherits', 'a', 'hello')
    await host.send('kept', 'a', 'hello')
    await scene.advance('14d')
    expect(await host.history('inherits', 'a')).toEqual([])
    await scene.advance('3650d')
    expect(await host.history('kept', 'a')).toHaveLength(1)
  })

  it('trap D2: a message after the end and before any deletion begins a new conversation, also when no worker has run for weeks', async () => {
    await using scene = await open()
    const { host } = hostOn(scene)
    await host.send('support', 'a', 'my card number is')
    await scene.advance('14d')
    expect(await host.send('support', 'a', 'hello')).toEqual({ text: 'nice to meet you', turn: 1 })
    expect(await host.history('support', 'a')).toHaveLength(1)
  })

  it('trap D3: ninety days shortened to one hold for idle sessions as well, counted from their last use', async () => {
    await using scene = await open()
    const { host } = hostOn(scene, { idle: '90d' })
    await host.send('support', 'old', 'hello')
    await scene.advance('10d')
    await host.send('support', 'fresh', 'hello')
    await scene.advance('12h')
    const { host: short } = hostOn({ backend: scene.open() }, { idle: '1d' })
    expect(await short.adopt()).toEqual({ looked: 2, changed: 2 })
    expect(await short.adopt()).toEqual({ looked: 1, changed: 0 })
    expect(await short.history('support', 'old')).toEqual([])
    expect(daysLeft(await short.expiry('support', 'fresh'))).toBe(0.5)
    await short.send('support', 'fresh', 'again')
    expect(daysLeft(await short.expiry('support', 'fresh'))).toBe(1)
  })

  it('trap D4: turned off and on again, a session has an end again; and there is one sweeper, however often it is started', async () => {
    await using scene = await open(COUNTING)
    const { host, store } = hostOn(scene)
    await using _sweeper = host.start({ interval: '1d', timers: scene.timers })
    expect(() => host.start({ timers: scene.timers })).toThrow('running already')
    const { host: off } = hostOn({ backend: scene.open() }, { idle: never })
    await host.send('support', 'a', 'one')
    await off.send('support', 'a', 'two')
    await scene.advance('100d')
    await host.send('support', 'a', 'three')
    expect(daysLeft(await host.expiry('support', 'a'))).toBe(14)
    await scene.advance('16d')
    expect((await stored(store)).live).toBe(0)
    if (store.capabilities.reclaims === 'sweep') expect((await stored(store)).dead).toBe(0)
  })

  it('trap D5: turning the end off saves the sessions that are idle at that moment', async () => {
    await using scene = await open()
    const { host } = hostOn(scene)
    await host.send('support', 'a', 'hello')
    await scene.advance('13d')
    const { host: off } = hostOn({ backend: scene.open() }, { idle: never })
    await off.adopt()
    await scene.advance('1000d')
    expect(await off.history('support', 'a')).toHaveLength(1)
  })

  it('trap D6: sessions of an agent that is no longer registered end as they were promised to, and are deleted', async () => {
    await using scene = await open(COUNTING)
    const { host } = hostOn(scene, { agents: { retired: echo } })
    await host.send('retired', 'a', 'hello')
    const { host: next, store } = hostOn({ backend: scene.open() })
    await next.adopt()
    await using _sweeper = next.start({ interval: '1d', timers: scene.timers })
    await expect(next.send('retired', 'a', 'hello')).rejects.toThrow('there is no agent retired')
    await scene.advance('16d')
    expect((await stored(store)).live).toBe(0)
    if (store.capabilities.reclaims === 'sweep') expect((await stored(store)).dead).toBe(0)
  })

  it('trap D8: a host may count a message whose run fails as use: then it moves the end, and nothing else', async () => {
    await using scene = await open()
    const { host } = hostOn(scene, { extendOn: 'attempt' })
    await host.send('support', 'a', 'hello')
    await scene.advance('10d')
    await expect(host.send('support', 'a', 'fail')).rejects.toThrow('the model is down')
    expect(daysLeft(await host.expiry('support', 'a'))).toBe(14)
    expect(await host.history('support', 'a')).toHaveLength(1)
    await expect(host.send('support', 'new', 'fail')).rejects.toThrow('the model is down')
    expect(daysLeft(await host.expiry('support', 'new'))).toBe('absent')
  })

  it('trap D9: sessions from before there was an end are adopted, and need no message for it', async () => {
    await using scene = await open()
    const { host: before } = hostOn(scene, { idle: never })
    await before.send('support', 'a', 'hello')
    await scene.advance('400d')
    const { host } = hostOn({ backend: scene.open() })
    expect(await host.adopt()).toEqual({ looked: 1, changed: 1 })
    expect(daysLeft(await host.expiry('support', 'a'))).toBe(14)
    await scene.advance('14d')
    expect(await host.history('support', 'a')).toEqual([])
  })

  it('trap D11: nothing waits longer than an interval: an end in ninety days is data, not a timer or a message to the future', async () => {
    await using scene = await open()
    const { host } = hostOn(scene, { idle: '90d' })
    const waits: number[] = []
    const timers = {
      after(ms: number, callback: () => unknown) {
        waits.push(ms)
        return scene.timers.after(ms, callback)
      },
    }
    await using _sweeper = host.start({ interval: '1d', timers })
    await host.send('support', 'a', 'hello')
    await scene.advance('91d')
    expect(Math.max(0, ...waits)).toBeLessThanOrEqual(86_400_000)
    expect(await host.history('support', 'a')).toEqual([])
  })

  it('trap D12: a year of messages and deletions passes in a moment, without a sleep and without a model', async () => {
    await using scene = await open(COUNTING)
    const { host, store } = hostOn(scene)
    const started = performance.now()
    await using _sweeper = host.start({ interval: '7d', timers: scene.timers })
    let begun = 0
    for (let week = 0; week < 52; week++) {
      if (week % 5 < 2) begun += (await host.send('support', 'a', `week ${week}`))?.turn === 1 ? 1 : 0
      await scene.advance('7d')
    }
    expect(begun).toBe(11)
    await scene.advance('21d')
    expect((await stored(store)).live).toBe(0)
    expect(performance.now() - started).toBeLessThan(60_000)
  }, 90_000)
})
