import { equal, names, ok } from '../expect.ts'
import type { Law } from '../law.ts'

export const jitterLaws: readonly Law[] = [
  {
    id: 'jitter.range',
    heavy: true,
    title: 'jitter shortens a ttl by up to its fraction, differently for different keys, equally for the same',
    why: 'What was written together must not expire together; what was promised must not be exceeded.',
    async run(c) {
      const ttl = 100_000_000
      const ns = c.ns({ ttl: `${ttl}ms`, jitter: 0.1 })
      const keys = names(200)
      const windows = async () => {
        await ns.setMany(keys.map((key) => [key, 1] as const))
        return (await c.backend.inspect('entry', ns.name, keys)).map((reading) => reading?.ttlMs ?? 0)
      }
      const first = await windows()
      ok(first.every((ms) => ms <= ttl && ms >= 0.9 * ttl))
      ok(new Set(first).size > 150)
      const second = await windows()
      equal(second.join(), first.join())
    },
  },
  {
    id: 'jitter.once',
    title: 'jitter is applied when the ttl is written: a restart uses the same window again',
    why: 'Applied at every refresh it adds up.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(90_000), jitter: 0.3, restartOn: 'access' })
      await ns.set('k', 1)
      const [before] = await c.backend.inspect('entry', ns.name, ['k'])
      await c.t.at(20_000)
      await ns.get('k')
      await ns.touch('k')
      const [after] = await c.backend.inspect('entry', ns.name, ['k'])
      equal(after?.ttlMs, before?.ttlMs)
      const moved = (after?.expiresAt ?? 0) - (before?.expiresAt ?? 0)
      const step = c.t.span(20_000).ms
      ok(moved >= step - 2 - c.t.span(3_000).ms && moved <= step + 2 + c.t.span(3_000).ms, `moved by ${moved}`)
    },
  },
  {
    id: 'jitter.only-ttl',
    title: 'jitter leaves absolute deadlines, ages and limits alone',
    why: 'An instant that somebody wrote is not a suggestion.',
    async run(c) {
      const ns = c.ns({ jitter: 0.9 }, { limits: { max: c.t.span(60_000) } })
      await ns.set('at', 1, { expiresAt: c.t.instant(30_000) })
      await ns.set('limit', 1)
      await c.ends(ns, 'at', 30_000)
      await c.ends(ns, 'limit', 60_000)
    },
  },
]
