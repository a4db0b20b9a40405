import { describe, expect, test } from 'vitest'
import { seconds } from '../src/duration.ts'
import { after, at, earliest, maxAge, never } from '../src/lifetime.ts'
import { BUILT_IN, fixed, readLimits, readPolicy, rolling, sliding } from '../src/policy.ts'
import { complete, expiryOf, NOTHING, override, strictest } from '../src/resolve.ts'
import { thrownBy } from './thrown.ts'

const read = (input: unknown, ...also: string[]) => readPolicy(input, 'options', also)

describe('a policy is read', () => {
  test('and only what was given is in the patch', () => {
    for (const nothing of [
      {},
      { ttl: undefined },
      { ttl: undefined, expiresAt: undefined, lifetime: undefined, jitter: undefined },
    ]) {
      expect(Object.values(read(nothing)).every((field) => field === undefined)).toBe(true)
    }
  })

  test.each<[object, 'ttl' | 'whole', object]>([
    [{ ttl: '15m' }, 'ttl', after('15m')],
    [{ ttl: seconds(5) }, 'ttl', after('5s')],
    [{ ttl: { minutes: 1 } }, 'ttl', after('1m')],
    [{ ttl: '1h', expiresAt: undefined, lifetime: undefined }, 'ttl', after('1h')],
    [{ ttl: never }, 'whole', never],
    [{ ttl: earliest(never, never) }, 'whole', never],
    [{ expiresAt: '2026-12-31T23:59:59Z' }, 'whole', at('2026-12-31T23:59:59Z')],
    [{ expiresAt: new Date(0), ttl: undefined }, 'whole', at(new Date(0))],
    [{ lifetime: never }, 'whole', never],
    [{ lifetime: after('1h') }, 'whole', after('1h')],
    [{ lifetime: earliest(after('1h'), maxAge('1d')) }, 'whole', earliest(after('1h'), maxAge('1d'))],
    [rolling('14d'), 'whole', after('14d')],
  ])('%o', (input, replaces, value) => {
    expect(read(input).lifetime).toEqual({ replaces, value })
  })

  test('with its scalars, 0 among them', () => {
    expect(read({ restartOn: 'access', refreshAfter: 0, jitter: 0.999 })).toMatchObject({
      restartOn: 'access',
      refreshAfter: 0,
      jitter: 0.999,
    })
    for (const restartOn of ['create', 'write', 'access']) expect(read({ restartOn })).toMatchObject({ restartOn })
  })

  test('beside other options, where they are allowed', () => {
    expect(read({ if: 'absent', ttl: '1h' }, 'if').lifetime?.value).toEqual(after('1h'))
  })

  test('from objects without a prototype and from instances of classes', () => {
    class Config {
      ttl = '1h'
    }
    expect(read(Object.assign(Object.create(null), { ttl: '1h' })).lifetime?.value).toEqual(after('1h'))
    expect(read(new Config()).lifetime?.value).toEqual(after('1h'))
  })
})

describe('a policy is refused', () => {
  const conflict = 'which exclude each other'
  const threeThings = 'which could mean three things'

  test.each<[unknown, string, ...string[]]>([
    [
      { ttl: '1h', expiresAt: '2026-12-31T23:59:59Z' },
      'TTL_CONFLICT',
      'options gives ttl and expiresAt',
      conflict,
      "earliest(after('1h'), at(instant))",
    ],
    [{ ttl: '1h', lifetime: never }, 'TTL_CONFLICT', 'ttl and lifetime'],
    [{ ttl: never, expiresAt: new Date(0) }, 'TTL_CONFLICT', 'ttl and expiresAt'],
    [{ ttl: '1h', expiresAt: new Date(0), lifetime: never }, 'TTL_CONFLICT', 'ttl and expiresAt and lifetime'],
    [{ ttl: 0, expiresAt: '2026-12-31T23:59:59Z' }, 'TTL_CONFLICT', conflict],
    [{ ttl: '', expiresAt: '2026-12-31T23:59:59Z' }, 'TTL_CONFLICT', conflict],
    [{ ttl: false, lifetime: Number.NaN }, 'TTL_CONFLICT', conflict],
    [{ ttl: null }, 'TTL_INVALID', 'ttl of options is null', threeThings, 'leave it out to inherit', 'write never'],
    [{ expiresAt: null }, 'TTL_INVALID', 'expiresAt of options is null', threeThings],
    [{ lifetime: null }, 'TTL_INVALID', threeThings],
    [{ restartOn: null }, 'TTL_INVALID', 'restartOn of options is null'],
    [{ jitter: null }, 'TTL_INVALID', 'jitter of options is null'],
    [{ ttl: 60 }, 'TTL_INVALID', 'the number 60', 'has no unit'],
    [{ ttl: 0 }, 'TTL_INVALID', 'the number 0'],
    [{ ttl: '' }, 'TTL_INVALID', 'got ""'],
    [{ ttl: {} }, 'TTL_INVALID', 'got {}', 'never for no expiry'],
    [{ ttl: after('1h') }, 'TTL_INVALID', "write lifetime: after('1h')"],
    [{ expiresAt: 1_767_225_600 }, 'TTL_INVALID', 'epochSeconds(1767225600)'],
    [{ expiresAt: '2026-12-31T23:59:59' }, 'TTL_INVALID', 'has no offset'],
    [{ expiresAt: never }, 'TTL_INVALID', 'expiresAt of options takes an instant', 'write ttl: never'],
    [{ expiresAt: after('1h') }, 'TTL_INVALID', "write lifetime: after('1h')"],
    [{ lifetime: {} }, 'TTL_INVALID', 'expected a lifetime, got {}', 'or never'],
    [{ lifetime: '1h' }, 'TTL_INVALID', 'expected a lifetime, got "1h"', "after('1h')"],
    [{ lifetime: { ttl: '1h' } }, 'TTL_INVALID', 'expected a lifetime'],
    [{ restartOn: 'read' }, 'TTL_INVALID', "'create', 'write' or 'access'", '"read"'],
    [{ restartOn: true }, 'TTL_INVALID', 'got true'],
    [
      { tll: '1h' },
      'TTL_INVALID',
      'options has no option "tll"',
      'it has ttl, expiresAt, lifetime, restartOn, refreshAfter, jitter',
    ],
    [{ maxAge: '1h' }, 'TTL_INVALID', 'no option "maxAge"'],
    [{ if: 'absent' }, 'TTL_INVALID', 'no option "if"'],
    [{ tll: undefined }, 'TTL_INVALID', 'no option "tll"'],
    [null, 'TTL_INVALID', 'options must be an object, got null'],
    ['15m', 'TTL_INVALID', 'got "15m"', "{ ttl: '15m' }"],
    [60, 'TTL_INVALID', 'got the number 60'],
    [undefined, 'TTL_INVALID', 'got undefined'],
    [after('1h'), 'TTL_INVALID', 'got a lifetime', 'wrap it, { lifetime: … }'],
    [never, 'TTL_INVALID', 'wrap it'],
    [seconds(5), 'TTL_INVALID', 'no option "ms"'],
    [[], 'TTL_INVALID', 'got an array'],
    [new Date(0), 'TTL_INVALID', 'got the Date 1970-01-01T00:00:00.000Z'],
    [new Map([['ttl', '1h']]), 'TTL_INVALID', 'got a Map'],
  ])('%o', (input, code, ...says) => {
    const error = thrownBy(() => read(input))
    expect(error).toMatchObject({ code })
    expect(error).toBeInstanceOf(TypeError)
    for (const phrase of says) expect(error.message).toContain(phrase)
  })

  test.each([-0.1, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '0.5', true, {}])('with a fraction of %o', (value) => {
    for (const field of ['refreshAfter', 'jitter']) {
      const error = thrownBy(() => read({ [field]: value }))
      expect(error).toMatchObject({ name: 'TtlRangeError', code: 'TTL_INVALID' })
      expect(error.message).toContain(`${field} of options must be a fraction, at least 0 and below 1`)
    }
  })
})

describe('presets', () => {
  test('set lifetime and restartOn only', () => {
    expect(fixed('1h')).toEqual({ lifetime: after('1h'), restartOn: 'create' })
    expect(rolling({ days: 14 })).toEqual({ lifetime: after('14d'), restartOn: 'write' })
    expect(sliding('30m', { max: '12h' })).toEqual({
      lifetime: earliest(after('30m'), maxAge('12h')),
      restartOn: 'access',
    })
    expect(sliding('30m', { max: 'unbounded' })).toEqual({ lifetime: after('30m'), restartOn: 'access' })
  })

  test('take a lifetime where a duration stands for one', () => {
    const whole = earliest(after('1h'), at('2026-12-31T23:59:59Z'))
    expect(fixed(whole).lifetime).toBe(whole)
    expect(rolling(never).lifetime).toBe(never)
  })

  test.each([[undefined], [null], [{}], [{ max: undefined }], [{ max: null }], [{ max: never }], ['12h']])(
    'sliding refuses a cap of %o',
    (cap) => {
      const error = thrownBy(() => sliding('30m', cap as { max: '12h' }))
      expect(error).toMatchObject({ name: 'TtlTypeError', code: 'TTL_INVALID' })
      expect(error.message).toContain("{ max: 'unbounded' }")
    },
  )

  test('refuse what is no duration', () => {
    for (const wrong of [60, '60', '1mo', '', null, {}, undefined]) {
      for (const make of [
        fixed,
        rolling,
        (idle: '1h') => sliding(idle, { max: '1d' }),
        (max: '1h') => sliding('1m', { max }),
      ]) {
        expect(thrownBy(() => make(wrong as unknown as '1h'))).toMatchObject({ code: 'TTL_INVALID' })
      }
    }
  })
})

describe('limits', () => {
  test.each<[unknown, number | undefined]>([
    [undefined, undefined],
    [{}, undefined],
    [{ max: undefined }, undefined],
    [{ max: '90d' }, 7_776_000_000],
    [{ max: { hours: 1 } }, 3_600_000],
  ])('%o', (input, ms) => expect(readLimits(input, 'limits')).toBe(ms))

  test.each<[unknown, ...string[]]>([
    [null, 'limits must be an object, got null', "{ max: '90d' }"],
    ['90d', 'got "90d"', "{ max: '90d' }"],
    [[], 'got an array'],
    [{ min: '1s' }, 'limits has no option "min"', 'it has max'],
    [{ max: 90 }, 'has no unit'],
    [{ max: '' }, 'expected a duration'],
    [{ max: '0s' }, 'longer than zero'],
    [{ max: null }, 'max of limits must be a duration, got null', 'for no limit leave it out'],
    [{ max: never }, 'got the lifetime never', 'for no limit leave it out'],
    [{ max: after('1h') }, "got the lifetime after('1h')"],
  ])('refuses %o', (input, ...says) => {
    const error = thrownBy(() => readLimits(input, 'limits'))
    expect(error).toMatchObject({ code: 'TTL_INVALID' })
    for (const phrase of says) expect(error.message).toContain(phrase)
  })
})

describe('resolution', () => {
  const store = read(rolling('14d'))
  const type = read({ ttl: '1d' })

  test.each<[string, object, string]>([
    ['absent inherits', {}, "after('1d')"],
    ['undefined inherits', { ttl: undefined }, "after('1d')"],
    ['never disables', { ttl: never }, 'never'],
    ['a ttl replaces', { ttl: '5m' }, "after('5m')"],
    ['an instant replaces', { expiresAt: '2026-12-31T23:59:59Z' }, "at('2026-12-31T23:59:59.000Z')"],
  ])('case 30: %s', (_, call, lifetime) => {
    const policy = complete(override(override(store, type), read(call)))
    expect(String(policy.lifetime)).toBe(lifetime)
    expect(policy.restartOn).toBe('write')
  })

  test('case 31: one field of a sliding default changes, the others stay', () => {
    const session = read({ ...sliding('30m', { max: '12h' }), refreshAfter: 0.1 })
    expect(complete(override(session, read({ restartOn: 'write' })))).toMatchObject({
      restartOn: 'write',
      refreshAfter: 0.1,
    })
    expect(String(complete(override(session, read({ restartOn: 'write' }))).lifetime)).toBe(
      "earliest(after('30m'), maxAge('12h'))",
    )
    expect(String(complete(override(session, read({ ttl: '2h' }))).lifetime)).toBe(
      "earliest(after('2h'), maxAge('12h'))",
    )
    expect(complete(override(session, read({ refreshAfter: 0 }))).refreshAfter).toBe(0)
  })

  test('case 32: the strictest limit wins in any order, and binds never', () => {
    const [store90, tenant30] = [readLimits({ max: '90d' }, 'store'), readLimits({ max: '30d' }, 'tenant')]
    const policy = complete(override(store, read({ ttl: never })))
    for (const limit of [strictest(store90, tenant30), strictest(tenant30, store90)]) {
      expect(expiryOf(policy, limit, 'ns', 'k').maxAgeMs).toBe(30 * 86_400_000)
    }
  })

  test('case 34: presence decides, not truthiness', () => {
    expect(thrownBy(() => read({ ttl: 0, expiresAt: new Date(0) }))).toMatchObject({ code: 'TTL_CONFLICT' })
    expect(read({ ttl: '1h', expiresAt: undefined }).lifetime?.value).toEqual(after('1h'))
  })

  test('nothing anywhere is the built-in policy', () => {
    expect(complete(NOTHING)).toEqual(BUILT_IN)
    expect(expiryOf(BUILT_IN, undefined, 'ns', 'k')).toEqual({
      ttlMs: undefined,
      maxAgeMs: undefined,
      expiresAt: undefined,
      restartOn: 'write',
      refreshAfter: 0,
    })
  })

  test('case 40: jitter 0.1 of 100 s, over 1000 keys', () => {
    const policy = complete(read({ lifetime: earliest(after('100s'), maxAge('1h')), jitter: 0.1 }))
    const windows = Array.from({ length: 1_000 }, (_, index) => expiryOf(policy, undefined, 'ns', `key-${index}`))
    const ttls = windows.map(({ ttlMs }) => ttlMs as number)
    expect(Math.min(...ttls)).toBeGreaterThanOrEqual(90_000)
    expect(Math.max(...ttls)).toBeLessThanOrEqual(100_000)
    expect(new Set(ttls).size).toBeGreaterThan(900)
    expect(new Set(windows.map(({ maxAgeMs }) => maxAgeMs))).toEqual(new Set([3_600_000]))
    expect(expiryOf(policy, undefined, 'ns', 'key-7')).toEqual(windows[7])
    expect(expiryOf(policy, undefined, 'other', 'key-7').ttlMs).not.toBe(windows[7]?.ttlMs)
  })
})
