import type { Codec } from '@ttl/core'
import { equal, given, ok, refused, same } from '../expect.ts'
import type { Law } from '../law.ts'

/** Stores text and bytes as they are. */
const raw: Codec = { encode: (value) => value as string | Uint8Array, decode: (payload) => payload }

const TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\\',
  '\\u0000',
  '\n',
  'null',
  '{',
  '\u{1f600}',
  'é',
  'e\u0301',
  '\ufeff',
  ';1;2;3',
  '|',
  '\u0001',
  '\u001f',
  '\u2028',
]

export const valueLaws: readonly Law[] = [
  {
    id: 'values.json',
    title: 'what JSON can say comes back as it was; what looks like nothing is not a miss',
    why: "0, '', false and null are values; undefined is a miss.",
    async run(c) {
      const ns = c.ns<unknown>()
      const values = [
        0,
        '',
        false,
        null,
        [],
        {},
        true,
        -1.5,
        1e300,
        'text',
        '\0',
        'null',
        [null],
        { a: { b: [1, 'x', null] } },
        '\u{1f600}',
        '\ud800',
      ]
      for (const [index, value] of values.entries()) {
        equal(await ns.set(`k${index}`, value), true)
        await c.alive(ns, `k${index}`, value)
        equal(await ns.set(`k${index}`, 'other', { if: 'absent' }), false)
      }
    },
  },
  {
    id: 'values.bytes',
    title: 'bytes come back as bytes, every one of them, also none',
    why: 'Taken for text, a byte above 127 is two others.',
    async run(c) {
      const ns = c.ns<unknown>()
      const all = Uint8Array.from({ length: 256 }, (_, index) => index)
      const values = {
        all,
        none: new Uint8Array(),
        zero: Uint8Array.of(0),
        part: all.subarray(100, 110),
        text: new TextEncoder().encode('"text"'),
      }
      for (const [key, value] of Object.entries(values)) {
        await ns.set(key, value)
        const got = given(await ns.get(key))
        ok(got instanceof Uint8Array, `${key} should be bytes`)
        same([...got], [...value])
      }
      await ns.set('buffer', Buffer.from([1, 2, 3]))
      const got = await ns.get('buffer')
      same(got instanceof Uint8Array && [...got], [1, 2, 3])
    },
  },
  {
    id: 'values.text-is-text',
    heavy: true,
    title: 'a codec of its own gets back the kind and the content that it gave: text or bytes, any, also empty',
    why: 'A trailer, a marker or an escape that a payload can contain as well is a forgery.',
    async run(c) {
      const ns = c.ns<unknown>({}, { codec: raw })
      for (const [index, text] of TEXTS.entries()) {
        const bytes = new TextEncoder().encode(text)
        await ns.set(`t${index}`, text)
        await ns.set(`b${index}`, bytes)
        equal(await ns.get(`t${index}`), text)
        const got = await ns.get(`b${index}`)
        same(got instanceof Uint8Array && [...got], [...bytes], `bytes of ${JSON.stringify(text)}`)
      }
    },
  },
  {
    id: 'values.forgeries',
    title: 'a payload that ends or begins like what a backend adds to it is still only a payload',
    why: 'What was stored is decided by who stored it, not by what it looks like.',
    async run(c) {
      const ns = c.ns<unknown>({ ttl: c.t.span(90_000), restartOn: 'access' }, { codec: raw })
      await ns.set('model', 'x')
      const forged = [
        'x\0',
        '\0x',
        'x\n1',
        '{"v":"x","e":0}',
        'x\u00001767225600000',
        '\u0001x',
        'x~1~2~3',
        'b:eA==',
        'base64:eA==',
        '\\x78',
      ]
      for (const [index, payload] of forged.entries()) {
        await ns.set(`k${index}`, payload)
        equal(await ns.get(`k${index}`), payload)
        await c.ends(ns, `k${index}`, 90_000)
      }
    },
  },
  {
    id: 'values.large',
    heavy: true,
    title: 'a megabyte is kept, as text and as bytes',
    why: 'Sessions are small until one is not.',
    async run(c) {
      if (c.can.maxPayloadBytes < 1_100_000) return
      const ns = c.ns<unknown>()
      const text = 'é\u{1f600}x'.repeat(150_000)
      const bytes = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 31) % 256)
      await ns.set('text', text)
      await ns.set('bytes', bytes)
      ok((await ns.get('text')) === text)
      const got = await ns.get('bytes')
      ok(got instanceof Uint8Array && Buffer.compare(got, bytes) === 0)
    },
  },
  {
    id: 'values.own-copy',
    title: "what is stored does not change under a caller's hands",
    why: 'Only a store in the same process can get this wrong, and those are used in tests.',
    async run(c) {
      const ns = c.ns<unknown>()
      const bytes = Uint8Array.of(1, 2, 3)
      await ns.set('k', bytes)
      bytes[0] = 9
      const first = given(await ns.get('k')) as Uint8Array
      same([...first], [1, 2, 3])
      first[1] = 9
      same([...((await ns.get('k')) as Uint8Array)], [1, 2, 3])
      if (!c.can.groups) return
      const group = ns.group('g')
      bytes[0] = 1
      await group.set('m', bytes)
      bytes[0] = 9
      const member = given(await group.get('m')) as Uint8Array
      member[1] = 9
      same([...((await group.get('m')) as Uint8Array)], [1, 2, 3])
    },
  },
  {
    id: 'values.too-large',
    heavy: true,
    once: true,
    title: 'a payload beyond the declared size is refused before anything is written, one within it is kept',
    why: 'A batch that fails at its last entry has written the others.',
    requires: { maxPayloadBytes: 'bounded' },
    async run(c) {
      const ns = c.ns<unknown>()
      const max = c.can.maxPayloadBytes
      ok(Number.isInteger(max) && max >= 1)
      await ns.set('k', 'old')
      const over = new Uint8Array(max + 1)
      await refused('TTL_UNSUPPORTED', () => ns.set('k', over), /bytes/)
      await refused(
        'TTL_UNSUPPORTED',
        () =>
          ns.setMany([
            ['first', 1],
            ['k', over],
          ]),
        /bytes/,
      )
      if (c.can.groups) await refused('TTL_UNSUPPORTED', () => ns.group('g').set('m', over), /bytes/)
      await c.alive(ns, 'k', 'old')
      await c.gone(ns, 'first')
      if (max > 4_000_000) return
      await ns.set('fits', over.subarray(0, max))
      equal(((await ns.get('fits')) as Uint8Array).length, max)
    },
  },
  {
    id: 'values.unbounded',
    heavy: true,
    title: 'where no size is declared, eight megabytes are kept',
    why: 'An undeclared bound is found in production.',
    requires: { maxPayloadBytes: 'unbounded' },
    async run(c) {
      const ns = c.ns<unknown>()
      const bytes = new Uint8Array(8_000_000).fill(7)
      await ns.set('k', bytes)
      const got = await ns.get('k')
      ok(got instanceof Uint8Array && Buffer.compare(got, bytes) === 0)
    },
  },
]
