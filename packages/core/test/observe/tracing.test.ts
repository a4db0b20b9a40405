import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { type ExpiringTable, ExpiringTable as Table, type TableSubject } from '../../src/expiring-table.ts'
import { memory } from '../../src/memory.ts'
import { OPERATIONS, type Operation } from '../../src/operations.ts'
import { createStore } from '../../src/store.ts'
import type { TraceContext } from '../../src/tracing.ts'
import { Failing, fixture, listed, rejection } from '../store/fixture.ts'

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

const offs: (() => void)[] = []
afterEach(() => {
  for (const off of offs.splice(0)) off()
})

/** Subscribes to the channels of these operations; tells what they said, in order. */
function subscribe(...operations: readonly Operation[]) {
  const said: { event: string; context: TraceContext }[] = []
  for (const operation of operations) {
    const channel = tracingChannel(`ttl:${operation}`) as TracingChannel<unknown, TraceContext & object>
    const subscribers = Object.fromEntries(
      EVENTS.map((event) => [event, (context: TraceContext) => said.push({ event, context })]),
    ) as unknown as Parameters<typeof channel.subscribe>[0]
    channel.subscribe(subscribers)
    offs.push(() => channel.unsubscribe(subscribers))
  }
  return said
}

describe('a traced operation', () => {
  it('tells its start, its end, and that it has settled, under one context', async () => {
    const said = subscribe('set')
    const { ns } = fixture()
    await ns.set('k', 'secret')
    expect(said.map(({ event }) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
    const [first] = said
    expect(first?.context).toEqual({ operation: 'set', backend: 'memory', namespace: 'n', key: 'k' })
    expect(said.every(({ context }) => context === first?.context)).toBe(true)
    expect(JSON.stringify(said)).not.toContain('secret')
  })

  it('that fails tells why', async () => {
    const said = subscribe('get')
    const backend = new Failing()
    backend.outage = new Error('no connection')
    const error = await rejection(createStore({ backend }).namespace('n').get('k'))
    expect(said.map(({ event }) => event)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    expect(said[0]?.context.error).toBe(error)
    expect(error).toMatchObject({ code: 'TTL_BACKEND' })
  })

  it('is refused with its arguments as without a trace, and never throws at once', async () => {
    const said = subscribe('set')
    const { ns } = fixture()
    expect(await rejection(ns.set('', 1))).toMatchObject({ code: 'TTL_INVALID', operation: 'set' })
    expect(said.map(({ event }) => event)).toContain('error')
  })

  it('answers what it answers without a trace', async () => {
    subscribe('get', 'getMany')
    const { ns } = fixture()
    await ns.set('k', { deep: [1] })
    expect(await ns.get('k')).toEqual({ deep: [1] })
    expect(await ns.getMany(['k', 'other'])).toEqual(new Map([['k', { deep: [1] }]]))
  })

  it('gives its context to what runs within it', async () => {
    const current = new AsyncLocalStorage<string>()
    const { start } = tracingChannel('ttl:getOrSet')
    start.bindStore(current, (context) => `${(context as TraceContext).operation} ${(context as TraceContext).key}`)
    offs.push(() => start.unbindStore(current))
    const { ns } = fixture()
    expect(await ns.getOrSet('k', () => current.getStore())).toBe('getOrSet k')
    expect(current.getStore()).toBeUndefined()
  })

  it('is each of all operations, none of which tells a value', async () => {
    const said = subscribe(...OPERATIONS)
    const { store, ns, clock, backend } = fixture()
    const value = 'secret'
    await ns.set('k', value)
    await ns.setMany([['l', value]])
    await ns.get('k')
    await ns.getEntry('k')
    await ns.getMany(['k'])
    await ns.has('k')
    await ns.getOrSet('m', () => value)
    await ns.touch('k')
    await ns.expire('k', '1h')
    await ns.persist('k')
    await ns.expiry('k')
    await ns.explain('k')
    await listed(ns.keys())
    await listed(ns.entries())
    await ns.count()
    await ns.stats()
    await ns.take('m')
    await ns.delete('l')
    await ns.deleteMany(['l'])
    const group = ns.group('g')
    await group.set('m', value)
    await group.setMany({ n: value })
    await group.get('m')
    await group.getMany()
    await group.touch()
    await group.expire('1h')
    await group.persist()
    await group.expiry()
    await group.delete('m')
    await listed(ns.groups())
    await ns.clear()
    await store.sweep()
    await store.preview()
    await store.forecast()
    await store.sweeperStatus()
    await store.on('expired', () => undefined)
    store.startSweeper({ timers: clock })
    await clock.run('1m')
    await store.transfer(memory())
    const table: ExpiringTable = new Table(
      Object.assign(backend, { check: () => undefined }) as unknown as TableSubject,
    )
    await table.check()
    await store.close()
    const seen = new Set(said.map(({ context }) => context.operation))
    expect([...seen].sort()).toEqual(OPERATIONS.toSorted())
    for (const operation of seen) {
      const events = said.filter(({ context }) => context.operation === operation).map(({ event }) => event)
      expect(events.slice(0, 2), operation).toEqual(['start', 'end'])
      expect(events.slice(-2), operation).toEqual(['asyncStart', 'asyncEnd'])
    }
    expect(JSON.stringify(said)).not.toContain(value)
  })

  it('is traced no more when nobody subscribes any more', async () => {
    const said = subscribe('get')
    const { ns } = fixture()
    await ns.get('k')
    for (const off of offs.splice(0)) off()
    await ns.get('k')
    expect(said.filter(({ event }) => event === 'start')).toHaveLength(1)
  })
})

describe('without diagnostics', () => {
  it('a store works all the same', async () => {
    const program = `
      Object.defineProperty(process, 'getBuiltinModule', { value: undefined })
      const { createStore } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/store.ts'))})
      const { memory } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/memory.ts'))})
      const ns = createStore({ backend: memory() }).namespace('n')
      await ns.set('k', 'v')
      console.log(await ns.get('k'))
    `
    const strip = process.features.typescript ? [] : ['--experimental-strip-types']
    const { stdout } = await promisify(execFile)(process.execPath, [...strip, '--input-type=module', '-e', program])
    expect(stdout).toBe('v\n')
  })
})
