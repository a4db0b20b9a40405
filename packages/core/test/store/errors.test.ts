import { describe, expect, it } from 'vitest'
import { TtlError } from '../../src/errors.ts'
import { memory } from '../../src/memory.ts'
import { createStore } from '../../src/store.ts'
import { asynchronous, Failing, fixture, listed, rejection } from './fixture.ts'

const outage = Object.assign(new Error('connection to 10.0.0.1 lost while writing "secret"'), { code: 'ECONNRESET' })

describe('errors of the backend', () => {
  for (const [kind, wrap] of [
    ['at once', (backend: Failing) => backend],
    ['by promise', asynchronous],
  ] as const) {
    it(`are wrapped once, with the subject and without values (${kind})`, async () => {
      const backend = new Failing()
      const ns = createStore({ backend: wrap(backend) }).namespace('n')
      backend.outage = outage
      const error = await rejection(ns.set('k', 'secret'))
      expect(error).toBeInstanceOf(TtlError)
      expect(error).toMatchObject({
        code: 'TTL_BACKEND',
        retryable: true,
        outcome: 'unknown',
        operation: 'set',
        namespace: 'n',
        key: 'k',
        cause: outage,
      })
      expect(error.message).toContain('ECONNRESET')
      expect(error.message).not.toContain('secret')
    })
  }

  it('are never a miss', async () => {
    const backend = new Failing()
    const ns = createStore({ backend }).namespace('n')
    backend.outage = outage
    for (const read of [
      ns.get('k'),
      ns.getMany(['k']),
      ns.has('k'),
      ns.getEntry('k'),
      ns.expiry('k'),
      ns.getOrSet('k', () => 1),
    ]) {
      expect(await rejection(read)).toMatchObject({ code: 'TTL_BACKEND' })
    }
  })

  it('of a batch name the keys that failed', async () => {
    const backend = new Failing()
    const ns = createStore({ backend }).namespace('n')
    backend.outage = outage
    expect(
      await rejection(
        ns.setMany([
          ['a', 1],
          ['b', 2],
        ]),
      ),
    ).toMatchObject({ code: 'TTL_BACKEND', stored: [], failed: ['a', 'b'], cause: outage })
  })

  it('of a part of a batch name what is stored too', async () => {
    const backend = new Failing()
    const write = backend.write.bind(backend)
    const partly = Object.assign(backend, {
      capabilities: { ...backend.capabilities, batch: 'each' as const },
      write: (...[namespace, writes]: Parameters<typeof write>) => [...write(namespace, writes.slice(0, 1)), outage],
    })
    const ns = createStore({ backend: partly }).namespace('n')
    expect(
      await rejection(
        ns.setMany([
          ['a', 1],
          ['b', 2],
        ]),
      ),
    ).toMatchObject({ code: 'TTL_BACKEND', stored: ['a'], failed: ['b'], retryable: true })
    expect(await ns.get('a')).toBe(1)
  })
})

describe('errors of several of a batch', () => {
  it('are retryable only together, and name no outcome where one is unknown', async () => {
    const backend = new Failing()
    const errors = [new Error('a'), new Error('b')]
    Object.assign(backend, {
      capabilities: { ...backend.capabilities, batch: 'each' },
      write: () => errors,
      classify: (error: Error) =>
        error.message === 'a' ? { retryable: true } : { retryable: false, outcome: 'unknown' },
    })
    const ns = createStore({ backend }).namespace('n')
    const error = await rejection(
      ns.setMany([
        ['x', 1],
        ['y', 1],
      ]),
    )
    expect(error).toMatchObject({ retryable: false, outcome: 'unknown', failed: ['x', 'y'], stored: [] })
    expect((error.cause as AggregateError).errors).toEqual(errors)
  })

  it('of a read have no outcome to wonder about', async () => {
    const backend = new Failing()
    const ns = createStore({ backend }).namespace('n')
    backend.outage = outage
    expect((await rejection(ns.get('k'))).outcome).toBeUndefined()
  })
})

describe('a backend that is not one', () => {
  it('is refused at once, by what is missing', () => {
    const { backend } = fixture()
    const partial = { name: 'bad', capabilities: backend.capabilities, read: () => [], write: () => [] }
    expect(() => createStore({ backend: partial as never })).toThrow(
      /the backend "bad" has no now\(\), has no inspect\(\)/,
    )
    Object.assign(backend, { capabilities: { ...backend.capabilities, stats: false } })
    expect(() => createStore({ backend })).toThrow(/disagrees with its capability stats/)
  })

  it('cannot keep a scan going for ever', async () => {
    const { backend } = fixture()
    Object.assign(backend, { scan: () => ({ keys: ['k'], cursor: 'same' }) })
    const ns = createStore({ backend }).namespace('n')
    expect((await rejection(listed(ns.keys()))).message).toMatch(/the same cursor twice/)
  })
})

describe('a closed store', () => {
  it('waits for what is running', async () => {
    const { backend } = fixture()
    const order: string[] = []
    let finish = () => {}
    const slow = new Proxy(backend, {
      get: (target, name) =>
        name === 'write'
          ? () =>
              new Promise((resolve) => {
                finish = () => {
                  order.push('written')
                  resolve([true])
                }
              })
          : name === 'close'
            ? () => void order.push('closed')
            : Reflect.get(target, name, target),
    })
    const store = createStore({ backend: slow })
    const writing = store.namespace('n').set('k', 1)
    const closing = store.close()
    finish()
    expect(await writing).toBe(true)
    await closing
    expect(order).toEqual(['written', 'closed'])
  })

  it('refuses everything, and closes once', async () => {
    const { store, ns, backend } = fixture()
    let closed = 0
    Object.assign(backend, { close: () => void closed++ })
    const group = ns.group('g')
    await Promise.all([store.close(), store.close()])
    expect(closed).toBe(1)
    for (const call of [
      () => ns.get('k'),
      () => ns.set('k', 1),
      () => ns.keys().next(),
      () => ns.entries().next(),
      () => ns.clear(),
      () => group.set('m', 1),
      () => group.touch(),
      () => store.sweep(),
      () => store.stats(),
      () => store.explain(),
    ]) {
      expect(await rejection(call())).toMatchObject({ code: 'TTL_CLOSED', retryable: false })
    }
    expect(() => store.using(backend)).toThrow(/closed/)
  })

  it('is closed by await using', async () => {
    let inner: ReturnType<typeof fixture>['ns']
    {
      const { store } = fixture()
      await using scoped = store
      inner = scoped.namespace('n')
      await inner.set('k', 1)
    }
    expect(await rejection(inner.get('k'))).toMatchObject({ code: 'TTL_CLOSED' })
  })
})

describe('arguments that cannot be used', () => {
  const { store, ns } = fixture()
  // What a program without types might pass.
  const loose = ns as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  const cases: [string, () => Promise<unknown>, RegExp][] = [
    ['an unknown option of get', () => loose.get!('k', { tuch: false }), /no option "tuch"; it has touch/],
    ['touch that is no boolean', () => loose.get!('k', { touch: 'no' }), /touch of get must be true or false/],
    ['a key that is no string', () => loose.get!(42), /a key must be a string, got the number 42; write String/],
    ['an empty key', () => loose.get!(''), /at least one character/],
    ['a string for keys', () => loose.getMany!('abc'), /takes an array or another iterable, got "abc"/],
    ['one bad key of many', () => loose.deleteMany!(['a', 7]), /a key must be a string/],
    [
      'an unknown condition',
      () => loose.set!('k', 1, { if: 'exists' }),
      /if must be 'absent', 'present' or \{ unchanged: entry \}, got "exists"/,
    ],
    [
      'a copy of an entry',
      () => loose.set!('k', 1, { if: { unchanged: { key: 'k' } } }),
      /the entry that getEntry\(\) gave, not a copy/,
    ],
    ['a loader that is no function', () => loose.getOrSet!('k', 5), /takes a function that loads/],
    ['expiry that is neither', () => loose.set!('k', 1, { expiry: 'same' }), /expiry must be 'keep' or 'restart'/],
    ['null for options', () => loose.set!('k', 1, null), /options must be an object, got null/],
    ['a number for expire', () => loose.expire!('k', 60), /has no unit; write seconds\(60\)/],
    ['no lifetime for expire', () => loose.expire!('k'), /expected a duration, got undefined/],
    [
      'entries that are none',
      () => loose.setMany!([5]),
      /setMany takes entries \[key, value, options\?\], got a number/,
    ],
    ['text for an entry', () => loose.setMany!(['ab']), /got a string/],
    [
      'members that are none',
      () => ns.group('g').setMany([5] as never),
      /takes entries \[member, value\], got a number/,
    ],
    ['a secret for a loader', () => loose.getOrSet!('k', 'hunter2'), /^(?!.*hunter2).*got a string/],
    [
      'a controller for a signal',
      () => store.sweep({ signal: new AbortController() } as object),
      /must be an AbortSignal/,
    ],
    [
      'options of a member',
      () => (ns.group('g').set as (...args: unknown[]) => Promise<unknown>)('m', 1, { ttl: '1h' }),
      /no expiry of its own/,
    ],
    ['no members', () => ns.group('g').setMany({}), /at least one member/],
    [
      'undefined as the member to delete',
      () => ns.group('g').delete(undefined),
      /a member must be a string, got undefined/,
    ],
    [
      'a sweep of nothing',
      () => store.sweep({ limit: 0 }),
      /limit of sweep must be a whole number ≥ 1, got the number 0/,
    ],
    ['an unknown option of sweep', () => store.sweep({ max: 3 } as object), /sweep has no option "max"/],
  ]
  for (const [name, call, message] of cases) {
    it(`${name}: a clear error, and nothing written`, async () => {
      const error = await rejection(call())
      expect(error).toBeInstanceOf(TtlError)
      expect(error.code).toBe('TTL_INVALID')
      expect(error.message).toMatch(message)
      expect(error.operation).toBeTypeOf('string')
      expect(await store.stats()).toEqual([])
    })
  }

  it('of a batch name the key', async () => {
    const bad = [
      ['a', 1],
      ['b', undefined],
    ]
    expect(await rejection(loose.setMany!(bad))).toMatchObject({ code: 'TTL_INVALID', key: 'b' })
  })

  it('let an iterable that throws through, as a loader', async () => {
    const mistake = new Error('mine')
    const broken = {
      [Symbol.iterator]() {
        throw mistake
      },
    }
    for (const call of [loose.setMany!(broken), loose.getMany!(broken)]) expect(await rejection(call)).toBe(mistake)
  })

  it('of a clock that gives no instant are errors, never an expiry', async () => {
    let time: unknown = 1e12
    const timed = createStore({ backend: memory({ clock: { now: () => time as number } }) }).namespace('n')
    await timed.set('k', 1, { ttl: '1h' })
    for (time of [Number.NaN, undefined, null, '5', Number.POSITIVE_INFINITY, 1.7e18]) {
      expect(await rejection(timed.set('k', 2, { ttl: '1h' }))).toMatchObject({ code: 'TTL_INVALID' })
    }
    time = 1e12 + 1
    expect(await timed.get('k')).toBe(1)
  })

  it('of constructors throw at once', () => {
    const { backend, clock } = fixture()
    const make = createStore as unknown as (options: unknown) => unknown
    expect(() => make(undefined)).toThrow(/backend must be/)
    expect(() => make({})).toThrow(/backend must be a backend such as memory\(\)/)
    expect(() => make({ backend, polcy: {} })).toThrow(/no option "polcy"/)
    expect(() => make({ backend, codec: {} })).toThrow(/codec must have encode and decode/)
    expect(() => make({ backend, limits: { max: null } })).toThrow(/null/)
    for (const wrong of [clock, { clokc: 1 }, null, []]) expect(() => memory(wrong as never)).toThrow(/memory\(\)/)
    expect(() => make({ backend, limits: new Map() })).toThrow(/limits/)
    expect(() => store.namespace('')).toThrow(/at least one character/)
    expect(() => store.namespace('x', { schema: {} as never })).toThrow(/Standard Schema/)
    expect(() => ns.group('g', { ttl: 5 } as never)).toThrow(/has no unit/)
  })
})
