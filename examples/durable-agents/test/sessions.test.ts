import { inRealTime, onEachBackend } from '@ttl/backends'
import { never } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { describe, expect, it } from 'vitest'
import { COUNTING, DAY, dayOf, daysLeft, echo, hostOn, SWEPT, stored } from './support.ts'

describe('a configuration', () => {
  it('D3: the deletion delay is five minutes, may be a second, and is refused above five minutes', () => {
    const { host } = hostOn({ backend: memory() })
    expect(String(host.config.minDeletionDelay)).toBe('5m')
    for (const minDeletionDelay of ['5m', '1s'] as const) hostOn({ backend: memory() }, { minDeletionDelay })
    expect(() => hostOn({ backend: memory() }, { minDeletionDelay: '5m1ms' })).toThrow('cannot exceed 5m')
  })
})

onEachBackend((open) => {
  it('D1: fourteen days where nobody says anything, the host’s own otherwise, the agent’s own before both; names are the same in upper and lower case', async () => {
    await using scene = await open()
    const agents = { support: echo, Quick: { ...echo, idle: '1d' }, archive: { ...echo, idle: '90d' } } as const
    const { host } = hostOn(scene, { agents })
    const { host: week } = hostOn(scene, { agents, idle: '7d' })
    await host.send('support', 'default', 'hello')
    await week.send('support', 'global', 'hello')
    await week.send('quick', 'own', 'hello')
    await week.send('ARCHIVE', 'own', 'hello')
    expect(daysLeft(await host.expiry('support', 'default'))).toBe(14)
    expect(daysLeft(await host.expiry('Support', 'global'))).toBe(7)
    expect(daysLeft(await host.expiry('Quick', 'own'))).toBe(1)
    expect(daysLeft(await host.expiry('archive', 'own'))).toBe(90)
    expect((await host.send('QUICK', 'own', 'again'))?.turn).toBe(2)
  })

  it('D2: a host that says never keeps the sessions of agents that say nothing else', async () => {
    await using scene = await open()
    const { host } = hostOn(scene, { idle: never, agents: { support: echo, quick: { ...echo, idle: '1d' } } })
    await host.send('support', 'a', 'hello')
    await host.send('quick', 'a', 'hello')
    await scene.advance('3650d')
    expect((await host.send('support', 'a', 'still there?'))?.text).toBe('after hello')
    expect((await host.send('quick', 'a', 'still there?'))?.turn).toBe(1)
  })

  it('D4: each answered message moves the end; an empty one and one whose run fails do not, and leave no trace', async () => {
    await using scene = await open()
    const { host } = hostOn(scene)
    await host.send('support', 'a', 'hello')
    await scene.advance('4d')
    expect(await host.send('support', 'a', '')).toBeUndefined()
    await expect(host.send('support', 'a', 'fail')).rejects.toThrow('the model is down')
    expect(daysLeft(await host.expiry('support', 'a'))).toBe(10)
    expect(await host.history('support', 'a')).toEqual([{ said: 'hello', answered: 'nice to meet you' }])
    await host.send('support', 'a', 'again')
    expect(daysLeft(await host.expiry('support', 'a'))).toBe(14)
  })

  it('D7: at the deadline itself history, state and receipts are gone, together', async () => {
    await using scene = await open()
    const { host, store } = hostOn(scene)
    await host.send('support', 'a', 'hello', 'm1')
    const session = store.namespace('agent-session').group('support/a')
    await scene.advance({ milliseconds: 14 * DAY - 1 })
    expect([...(await session.getMany()).keys()].sort()).toEqual(['history', 'receipts', 'state'])
    await scene.advance('1ms')
    expect(await session.getMany()).toEqual(new Map())
    expect(await host.receipt('support', 'a', 'm1')).toEqual({ state: 'unknown' })
  })

  it('D8: thirty days of idle time and a message on day 0: gone on day 30, and a message on day 31 begins anew', async () => {
    await using scene = await open()
    const { host } = hostOn(scene, { idle: '30d' })
    await host.send('support', 'a', 'hello')
    await scene.advance('29d')
    expect((await host.history('support', 'a')).length).toBe(1)
    await scene.advance('1d')
    expect(await host.history('support', 'a')).toEqual([])
    await scene.advance('1d')
    expect(await host.send('support', 'a', 'back')).toEqual({ text: 'nice to meet you', turn: 1 })
  })

  it('D9: messages on day 0, 15 and 40 move the end to day 30, 45 and 70; on day 70 it is gone', async () => {
    await using scene = await open()
    const { host } = hostOn(scene, { idle: '30d' })
    const start = scene.clock.now()
    const ends: number[] = []
    for (const [wait, message] of [
      [0, 'one'],
      [15, 'two'],
      [25, 'three'],
    ] as const) {
      if (wait > 0) await scene.advance({ days: wait })
      await host.send('support', 'a', message)
      ends.push(dayOf(scene, start) + Number(daysLeft(await host.expiry('support', 'a'))))
    }
    expect(ends).toEqual([30, 45, 70])
    await scene.advance('29d')
    expect((await host.history('support', 'a')).length).toBe(3)
    await scene.advance('1d')
    expect(await host.history('support', 'a')).toEqual([])
  })

  it('D10: a message to an agent that by now says never clears the end that the session had', async () => {
    await using scene = await open()
    const { host } = hostOn(scene)
    await host.send('support', 'a', 'hello')
    const { host: kept } = hostOn({ backend: scene.open() }, { agents: { support: { ...echo, idle: never } } })
    await kept.send('support', 'a', 'again')
    await scene.advance('3650d')
    expect(await kept.history('support', 'a')).toHaveLength(2)
  })

  it('D14: an idle time that was shortened holds from the next message on, and of the longer one nothing is left that could end a later session', async () => {
    await using scene = await open()
    const { host } = hostOn(scene, { idle: '90d' })
    await host.send('support', 'a', 'hello')
    const { host: short, store } = hostOn({ backend: scene.open() }, { idle: '1d' })
    await short.send('support', 'a', 'again')
    await scene.advance('1d')
    expect(await short.history('support', 'a')).toEqual([])
    const { host: kept } = hostOn({ backend: scene.open() }, { idle: never })
    await kept.send('support', 'a', 'a new one')
    await scene.advance('89d')
    await store.sweep()
    expect(await kept.history('support', 'a')).toHaveLength(1)
  })

  it('D15: a host that starts with another configuration adopts the sessions: never keeps them; those of agents it does not know keep their promise', async () => {
    await using scene = await open()
    const { host } = hostOn(scene, { agents: { support: echo, gone: echo } })
    await host.send('support', 'a', 'hello')
    await host.send('gone', 'a', 'hello')
    await scene.advance('13d')
    const { host: next } = hostOn({ backend: scene.open() }, { idle: never })
    expect(await next.adopt()).toEqual({ looked: 2, changed: 1 })
    expect(await next.adopt()).toEqual({ looked: 2, changed: 0 })
    await scene.advance('1d')
    expect(await next.history('support', 'a')).toHaveLength(1)
    expect(await next.history('gone', 'a')).toEqual([])
  })

  it('D16: nothing that comes late makes a session out of nothing, and an agent that fails half-way leaves the state as it was', async () => {
    await using scene = await open(COUNTING)
    const { host, store } = hostOn(scene, {
      agents: {
        support: {
          run(message, { state }) {
            state.messages = Number(state.messages ?? 0) + 1
            if (message === 'fail') throw new Error('half-way')
            return String(state.messages)
          },
        },
      },
    })
    await host.send('support', 'a', 'hello')
    await expect(host.send('support', 'a', 'fail')).rejects.toThrow('half-way')
    expect((await host.send('support', 'a', 'again'))?.text).toBe('2')
    await host.delete('support', 'a')
    await using _sweeper = host.start({ interval: '1d', timers: scene.timers })
    await scene.advance('30d')
    expect(await store.namespace('agent-session').group('support/a').touch()).toBe(false)
    expect(await host.adopt()).toEqual({ looked: 0, changed: 0 })
    expect((await stored(store)).live).toBe(0)
  })

  it('D17: time is injected; an answer can be asked for again for a minute, and that it was given as long as the session lives', async () => {
    await using scene = await open()
    let runs = 0
    const run = () => `run ${++runs}`
    const { host } = hostOn(scene, { agents: { support: { run } } })
    expect(await host.send('support', 'a', 'hello', 'm1')).toEqual({ text: 'run 1', turn: 1 })
    await scene.advance('59s999ms')
    expect(await host.send('support', 'a', 'hello', 'm1')).toEqual({ text: 'run 1', turn: 1 })
    await scene.advance('1ms')
    expect(await host.receipt('support', 'a', 'm1')).toEqual({ state: 'answered', text: undefined })
    expect(await host.send('support', 'a', 'hello', 'm1')).toEqual({ text: undefined, turn: 1 })
    expect(runs).toBe(1)
    await scene.advance('14d')
    expect(await host.receipt('support', 'a', 'm1')).toEqual({ state: 'unknown' })
  })

  it('messages of one session are answered one after the other', async () => {
    await using scene = await open()
    const { host } = hostOn(scene)
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((message) => host.send('support', 's', message)))
    expect(answers.map((answer) => answer?.turn)).toEqual([1, 2, 3, 4])
  })
})

onEachBackend((open) => {
  it('D5: an idle time of a minute ends a session after a minute; between two deletions there are five, however many end meanwhile', async () => {
    await using scene = await open()
    const { host, store } = hostOn(scene, { idle: '1m' })
    const checks: string[] = []
    await host.log((event) => {
      if (event.id === 7 && checks.length === 0) checks.push(event.checkAt)
    })
    await using _sweeper = host.start({ timers: scene.timers })
    await host.send('support', 'a', 'hello')
    expect(checks).toEqual([new Date(scene.clock.now() + 300_000).toISOString()])
    const runs: number[] = []
    await store.on('sweep.start', () => runs.push(scene.clock.now()))
    await scene.advance('1m')
    expect(await host.history('support', 'a')).toEqual([])
    await scene.advance('30s')
    for (let minute = 0; minute < 20; minute++) {
      await host.send('support', `s${minute}`, 'hello')
      await scene.advance('1m')
    }
    await scene.advance('10m')
    expect(await stored(store)).toEqual({ live: 0, dead: 0 })
    expect(runs.length).toBeGreaterThan(3)
    for (const [index, at] of runs.entries())
      if (index > 0) expect(at - runs[index - 1]!).toBeGreaterThanOrEqual(300_000)
  }, 60_000)

  it('D6, D9, trap D7: a check that finds the session alive comes again at its new end: day 30 sends it to 45, day 45 to 70, and on day 70 it deletes', async () => {
    await using scene = await open()
    const { host, store } = hostOn(scene, { idle: '30d' })
    const start = scene.clock.now()
    const log: string[] = []
    const day = (iso: string) => Math.floor((Date.parse(iso) - start) / DAY)
    await host.log((event) => {
      if (event.id === 9 || event.id === 10) log.push(`day ${dayOf(scene, start)}: ${event.id} ${day(event.expiresAt)}`)
    })
    await using _sweeper = host.start({ interval: '1d', timers: scene.timers })
    await host.send('support', 'a', 'one')
    await scene.advance('15d')
    await host.send('support', 'a', 'two')
    await scene.advance('25d')
    await host.send('support', 'a', 'three')
    await scene.advance('31d')
    expect(log).toEqual(['day 30: 10 45', 'day 45: 10 70', 'day 70: 9 70'])
    expect(await stored(store)).toEqual({ live: 0, dead: 0 })
  })

  it('D11: all six events are told, each with its session and with times in ISO 8601', async () => {
    await using scene = await open()
    const { host } = hostOn(scene, { idle: '30d', minDeletionDelay: '1s' })
    const { host: kept } = hostOn({ backend: scene.open() }, { idle: never })
    const events: { id: number; session: string }[] = []
    await host.log((event) => events.push(event))
    await kept.log((event) => events.push(event))
    await using _sweeper = host.start({ interval: '1d', timers: scene.timers })
    await host.send('support', 'a', 'one', 'm1')
    await scene.advance('15d')
    await host.send('support', 'a', 'two')
    await scene.advance('31d')
    await host.send('support', 'b', 'one')
    await kept.send('support', 'b', 'two')
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set([6, 7, 8, 9, 10, 11]))
    const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
    for (const { id: _, session, ...times } of events) {
      expect(session).toMatch(/^support\/[ab]$/)
      for (const time of Object.values(times)) expect(time).toMatch(iso)
    }
  })

  it('D12: with ten seconds of idle time and a delay of one it is deleted within twenty; a message meanwhile moves the end past the first', async () => {
    await using scene = await open()
    const { host, store } = hostOn(scene, { idle: '10s', minDeletionDelay: '1s' })
    await using _sweeper = host.start({ timers: scene.timers, interval: '1s' })
    await host.send('support', 'a', 'hello')
    await scene.advance('6s')
    await host.send('support', 'a', 'again')
    await scene.advance('5s')
    expect(await host.history('support', 'a')).toHaveLength(2)
    await scene.advance('9s')
    expect(await stored(store)).toEqual({ live: 0, dead: 0 })
  })

  it('D13: where no worker runs nothing is deleted, and nothing is seen either; a late one deletes it for good', async () => {
    await using scene = await open()
    const { host, store } = hostOn(scene)
    await host.send('support', 'a', 'hello')
    await scene.advance('100d')
    expect(await host.history('support', 'a')).toEqual([])
    expect(await stored(store)).toEqual({ live: 0, dead: 1 })
    await using _sweeper = host.start({ interval: '1d', timers: scene.timers })
    await scene.advance('2d')
    expect(await stored(store)).toEqual({ live: 0, dead: 0 })
    expect(await store.namespace('agent-session').group('support/a').persist()).toBe(false)
  })
}, SWEPT)

onEachBackend(
  (open) => {
    it('D5, D13: no worker is needed, and there is no delay: the server deletes at the end, and for good', async () => {
      await using scene = await open(COUNTING)
      const { host, store } = hostOn(scene, { idle: '1m' })
      await host.send('support', 'a', 'hello')
      await scene.advance('1m')
      expect(await host.history('support', 'a')).toEqual([])
      expect(await store.namespace('agent-session').group('support/a').persist()).toBe(false)
    })

    it('D6: later messages move the end, which is all there is: no check is pending', async () => {
      await using scene = await open()
      const { host, store } = hostOn(scene)
      await host.send('support', 'a', 'hello')
      await scene.advance('10d')
      await host.send('support', 'a', 'again')
      await scene.advance('10d')
      expect((await store.startSweeper().status()).state).toBe('native')
      expect(await host.history('support', 'a')).toHaveLength(2)
      await store.close()
    })
  },
  ['Redis'],
)

inRealTime((open) => {
  it('D12: in real time, two seconds of idle time and a delay of a tenth: a message meanwhile moves the end past the first, and then it is gone', async () => {
    await using scene = await open(COUNTING)
    const { host, store } = hostOn(scene, { idle: '2s', minDeletionDelay: '100ms' })
    await using _sweeper = host.start({ interval: '200ms' })
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    await host.send('support', 'a', 'hello')
    const first = performance.now()
    await wait(1_200)
    const second = await host.send('support', 'a', 'again')
    const sent = performance.now()
    await wait(1_000)
    const seen = await host.history('support', 'a')
    // On a machine that stood still meanwhile nothing is known.
    if (sent - first < 1_900 && performance.now() - sent < 1_900) {
      expect(second?.turn).toBe(2)
      expect(seen).toHaveLength(2)
    }
    await wait(1_200)
    expect(await host.history('support', 'a')).toEqual([])
    for (let tries = 0; tries < 50 && (await stored(store)).dead > 0; tries++) await wait(100)
    if (store.capabilities.reclaims === 'sweep') expect(await stored(store)).toEqual({ live: 0, dead: 0 })
  })
})
