import type { Write } from '@ttl/core/adapter'
import { equal, names, ok, same } from '../expect.ts'
import type { Law } from '../law.ts'

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

export const contractListLaws: readonly Law[] = [
  {
    id: 'contract.scan',
    heavy: true,
    title: 'a scan ends, and its pages together name what is live, also page by page of one',
    why: 'A cursor that is compared by another order than the pages loses what lies between.',
    requires: { scan: ['once', 'repeats'] },
    async run(c) {
      const name = c.name()
      const keys = ['a', 'B', 'b', 'é', 'Z', '\u{1f600}', '\uffff', ' ', '\0', '~', '漢', '10', '9', 'a%', 'a_']
      await c.backend.write(
        name,
        keys.map((key) => write(key)),
      )
      await c.backend.write(name, [write('dying', 'p', { ttlMs: c.t.span(10_000).ms })])
      await c.t.after(10_000)
      for (const limit of [1, 4, 1_000]) {
        const seen: string[] = []
        let cursor: string | undefined
        for (let page = 0; page < 2_000; page++) {
          const answer = await c.backend.scan('entry', name, { cursor, limit })
          seen.push(...answer.keys)
          cursor = answer.cursor
          if (cursor === undefined) break
        }
        equal(cursor, undefined, 'the scan should end')
        same([...new Set(seen)].sort(), keys.toSorted())
        if (c.can.scan === 'once') equal(seen.length, keys.length, 'each key once')
      }
    },
  },
  {
    id: 'contract.sweep',
    title: 'one step of a sweep deletes at most its limit, counts what it deleted, and says when more is waiting',
    why: 'A limit that is exceeded holds locks; a count of what was asked for is none.',
    requires: { reclaims: 'sweep' },
    observes: ['sweep'],
    async run(c) {
      const name = c.name()
      await c.backend.write(
        name,
        names(12).map((key) => write(key, 'p', { ttlMs: c.t.span(10_000).ms })),
      )
      await c.t.after(10_000)
      let total = 0
      for (let step = 0; step < 50; step++) {
        const swept = await c.backend.sweep({ limit: 5, namespace: name })
        const count = swept.deleted.get(name) ?? 0
        same(
          [...swept.deleted.keys()].filter((other) => other !== name),
          [],
        )
        ok(count <= 5, `deleted ${count} of at most 5`)
        total += count
        if (!swept.more) break
      }
      equal(total, 12)
    },
  },
  {
    id: 'contract.classify',
    title: 'classify judges any thrown thing, and never throws itself',
    why: 'The error of the error handler is the one that nobody sees.',
    async run(c) {
      const things = [
        undefined,
        null,
        0,
        '',
        'text',
        {},
        [],
        new Error('x'),
        Object.assign(new Error('x'), { code: 5 }),
        { code: null },
        Symbol('s'),
        () => 1,
      ]
      for (const thing of things) {
        const { retryable, outcome } = c.backend.classify(thing)
        equal(typeof retryable, 'boolean')
        ok(outcome === undefined || outcome === 'unknown')
      }
    },
  },
]
