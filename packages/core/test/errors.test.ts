import { describe as about, expect, test } from 'vitest'
import { seconds } from '../src/duration.ts'
import { describe, TtlError, TtlRangeError, TtlTypeError } from '../src/errors.ts'
import { after, never } from '../src/lifetime.ts'

about('the three classes of errors', () => {
  const classes = [
    [TtlError, 'TtlError', Error],
    [TtlTypeError, 'TtlTypeError', TypeError],
    [TtlRangeError, 'TtlRangeError', RangeError],
  ] as const

  test.each(classes)('%o is a TtlError and what its name says', (Kind, name, Native) => {
    const error = new Kind('TTL_INVALID', 'message')
    expect(error instanceof TtlError).toBe(true)
    expect(error instanceof Kind).toBe(true)
    expect(error instanceof Native).toBe(true)
    expect(error instanceof Error).toBe(true)
    expect(error).toMatchObject({ name, message: 'message', code: 'TTL_INVALID', retryable: false })
    expect(String(error)).toBe(`${name}: message`)
    expect(error.stack).toContain('errors.test.ts')
  })

  test.each(classes)('%o carries details and a cause', (Kind) => {
    const cause = new Error('driver')
    const details = {
      retryable: true,
      operation: 'set',
      namespace: 'session',
      key: 'k',
      outcome: 'unknown',
      stored: ['a'],
      failed: ['b'],
    } as const
    const error = new Kind('TTL_BACKEND', 'message', { ...details, cause })
    expect(error).toMatchObject({ ...details, code: 'TTL_BACKEND' })
    expect(error.cause).toBe(cause)
  })

  test.each(classes)('%o has no field for what is not known', (Kind) => {
    const error = new Kind('TTL_INVALID', 'message', { key: undefined, cause: undefined })
    expect(Object.keys(error).sort()).toEqual(['code', 'retryable'])
    expect('cause' in error).toBe(false)
  })

  test('tells kinds apart', () => {
    expect(new TtlTypeError('TTL_INVALID', '') instanceof TtlRangeError).toBe(false)
    expect(new TtlRangeError('TTL_INVALID', '') instanceof TypeError).toBe(false)
    expect(new TtlError('TTL_BACKEND', '') instanceof TypeError).toBe(false)
  })

  test.each([[new Error('x')], [new TypeError('x')], [{ code: 'TTL_INVALID' }], ['TTL_INVALID'], [null], [undefined]])(
    '%o is no TtlError',
    (value) => {
      expect(value instanceof TtlError).toBe(false)
    },
  )

  test('may be subclassed, and not every TtlError is one of a subclass', () => {
    class Mine extends TtlError {}
    const mine = new Mine('TTL_BACKEND', 'message')
    expect(mine instanceof Mine && mine instanceof TtlError).toBe(true)
    expect(new TtlError('TTL_BACKEND', 'message') instanceof Mine).toBe(false)
    expect(new TtlTypeError('TTL_INVALID', 'message') instanceof Mine).toBe(false)
  })

  test('knows errors of another copy of this package', () => {
    const foreign = Object.defineProperty(new Error('x'), Symbol.for('@ttl/core.error'), { value: true })
    expect(foreign instanceof TtlError).toBe(true)
  })
})

about('an argument in a message', () => {
  test.each<[unknown, string]>([
    ['1mo', '"1mo"'],
    ['a"b\n', '"a\\"b\\n"'],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    ['x'.repeat(61), 'a string of 61 characters'],
    [60, 'the number 60'],
    [-0, 'the number -0'],
    [Number.NaN, 'the number NaN'],
    [5n, 'the bigint 5n'],
    [undefined, 'undefined'],
    [false, 'false'],
    [null, 'null'],
    [() => 1, 'a function'],
    [Symbol('secret'), 'a symbol'],
    [[1, 2], 'an array'],
    [new Date(0), 'the Date 1970-01-01T00:00:00.000Z'],
    [new Date(Number.NaN), 'an invalid Date'],
    [seconds(90), 'the duration 1m30s'],
    [never, 'the lifetime never'],
    [after('1h'), "the lifetime after('1h')"],
    [{}, '{}'],
    [Object.create(null), '{}'],
    [new Map(), 'a Map'],
    [{ a: 'secret', b: 1 }, 'an object with a, b'],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, 'an object with a, b, c, d, e'],
  ])('%o', (value, text) => {
    expect(describe(value)).toBe(text)
  })
})
