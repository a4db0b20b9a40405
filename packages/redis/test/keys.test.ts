import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Keys } from '../src/keys.ts'
import { slotOf } from '../src/slots.ts'
import { client, freshPrefix, names, open, READ, rolling, write } from './support/index.ts'

const awkward = [
  'a',
  'a:b',
  'b:c',
  ':',
  '#',
  '!',
  '!:',
  '%3A',
  '%',
  '{',
  '{}',
  '{a}',
  '}{',
  '*',
  '?',
  '[a]',
  '\\',
  '^',
  'é',
  '😀',
  '\0',
  'a\0',
  ' ',
  '\n',
  'x'.repeat(1_024),
]
const name = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }))

describe('names of keys', () => {
  test.each([0, 1, 7])(
    'are different for different spaces, namespaces and names, and give these back (%i shards)',
    (shards) => {
      const keys = new Keys('ttl:', shards)
      const place = fc.record({ space: fc.constantFrom('entry' as const, 'group' as const), namespace: name, name })
      fc.assert(
        fc.property(place, place, (a, b) => {
          const [x, y] = [a, b].map((each) => keys.key(each.space, each.namespace, each.name))
          expect(x === y).toBe(a.space === b.space && a.namespace === b.namespace && a.name === b.name)
          expect(keys.name(a.namespace, x as string)).toBe(a.name)
          if (shards > 0) {
            const [key, index, registry] = keys.item(a.space, a.namespace, a.name) as [string, string, string]
            expect(keys.ofIndex(index)).toEqual({ space: a.space, namespace: a.namespace })
            expect(new Set([key, index, registry].map(slotOf)).size).toBe(1)
          }
        }),
        { numRuns: 2_000 },
      )
    },
  )

  test("a caller's braces choose no slot, those of the prefix do", () => {
    const plain = new Keys('ttl:', 0)
    expect(plain.key('entry', 'n{x}', 'k{x}')).not.toContain('{')
    const tagged = new Keys('{app}:', 4)
    const slots = ['a', 'b', '{c}'].flatMap((key) => tagged.item('entry', 'n', key).map(slotOf))
    expect(new Set(slots)).toEqual(new Set([slotOf('{app}')]))
  })

  test('slots are those of Redis', async () => {
    const cluster = client('cluster')
    for (const key of ['a', 'foo{bar}x', '{}x', 'é😀', '{{a}b}', 'x'.repeat(500)]) {
      expect(slotOf(key)).toBe(await cluster.cluster('KEYSLOT', key))
    }
  })

  test('a shard has its share', () => {
    const keys = new Keys('ttl:', 16)
    const counts = new Map<string, number>()
    for (let i = 0; i < 16_000; i++) {
      const [, index = ''] = keys.item('entry', 'session', `user-${i}`)
      counts.set(index, (counts.get(index) ?? 0) + 1)
    }
    expect(counts.size).toBe(16)
    expect(Math.max(...counts.values())).toBeLessThan(1_300)
  })
})

describe.each(['standalone', 'cluster', 'key prefix'] as const)('on %s', (kind) => {
  test.each([false, { shards: 3 }])(
    'awkward names are kept apart, in reads and in scans (index: %j)',
    async (index) => {
      const backend = open({ prefix: `${freshPrefix()}*[a]?\\`, index }, client(kind))
      for (const namespace of awkward) {
        await backend.write(
          namespace,
          awkward.map((key) => write(key, `entry ${namespace}/${key}`)),
        )
        for (const id of awkward.slice(0, 6))
          await backend.writeGroup(namespace, id, [[id, `group ${namespace}/${id}`]], rolling(60_000))
      }
      for (const namespace of awkward) {
        const found = await backend.read(namespace, awkward, READ)
        expect(found.map((each) => each?.payload)).toEqual(awkward.map((key) => `entry ${namespace}/${key}`))
        expect([...new Set(await names(backend, 'entry', namespace))].sort()).toEqual([...awkward].sort())
        expect([...new Set(await names(backend, 'group', namespace))].sort()).toEqual(awkward.slice(0, 6).sort())
      }
      await backend.delete('entry', 'a', awkward)
      expect(await names(backend, 'entry', 'a')).toEqual([])
      expect(new Set(await names(backend, 'entry', 'a:b')).size).toBe(awkward.length)
    },
  )

  test('a client that has just been made lists what is there', async () => {
    const prefix = freshPrefix()
    await open({ prefix }, client(kind)).write('n', [write('k')])
    expect(await names(open({ prefix }, client(kind)), 'entry', 'n')).toEqual(['k'])
  })

  test('prefixes are kept apart', async () => {
    const connection = client(kind)
    const prefix = freshPrefix()
    const [a, b] = ['a*:', 'ab:'].map((end) => open({ prefix: prefix + end }, connection))
    await a?.write('n', [write('k', 'a')])
    await b?.write('n', [write('k', 'b')])
    await b?.write('n', [write('only b', 'b')])
    expect((await a?.read('n', ['k'], READ))?.[0]?.payload).toBe('a')
    expect(await names(a as never, 'entry', 'n')).toEqual(['k'])
  })
})
