import assert from 'node:assert/strict'
import { test } from 'vitest'
import { freshFile, open, PEEK, READ, rolling, T0, write } from './support.ts'

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31) % 256)
const names = [
  '\0',
  'a\0b',
  'a',
  '%',
  '_',
  "'; DROP TABLE ttl; --",
  '🦑',
  'é',
  'e\u0301',
  'x'.repeat(1024),
  '語'.repeat(341),
]
const payloads = [
  '',
  'x',
  '\0',
  'a\0b',
  '🦑',
  new Uint8Array(),
  bytes(1),
  bytes(256),
  'y'.repeat(1 << 20),
  bytes(3 << 20),
]

test('every name keeps its own payload, and payloads keep their kind', async () => {
  const file = freshFile()
  const backend = open(file)
  for (const namespace of names) {
    await backend.write(
      namespace,
      names.map((key) => write(key, `${namespace}/${key}`)),
    )
    for (const id of names)
      await backend.writeGroup(
        namespace,
        id,
        names.map((member) => [member, `${id}/${member}`]),
        rolling(600_000),
      )
  }
  for (const namespace of names) {
    const found = await open(file).read(namespace, names, READ)
    assert.deepEqual(
      found,
      names.map((key) => ({ payload: `${namespace}/${key}` })),
    )
    for (const id of names) {
      const group = await backend.readGroup(namespace, id, names, READ)
      assert.deepEqual(
        group?.members,
        names.map((member) => [member, `${id}/${member}`]),
      )
    }
    const scanned: string[] = []
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await backend.scan('entry', namespace, { cursor, limit: 3 })
      scanned.push(...page.keys)
      cursor = page.cursor
    }
    assert.deepEqual(scanned.sort(), names.toSorted())
  }
})

test('payloads come back as they were: text as text, bytes as a plain Uint8Array', async () => {
  const backend = open(freshFile())
  await backend.write(
    'a',
    payloads.map((payload, i) => write(`k${i}`, payload)),
  )
  await backend.writeGroup(
    'a',
    'g',
    payloads.map((payload, i) => [`k${i}`, payload]),
    rolling(1_000),
  )
  const keys = payloads.map((_, i) => `k${i}`)
  const found = (await backend.read('a', keys, READ)).map((each) => each?.payload)
  const members = (await backend.readGroup('a', 'g', keys, READ))?.members.map(([, payload]) => payload)
  const taken = []
  for (const key of keys) taken.push(await backend.take('a', key))
  for (const answer of [found, members, taken]) {
    assert.deepEqual(answer, payloads)
    for (const payload of answer ?? []) if (typeof payload !== 'string') assert.equal(payload?.constructor, Uint8Array)
  }
})

test('a view into a larger buffer is stored as what it shows', async () => {
  const backend = open(':memory:')
  const view = bytes(100).subarray(40, 60)
  await backend.write('a', [write('k', view)])
  assert.deepEqual((await backend.read('a', ['k'], READ))[0]?.payload, Uint8Array.from(view))
})

test('the last instant keeps its value', async () => {
  const last = 8_640_000_000_000_000
  const backend = open(':memory:', { clock: { now: () => T0 } })
  const exact = {
    onLive: 'exact',
    timing: {
      expiresAt: last,
      bornAt: T0,
      ttlMs: 3_155_760_000_000,
      capAt: last,
      restartOn: 'access',
      refreshAfter: 0.1,
    },
  } as const
  await backend.write('a', [write('k', 'v', exact), write('sum', 'v', rolling(last))])
  const read = await backend.read('a', ['k', 'sum'], PEEK)
  assert.deepEqual(read[0]?.reading, { ...exact.timing, now: T0 })
  assert.equal(read[1]?.reading?.expiresAt, last)
})
