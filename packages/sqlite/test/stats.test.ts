import assert from 'node:assert/strict'
import { test } from 'vitest'
import { Hands, open, rolling, write } from './support.ts'

test('counts more than fits one turn, without holding the event loop, each key once', async () => {
  const clock = new Hands()
  const backend = open(':memory:', { clock })
  const namespaces = ['a', 'a\0', 'b']
  for (const namespace of namespaces) {
    for (let batch = 0; batch < 20; batch++) {
      const ttls = [undefined, 10, 1_000 + batch]
      await backend.write(
        namespace,
        Array.from({ length: 999 }, (_, i) => write(`${batch}-${i}`, 'v', rolling(ttls[i % 3]))),
      )
    }
    await backend.writeGroup(namespace, 'g', [['m', 'v']], rolling(500))
  }
  clock.at += 10
  const start = clock.at - 10
  let turns = 0
  const turn = setInterval(() => turns++, 1)
  const counting = backend.stats?.()
  assert.ok(counting instanceof Promise)
  const expected = {
    entries: {
      permanent: 6_660,
      active: 6_660,
      expired: 6_660,
      nextExpiresAt: start + 1_000,
      lastExpiresAt: start + 1_019,
      buckets: undefined,
    },
    groups: {
      permanent: 0,
      active: 1,
      expired: 0,
      nextExpiresAt: start + 500,
      lastExpiresAt: start + 500,
      buckets: undefined,
    },
  }
  assert.deepEqual(
    await counting,
    namespaces.map((namespace) => ({ namespace, ...expected })),
  )
  clearInterval(turn)
  assert.ok(turns > 0, `${turns} turns of the event loop`)
  assert.deepEqual(await backend.stats?.('b'), [{ namespace: 'b', ...expected }])
})
