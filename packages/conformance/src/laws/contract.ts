import type { Backend, Reading, Write } from '@ttl/core/adapter'
import { equal, given, names, ok, same } from '../expect.ts'
import type { Law } from '../law.ts'
import type { Scene } from '../scene.ts'

const PEEK = { touch: false, detail: false, sliding: false } as const
const NEVER = {
  ttlMs: undefined,
  maxAgeMs: undefined,
  expiresAt: undefined,
  restartOn: 'write',
  refreshAfter: 0,
} as const

const write = (
  key: string,
  payload: string | Uint8Array = 'p',
  expiry: Partial<typeof NEVER> | object = {},
): Write => ({
  key,
  payload,
  placement: { onLive: 'replace', expiry: { ...NEVER, ...expiry }, limitMs: undefined },
})

const stateOf = async (backend: Backend, name: string, keys: readonly string[]) =>
  (await backend.inspect('entry', name, keys)).map((reading) => reading && { ...reading, now: 0 })

function checkReading(c: Scene, reading: Reading): void {
  for (const field of ['expiresAt', 'bornAt', 'ttlMs', 'capAt'] as const) {
    ok(reading[field] === undefined || Number.isInteger(reading[field]), `${field} is ${reading[field]}`)
  }
  ok(['create', 'write', 'access'].includes(reading.restartOn))
  ok(reading.refreshAfter >= 0 && reading.refreshAfter < 1)
  ok(Number.isInteger(reading.now))
  ok(reading.expiresAt === undefined || reading.now < reading.expiresAt + c.can.resolutionMs)
}

export const contractLaws: readonly Law[] = [
  {
    id: 'contract.order',
    title: 'every list of answers has the length and the order of the keys that were asked for',
    why: 'Core puts names and answers together by their place.',
    async run(c) {
      const { backend } = c
      const name = c.name()
      const expiry = { ttlMs: c.t.span(90_000).ms }
      same(
        await backend.write(
          name,
          ['z', 'a', 'm'].map((key) => write(key, key, expiry)),
        ),
        [true, true, true],
      )
      const keys = ['no', 'z', 'nor', 'a', 'm', 'none']
      const there = [false, true, false, true, true, false]
      same(
        (await backend.read(name, keys, PEEK)).map((found) => found?.payload),
        [undefined, 'z', undefined, 'a', 'm', undefined],
      )
      same(
        (await backend.inspect('entry', name, keys)).map((reading) => reading !== undefined),
        there,
      )
      same(await backend.touch('entry', name, keys), there)
      same(await backend.expire('entry', name, keys, { ...NEVER, ttlMs: expiry.ttlMs }), there)
      same(
        await backend.write(name, [
          { ...write('z'), condition: 'absent' },
          { ...write('no'), condition: 'absent' },
          { ...write('a'), condition: { payload: 'a' } },
          { ...write('m'), condition: { payload: 'other' } },
        ]),
        [false, true, true, false],
      )
      same(await backend.delete('entry', name, keys), [true, true, false, true, true, false])
    },
  },
  {
    id: 'contract.group-order',
    title: 'the same for groups, in lists of several',
    why: 'Core puts names and answers together by their place.',
    requires: { groups: 'yes' },
    async run(c) {
      const { backend } = c
      const name = c.name()
      const placement = {
        onLive: 'replace',
        expiry: { ...NEVER, ttlMs: c.t.span(60_000).ms },
        limitMs: undefined,
      } as const
      for (const id of ['z', 'a'])
        equal(
          await backend.writeGroup(
            name,
            id,
            [
              ['m', id],
              ['n', id],
            ],
            placement,
          ),
          true,
        )
      const ids = ['no', 'z', 'nor', 'a']
      const there = [false, true, false, true]
      same(
        (await backend.inspect('group', name, ids)).map((reading) => reading !== undefined),
        there,
      )
      same(
        (await backend.inspect('entry', name, ids)).map((reading) => reading !== undefined),
        ids.map(() => false),
      )
      same(await backend.touch('group', name, ids), there)
      same(await backend.expire('group', name, ids, { ...NEVER, ttlMs: c.t.span(90_000).ms }), there)
      same(await backend.deleteMembers(name, 'z', ['x', 'n', 'y', 'm']), [false, true, false, true])
      same(await backend.deleteMembers(name, 'z', ['m']), [false])
      const found = given(await backend.readGroup(name, 'a', ['n', 'x', 'm'], PEEK))
      same(found.members.map(([member]) => member).sort(), ['m', 'n'])
      equal(await backend.readGroup(name, 'a', ['x'], PEEK), undefined)
      same(await backend.delete('group', name, ids), [false, false, false, true])
    },
  },
  {
    id: 'contract.readings',
    title: 'a reading has whole numbers or undefined, a mode, a gate, and the instant at which it was live',
    why: 'null, NaN or text from a driver passes for a deadline somewhere.',
    async run(c) {
      const name = c.name()
      const spans = [
        {},
        { ttlMs: c.t.span(60_000).ms },
        { maxAgeMs: c.t.span(70_000).ms },
        { expiresAt: Number(c.t.instant(80_000)), restartOn: 'access' },
      ]
      const keys = names(spans.length)
      await c.backend.write(
        name,
        spans.map((span, index) => write(given(keys[index]), 'p', span)),
      )
      for (const reading of await c.backend.inspect('entry', name, keys)) checkReading(c, given(reading))
      for (const found of await c.backend.read(name, keys, { touch: true, detail: true, sliding: true })) {
        checkReading(c, given(given(found).reading, 'the reading that detail asks for'))
      }
    },
  },
  {
    id: 'contract.peek',
    title: 'a read without touch, and an inspection, change nothing at all',
    why: 'What is read for a list, a copy or a report must not live longer for it.',
    async run(c) {
      const name = c.name()
      await c.backend.write(name, [write('k', 'p', { ttlMs: c.t.span(60_000).ms, restartOn: 'access' })])
      const before = await stateOf(c.backend, name, ['k'])
      await c.t.at(20_000)
      for (const detail of [false, true]) {
        for (const sliding of [false, true]) await c.backend.read(name, ['k'], { touch: false, detail, sliding })
      }
      same(await stateOf(c.backend, name, ['k']), before)
      await c.backend.read(name, ['k'], { touch: true, detail: false, sliding: false })
      const [after] = await c.backend.inspect('entry', name, ['k'])
      c.t.is(given(after).expiresAt, 80_000)
    },
  },
  {
    id: 'contract.arguments',
    title: 'arguments are read and never changed',
    why: 'Core passes constants.',
    async run(c) {
      const name = c.name()
      const deep = <T>(value: T): T => {
        if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
          for (const inner of Object.values(value)) deep(inner)
          Object.freeze(value)
        }
        return value
      }
      const keys = deep(['b', 'a'])
      same(await c.backend.write(name, deep([write('b'), { ...write('a'), condition: 'absent' }])), [true, true])
      await c.backend.read(name, keys, deep({ ...PEEK }))
      await c.backend.inspect('entry', name, keys)
      await c.backend.touch('entry', name, keys)
      await c.backend.expire('entry', name, keys, deep({ ttlMs: 100_000, maxAgeMs: undefined, expiresAt: undefined }))
      if (c.can.groups)
        await c.backend.writeGroup(name, 'g', deep([['m', 'p']] as [string, string][]), deep(write('g').placement))
      await c.backend.sweep(deep({ limit: 1, namespace: name }))
      same(keys, ['b', 'a'])
    },
  },
  {
    id: 'contract.payloads',
    title: 'a payload is given back in the kind that it was given in',
    why: 'Text and bytes of the same content are two values.',
    async run(c) {
      const name = c.name()
      const bytes = Uint8Array.of(34, 97, 34)
      await c.backend.write(name, [
        write('text', '"a"'),
        write('bytes', bytes),
        write('none', ''),
        write('no bytes', new Uint8Array()),
      ])
      const found = await c.backend.read(name, ['text', 'bytes', 'none', 'no bytes'], PEEK)
      const payloads = found.map((each) => given(each).payload)
      same(
        payloads.map((payload) => typeof payload),
        ['string', 'object', 'string', 'object'],
      )
      ok(payloads[1] instanceof Uint8Array && Buffer.compare(payloads[1], bytes) === 0)
      equal(payloads[2], '')
      equal((payloads[3] as Uint8Array).length, 0)
      const outcomes = await c.backend.write(name, [
        { ...write('text', 'new'), condition: { payload: bytes } },
        { ...write('bytes', 'new'), condition: { payload: '"a"' } },
        { ...write('none', 'new'), condition: { payload: new Uint8Array() } },
      ])
      same(outcomes, [false, false, false])
      same(
        await c.backend.write(name, [{ ...write('bytes', 'new'), condition: { payload: Uint8Array.of(34, 97, 34) } }]),
        [true],
      )
      equal(await c.backend.take(name, 'none'), '')
    },
  },
]
