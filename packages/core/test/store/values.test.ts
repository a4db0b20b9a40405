import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Codec } from '../../src/codec.ts'
import type { StandardSchema } from '../../src/schema.ts'
import { createStore } from '../../src/store.ts'
import { fixture, rejection } from './fixture.ts'

const base64: Codec = {
  encode: (value) => Buffer.from(JSON.stringify(value)).toString('base64'),
  decode: (payload) => JSON.parse(Buffer.from(String(payload), 'base64').toString()),
}

/** Numbers only; answers at once or by promise. */
const numbers = (later: boolean): StandardSchema<number> => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const result =
        typeof value === 'number'
          ? { value }
          : { issues: [{ message: `got ${String(value)}`, path: ['deep', { key: 'er' }] }] }
      return later ? Promise.resolve(result) : result
    },
  },
})

describe('values', () => {
  it('of a Uint8Array are bytes, and copies', async () => {
    const { ns } = fixture()
    const bytes = new Uint8Array([0, 255, 128])
    await ns.set('k', bytes)
    bytes[0] = 9
    const read = (await ns.get('k')) as Uint8Array
    expect(read).toEqual(new Uint8Array([0, 255, 128]))
    read[0] = 7
    expect(await ns.get('k')).toEqual(new Uint8Array([0, 255, 128]))
  })

  it('that JSON cannot say are refused before anything is written', async () => {
    const { ns } = fixture()
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    for (const value of [
      () => 1,
      Symbol('s'),
      10n,
      cycle,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      new Map([[1, 2]]),
      new Set([1]),
    ])
      expect(await rejection(ns.set('k', value))).toMatchObject({ code: 'TTL_CODEC', operation: 'set' })
    expect(
      await rejection(
        ns.setMany([
          ['a', 1],
          ['b', 10n],
        ]),
      ),
    ).toMatchObject({ code: 'TTL_CODEC' })
    expect(await ns.count()).toBe(0)
  })

  it('go through the codec of the namespace', async () => {
    const { store } = fixture()
    const coded = store.namespace('n', { codec: base64 })
    await coded.set('k', { a: 1 })
    expect(await coded.get('k')).toEqual({ a: 1 })
    expect(await rejection(store.namespace('n').get('k'))).toMatchObject({
      code: 'TTL_CODEC',
      operation: 'get',
      key: 'k',
    })
  })

  it('never appear in messages of what cannot be decoded', async () => {
    const { store } = fixture()
    await store.namespace('n', { codec: { encode: () => 'hunter2', decode: String } }).set('k', 1)
    const error = await rejection(store.namespace('n').get('k'))
    expect(`${error.message} ${String((error.cause as Error | undefined)?.message)}`).not.toContain('hunter2')
  })

  it('refuses a codec that encodes to something else', async () => {
    const { store } = fixture()
    const broken = store.namespace('n', { codec: { encode: () => 7 as never, decode: String } })
    expect(await rejection(broken.set('k', 1))).toMatchObject({ code: 'TTL_CODEC' })
  })

  for (const later of [false, true]) {
    it(`are validated when they are read (${later ? 'by promise' : 'at once'})`, async () => {
      const { store } = fixture()
      const loose = store.namespace('n')
      const strict = store.namespace('n', { schema: numbers(later) })
      await loose.setMany([
        ['good', 1],
        ['bad', 'secret'],
      ])
      expect(await strict.get('good')).toBe(1)
      expect(await strict.getMany(['good'])).toEqual(new Map([['good', 1]]))
      const error = await rejection(strict.get('bad'))
      expect(error).toMatchObject({ code: 'TTL_CODEC', key: 'bad' })
      expect(error.message).toContain('deep.er')
      expect(error.message).not.toContain('secret')
      expect(await rejection(strict.getMany(['good', 'bad']))).toMatchObject({ code: 'TTL_CODEC', key: 'bad' })
    })
  }

  it('edited in place do not change what an entry is compared by', async () => {
    const { ns } = fixture()
    await ns.set('k', new Uint8Array([1, 2, 3]))
    const entry = (await ns.getEntry('k')) as NonNullable<Awaited<ReturnType<typeof ns.getEntry>>>
    ;(entry.value as Uint8Array)[0] = 9
    expect(await ns.set('k', entry.value, { if: { unchanged: entry } })).toBe(true)
    expect(await ns.set('k', 1, { if: { unchanged: entry } })).toBe(false)
  })

  it('that would be stored as {} are refused', async () => {
    const { ns } = fixture()
    for (const value of [
      Promise.resolve(1),
      /x/,
      new Error('x'),
      new ArrayBuffer(1),
      new Int32Array(1),
      new WeakMap(),
    ]) {
      expect(await rejection(ns.set('k', value))).toMatchObject({ code: 'TTL_CODEC' })
    }
    expect(await ns.set('k', { at: new Date(0), list: [1] })).toBe(true)
  })

  it('as text with a lone surrogate are refused: not every store could keep it', async () => {
    const { store } = fixture()
    const raw = store.namespace('n', { codec: { encode: String, decode: String } })
    expect(await rejection(raw.set('k', 'a\ud800b'))).toMatchObject({ code: 'TTL_CODEC' })
  })

  it('whose schema throws are a matter of the codec, not an outage', async () => {
    const { store } = fixture()
    const bad: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate() {
          throw new Error('bug')
        },
      },
    }
    const ns = store.namespace('n', { schema: bad })
    await ns.set('k', 1)
    expect(await rejection(ns.get('k'))).toMatchObject({ code: 'TTL_CODEC' })
  })

  it('larger than the backend holds are refused before it is asked', async () => {
    const { backend } = fixture()
    const small = Object.assign(backend, { capabilities: { ...backend.capabilities, maxPayloadBytes: 10 } })
    const ns = createStore({ backend: small }).namespace('n')
    expect(await ns.set('k', 'é'.repeat(4))).toBe(true)
    expect(await rejection(ns.set('k', 'é'.repeat(5)))).toMatchObject({ code: 'TTL_UNSUPPORTED' })
    expect(await rejection(ns.set('k', new Uint8Array(11)))).toMatchObject({ code: 'TTL_UNSUPPORTED' })
    expect(await ns.get('k')).toBe('éééé')
  })
})

describe('another realm', () => {
  it('has dates and bytes too', async () => {
    const { ns } = fixture()
    const bytes = runInNewContext('new Uint8Array([1, 2])') as Uint8Array
    await ns.set('k', bytes, { expiresAt: runInNewContext('new Date(Date.UTC(2027, 0))') as Date })
    expect(await ns.get('k')).toEqual(new Uint8Array([1, 2]))
    expect(await ns.expiry('k')).toMatchObject({ expiresAt: { epochMilliseconds: Date.UTC(2027, 0) } })
  })
})
