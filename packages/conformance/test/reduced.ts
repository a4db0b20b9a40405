import type { Backend, Write } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import { delegate } from '../src/delegate.ts'
import type { Harness } from '../src/harness.ts'

/** The memory backend with less than it can do, or with other ways to do it: the other branch of every capability. */
const reduced = (name: string, reduce: (whole: Backend) => Backend): Harness => ({
  name: `memory ${name}`,
  create: ({ clock }) => ({ open: () => reduce(memory({ clock })) }),
})

const facts = (whole: Backend, other: Partial<Backend['capabilities']>): Backend['capabilities'] => ({
  ...whole.capabilities,
  ...other,
})

const PAGE_OVERLAP = 2

/** One place with many connections, which keeps its data while it exists. */
export const sharedMemory: Harness = {
  name: 'memory shared and persistent',
  create({ clock }) {
    const one = memory({ clock })
    return {
      open: () =>
        delegate(one, { capabilities: facts(one, { shared: true, persistent: true }), close: async () => undefined }),
    }
  },
}

const NO_DUE = { due: undefined, nextDue: undefined }

const reclaiming = (lists: boolean) => (whole: Backend) =>
  delegate(whole, {
    capabilities: facts(whole, { reclaims: 'native', due: lists }),
    sweep: () => ({ deleted: new Map(), more: false }),
    stats: async (namespace, edges) => {
      await whole.sweep({ limit: Number.POSITIVE_INFINITY })
      return (await whole.stats?.(namespace, edges)) ?? []
    },
    ...(lists ? {} : NO_DUE),
  })

/** Frees what is expired by itself, and so has nothing to sweep. */
const native = reduced('that reclaims natively', reclaiming(true))

export const REDUCED: readonly Harness[] = [
  sharedMemory,
  native,
  reduced('that reclaims natively and lists no deadlines', reclaiming(false)),
  reduced('without due', (whole) => delegate(whole, { capabilities: facts(whole, { due: false }), ...NO_DUE })),
  reduced('without stats', (whole) =>
    delegate(whole, { capabilities: facts(whole, { stats: false, due: false }), stats: undefined, ...NO_DUE }),
  ),
  reduced('with a paged clear', (whole) =>
    delegate(whole, { capabilities: facts(whole, { clear: 'paged' }), clear: undefined }),
  ),
  reduced('without groups', (whole) => delegate(whole, { capabilities: facts(whole, { groups: false }) })),
  reduced('whose scan repeats', (whole) =>
    delegate(whole, {
      capabilities: facts(whole, { scan: 'repeats' }),
      async scan(space, namespace, { cursor = '', limit }) {
        const { keys } = await whole.scan(space, namespace, { limit })
        const sorted = keys.toSorted()
        const from = sorted.findIndex((key) => key > cursor)
        const begin = cursor === '' ? 0 : from === -1 ? sorted.length : from
        const some = sorted.slice(begin, begin + limit)
        const last = some.at(-1)
        // Some of what the page before has named is named again.
        return {
          keys: [...sorted.slice(Math.max(0, begin - PAGE_OVERLAP), begin), ...some],
          cursor: begin + limit < sorted.length ? last : undefined,
        }
      },
    }),
  ),
  reduced('without a scan', (whole) => delegate(whole, { capabilities: facts(whole, { scan: 'none' }) })),
  reduced('without scan, stats, groups or clear', (whole) =>
    delegate(whole, {
      capabilities: facts(whole, { scan: 'none', stats: false, due: false, groups: false, clear: 'paged' }),
      stats: undefined,
      clear: undefined,
      ...NO_DUE,
    }),
  ),
  reduced('whose batches fail entry by entry', (whole) =>
    delegate(whole, {
      capabilities: facts(whole, { batch: 'each' }),
      async write(namespace, writes) {
        try {
          return await whole.write(namespace, writes)
        } catch {
          return Promise.all(writes.map((write) => one(whole, namespace, write)))
        }
      },
    }),
  ),
  reduced('of small values', (whole) =>
    delegate(whole, { capabilities: facts(whole, { maxPayloadBytes: 2_000_000 }) }),
  ),
  reduced('that is 5 ms late', (whole) => delegate(whole, { capabilities: facts(whole, { resolutionMs: 5 }) })),
]

async function one(whole: Backend, namespace: string, write: Write): Promise<boolean | Error> {
  try {
    const [outcome] = await whole.write(namespace, [write])
    return outcome as boolean
  } catch (error) {
    return error as Error
  }
}
