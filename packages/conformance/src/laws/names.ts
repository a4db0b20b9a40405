import { equal, refused, same } from '../expect.ts'
import type { Law } from '../law.ts'
import { collect } from '../scene.ts'

/** Names that something on the way to a store could take for something else. */
const ODD = [
  'a',
  'A',
  'á',
  'a\u0301',
  'ß',
  'SS',
  'ı',
  'I',
  ' ',
  '  ',
  ' a',
  'a ',
  'a\t',
  'a\n',
  '\r\n',
  '\0',
  'a\0',
  'a\0b',
  '\0\0',
  '\\0',
  '\\',
  '\\\\',
  '\\x00',
  '%00',
  '%',
  '%%',
  '_',
  'a%',
  'a_',
  '*',
  'a*',
  '?',
  '[a]',
  '[a-z]',
  '{a}',
  '{',
  '}',
  ':',
  '::',
  'a:b',
  'a:',
  ':a',
  '/',
  '..',
  '~',
  '"',
  "'",
  "'; DROP TABLE ttl; --",
  '$1',
  '?1',
  '0',
  '00',
  '1',
  '01',
  '1.0',
  '1e0',
  '-1',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '\u200b',
  '\ufeff',
  'a\ufeff',
  '\u{1f600}',
  '\u{10ffff}',
  '\uffff',
  '漢字',
] as const

const KIB = [
  'k'.repeat(1_024),
  'é'.repeat(512),
  '\u{1f600}'.repeat(256),
  '\0'.repeat(1_024),
  '\\'.repeat(1_024),
  ':'.repeat(1_024),
]

export const nameLaws: readonly Law[] = [
  {
    id: 'names.keys',
    heavy: true,
    title: 'keys of any characters are kept apart and given back as they were',
    why: 'Case, accents, patterns, separators, NUL, escapes: each was a collision in some store.',
    async run(c) {
      const ns = c.ns<number>({ ttl: c.t.span(90_000) })
      const keys = [...ODD, ...KIB]
      await ns.setMany(keys.map((key, index) => [key, index] as const))
      same(
        [...(await ns.getMany(keys))],
        keys.map((key, index) => [key, index]),
      )
      if (c.can.scan !== 'none') {
        same((await collect(ns.keys())).sort(), keys.toSorted())
        same(new Map(await collect(ns.entries())), new Map(keys.map((key, index) => [key, index])))
      }
      await ns.deleteMany(keys.filter((_, index) => index % 2 === 0))
      same(
        [...(await ns.getMany(keys)).keys()],
        keys.filter((_, index) => index % 2 === 1),
      )
    },
  },
  {
    id: 'names.every-verb',
    heavy: true,
    title: 'every verb finds a key of any characters',
    why: 'Escaped on the way in and not on the way out.',
    async run(c) {
      const ns = c.ns<number>({ ttl: c.t.span(90_000) })
      const keys = ['\0', '%', 'a:b', '\\', '[a]', '*', '\u{1f600}', "'", 'é'.repeat(512)]
      await Promise.all(
        keys.map(async (key) => {
          equal(await ns.set(key, 1), true)
          await c.alive(ns, key, 1)
          equal(await ns.touch(key), true)
          equal(await ns.expire(key, c.t.span(80_000)), true)
          equal(await ns.persist(key), true)
          equal(await ns.take(key), 1)
          equal(await ns.delete(key), false)
        }),
      )
    },
  },
  {
    id: 'names.namespaces',
    heavy: true,
    title: 'namespaces of any characters are kept apart, also when the same key lies in all of them',
    why: 'SCAN team* also clears teamB; LIKE a_b also aXb.',
    requires: { scan: ['once', 'repeats'] },
    async run(c) {
      const all = ODD.map((label, index) => ({ ns: c.ns<number>({}, { label }), index }))
      await Promise.all(
        all.map(({ ns, index }) =>
          ns.setMany([
            ['k', index],
            [`k${index}`, index],
          ]),
        ),
      )
      const check = ({ ns, index }: (typeof all)[number]) =>
        collect(ns.keys()).then((keys) => same(keys.sort(), ['k', `k${index}`].sort()))
      await Promise.all(all.map(check))
      const [even, odd] = [all.filter(({ index }) => index % 2 === 0), all.filter(({ index }) => index % 2 === 1)]
      await Promise.all(even.map(({ ns }) => ns.clear()))
      await Promise.all(odd.map(check))
      for (const { ns, index } of odd) equal(await ns.get('k'), index)
      for (const { ns } of even) equal(await ns.get('k'), undefined)
    },
  },
  {
    id: 'names.boundaries',
    title: "namespace and key are two names: 'a' and 'b:c' are not 'a:b' and 'c'",
    why: 'Joined by a separator that both may contain they are one (keyv serves B for A).',
    async run(c) {
      const pairs = [
        ['a', 'b:c'],
        ['a:b', 'c'],
        ['a', ':b:c'],
        ['a:', 'b:c'],
        ['a\\', ':b'],
        ['a', '\\:b'],
        ['a\\:', 'b'],
        ['a\0', 'b'],
        ['a', '\0b'],
        ['{a}', 'b'],
        ['{a', '}b'],
      ] as const
      for (const [index, [label, key]] of pairs.entries()) await c.ns<number>({}, { label }).set(key, index)
      for (const [index, [label, key]] of pairs.entries()) await c.alive(c.ns({}, { label }), key, index)
    },
  },
  {
    id: 'names.group-boundaries',
    title: 'namespace, group and member are three names, and no entry has them',
    why: 'A member that is stored as an entry named group:member.',
    requires: { groups: 'yes' },
    async run(c) {
      const triples = [
        ['a', 'b', 'c:d'],
        ['a', 'b:c', 'd'],
        ['a:b', 'c', 'd'],
        ['a', 'b', 'c'],
        ['a', 'b\0c', 'd'],
        ['a', 'b', '\0c'],
      ] as const
      for (const [index, [label, id, member]] of triples.entries())
        await c.ns<number>({}, { label }).group(id).set(member, index)
      for (const [index, [label, id, member]] of triples.entries()) {
        const ns = c.ns<number>({}, { label })
        equal(await ns.group(id).get(member), index)
        for (const key of [id, member, `${id}:${member}`, `${id}\0${member}`]) await c.gone(ns, key)
      }
      if (c.can.scan === 'none') return
      same((await collect(c.ns({}, { label: 'a' }).groups())).sort(), ['b', 'b\0c', 'b:c'])
    },
  },
  {
    id: 'names.kibibyte',
    heavy: true,
    title: 'names of 1024 bytes of UTF-8 are taken, of one byte more refused',
    why: 'What is cut off silently collides.',
    requires: { scan: ['once', 'repeats'] },
    async run(c) {
      const room = 1_024 - Buffer.byteLength(c.name(''))
      const ns = c.ns<number>({}, { label: '\u00fc'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2) })
      for (const [index, key] of KIB.entries()) await ns.set(key, index)
      for (const [index, key] of KIB.entries()) await c.alive(ns, key, index)
      for (const key of KIB) await refused('TTL_INVALID', () => ns.set(`${key}x`, 1), /1024 bytes/)
      await refused('TTL_INVALID', () => c.store().namespace('n'.repeat(1_025)), /1024 bytes/)
      await ns.clear()
      for (const key of KIB) await c.gone(ns, key)
    },
  },
]
