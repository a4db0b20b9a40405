/** The store as LangGraph uses it, apart from expiry: what `InMemoryStore` does. */
import { InvalidNamespaceError } from '@langchain/langgraph-checkpoint'
import { onEachBackend } from '@ttl/backends'
import { createStore } from '@ttl/core'
import { expect, it } from 'vitest'
import { TtlStore } from '../src/langgraph/index.ts'

onEachBackend((open) => {
  const fresh = async () => {
    const scene = await open()
    const items = new TtlStore(createStore({ backend: scene.backend }), { clock: scene.clock })
    return { scene, items, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() }
  }

  it('answers each operation of a batch at its place; reads see what was there before', async () => {
    await using place = await fresh()
    const { items } = place
    await items.put(['a'], 'old', { n: 1 })
    const results = await items.batch([
      { namespace: ['a'], key: 'new', value: { n: 2 } },
      { namespace: ['a'], key: 'new' },
      { namespace: ['a'], key: 'old', value: null },
      { namespace: ['a'], key: 'old' },
      { namespacePrefix: ['a'] },
      { matchConditions: undefined, limit: 10, offset: 0 },
      { namespace: ['a'], key: 'new', value: { n: 3 } },
    ] as const as never)
    const [put, missed, deleted, got, found, listed] = results as unknown[]
    expect([put, missed, deleted]).toEqual([undefined, null, undefined])
    expect(got).toMatchObject({ key: 'old', namespace: ['a'], value: { n: 1 } })
    expect(found).toHaveLength(1)
    expect(listed).toEqual([['a']])
    expect((await items.get(['a'], 'new'))?.value).toEqual({ n: 3 })
    expect(await items.get(['a'], 'old')).toBeNull()
    await items.delete(['a'], 'new')
    expect(await items.search([])).toEqual([])
  })

  it('lists namespaces by prefix, suffix, wildcard and depth', async () => {
    await using place = await fresh()
    const { items } = place
    for (const namespace of [
      ['a', 'x', 'v1'],
      ['a', 'y', 'v1'],
      ['a', 'y', 'v2'],
      ['b', 'x'],
      ['ab', 'x'],
    ]) {
      await items.put(namespace, 'k', { n: 1 })
    }
    expect(await items.listNamespaces({ prefix: ['a'] })).toEqual([
      ['a', 'x', 'v1'],
      ['a', 'y', 'v1'],
      ['a', 'y', 'v2'],
    ])
    expect(await items.listNamespaces({ suffix: ['v1'] })).toEqual([
      ['a', 'x', 'v1'],
      ['a', 'y', 'v1'],
    ])
    expect(await items.listNamespaces({ prefix: ['*', 'x'] })).toEqual([
      ['a', 'x', 'v1'],
      ['ab', 'x'],
      ['b', 'x'],
    ])
    expect(await items.listNamespaces({ maxDepth: 1 })).toEqual([['a'], ['ab'], ['b']])
    expect(await items.listNamespaces({ maxDepth: 2, limit: 2, offset: 1 })).toEqual([
      ['a', 'y'],
      ['ab', 'x'],
    ])
  })

  it('searches under a path, by equality and by relation', async () => {
    await using place = await fresh()
    const { items } = place
    for (let n = 0; n < 5; n++) await items.put(['docs', `d${n % 2}`], `k${n}`, { n, odd: n % 2 === 1 })
    await items.put(['docs2'], 'k', { n: 9 })
    const found = async (filter: Record<string, unknown>, prefix = ['docs']) =>
      (await items.search(prefix, { filter })).map(({ value }) => value.n).sort()
    expect(await found({})).toEqual([0, 1, 2, 3, 4])
    expect(await found({ odd: true })).toEqual([1, 3])
    expect(await found({ n: { $gte: 1, $lt: 4 } })).toEqual([1, 2, 3])
    expect(await found({ n: { $in: [0, 4, 9] } }, [])).toEqual([0, 4, 9])
    expect(await found({ n: { $ne: 0 }, odd: { $eq: false } }, ['docs', 'd0'])).toEqual([2, 4])
    expect(await found({ n: { $nin: [0, 1, 2] } })).toEqual([3, 4])
    expect(await found({ n: { $gt: 2, $lte: 3 } })).toEqual([3])
    expect(await found({ n: { $unknown: 1 } })).toEqual([])
  })

  it('keeps labels and keys apart whatever they hold', async () => {
    await using place = await fresh()
    const { items } = place
    const places: [string[], string][] = [
      [['a'], 'b'],
      [['a', 'b'], 'c'],
      [['a","b'], 'c'],
      [['a:b'], 'c'],
      [['%'], '*'],
      [['\ud800'], 'half \udc00'],
      [['__proto__'], 'constructor'],
    ]
    for (const [index, [namespace, key]] of places.entries()) await items.put(namespace, key, { index })
    for (const [index, [namespace, key]] of places.entries()) {
      expect(await items.get(namespace, key)).toMatchObject({ namespace, key, value: { index } })
    }
    expect(await items.search(['a'])).toHaveLength(2)
    expect(await items.search([])).toHaveLength(places.length)
  })

  it('refuses a namespace and a value that are none', async () => {
    await using place = await fresh()
    const { items } = place
    const value = { n: 1 }
    for (const namespace of [[], ['a', ''], ['a', 7]] as string[][]) {
      await expect(items.batch([{ namespace, key: 'k', value }])).rejects.toThrow(InvalidNamespaceError)
    }
    for (const wrong of [undefined, 7, 'text', []]) {
      await expect(items.batch([{ namespace: ['a'], key: 'k', value: wrong as never }])).rejects.toThrow(
        /must be an object/,
      )
    }
    expect(await items.search([])).toEqual([])
  })
})
