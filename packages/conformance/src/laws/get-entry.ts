import { sliding } from '@ttl/core'
import { equal, same } from '../expect.ts'
import type { Law } from '../law.ts'

export const getEntryLaws: readonly Law[] = [
  {
    id: 'getEntry.value-and-expiry',
    title: 'getEntry gives the value, its names and its expiry',
    why: 'Two calls for one answer are two instants.',
    async run(c) {
      const ns = c.ns({ ttl: c.t.span(60_000) })
      await ns.set('k', { a: 1 })
      await ns.set('never', 1, { ttl: '100d' })
      await ns.persist('never')
      const entry = await ns.getEntry('k')
      same([entry?.namespace, entry?.key, entry?.value], [ns.name, 'k', { a: 1 }])
      if (entry !== undefined) c.endsAt(entry.expiry, 60_000)
      equal((await ns.getEntry('never'))?.expiry.state, 'never')
      equal(await ns.getEntry('missing'), undefined)
    },
  },
  {
    id: 'getEntry.after-restart',
    title: 'getEntry reports the deadline as it is after the restart that it made',
    why: 'The deadline before the restart is one that no longer holds.',
    async run(c) {
      const ns = c.ns(sliding(c.t.span(30_000), { max: c.t.span(40_000) }))
      await ns.set('k', 1)
      await c.t.at(10_000)
      const entry = await ns.getEntry('k')
      if (entry === undefined) throw new Error('should be live')
      c.endsAt(entry.expiry, 40_000)
      const peeked = await ns.getEntry('k', { touch: false })
      if (peeked !== undefined) c.endsAt(peeked.expiry, 40_000)
    },
  },
]
