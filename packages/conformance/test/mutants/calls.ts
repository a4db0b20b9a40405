import { type Reading, satisfies, touched, type Write } from '@ttl/core/adapter'
import type { MemoryBackend } from '@ttl/core/memory'
import { type Mutant, tick, wrapped } from './mutant.ts'
import { shadow } from './shadow.ts'

const exact = (key: string, payload: string | Uint8Array, timing: Reading): Write => {
  const { now: _, ...rest } = timing
  return { key, payload, placement: { onLive: 'exact', timing: rest } }
}

const payloadOf = (healthy: MemoryBackend, namespace: string, key: string) =>
  healthy.read(namespace, [key], { touch: false, detail: false, sliding: false })[0]?.payload

const NEVER = {
  ttlMs: undefined,
  maxAgeMs: undefined,
  expiresAt: undefined,
  restartOn: 'write',
  refreshAfter: 0,
} as const

export const callMutants: readonly Mutant[] = [
  wrapped(
    'condition-then-write',
    'the condition is judged, then others act, then the write happens',
    'race.absent-one-winner',
    (healthy) => ({
      write: async (namespace, writes) => {
        const held = writes.map((write) => satisfies(write.condition, payloadOf(healthy, namespace, write.key)))
        await tick()
        return writes.map(
          (write, index) =>
            held[index] === true && healthy.write(namespace, [{ ...write, condition: undefined }])[0] === true,
        )
      },
    }),
  ),
  wrapped('read-then-delete', 'a read deletes by key what it found expired', 'race.read-against-write', (healthy) => {
    const dead = shadow(healthy)
    return {
      ...dead.watch,
      read: async (namespace, keys, options) => {
        const found = healthy.read(namespace, keys, options)
        const expired = keys.filter((key) => dead.find(namespace, key))
        await tick()
        if (expired.length > 0) healthy.delete('entry', namespace, expired)
        return found
      },
    }
  }),
  wrapped('read-writes-back', 'a sliding read writes the whole entry back', 'race.read-against-persist', (healthy) => ({
    read: async (namespace, keys, options) => {
      const found = healthy.read(namespace, keys, { ...options, touch: false, detail: true })
      await tick()
      if (!options.touch) return found
      for (const [index, key] of keys.entries()) {
        const each = found[index]
        if (each?.reading?.restartOn !== 'access') continue
        healthy.write(namespace, [
          exact(key, each.payload, { ...each.reading, ...touched(each.reading, each.reading.now) }),
        ])
      }
      return healthy.read(namespace, keys, { ...options, touch: false })
    },
  })),
  wrapped(
    'touch-writes-back',
    'a touch writes the entry back, also when it was deleted meanwhile',
    'race.touch-against-delete',
    (healthy) => ({
      touch: async (space, namespace, keys) => {
        if (space === 'group') return healthy.touch(space, namespace, keys)
        const found = healthy.read(namespace, keys, { touch: false, detail: true, sliding: false })
        await tick()
        return keys.map((key, index) => {
          const each = found[index]
          if (each?.reading === undefined) return false
          return (
            healthy.write(namespace, [
              exact(key, each.payload, { ...each.reading, ...touched(each.reading, each.reading.now) }),
            ])[0] === true
          )
        })
      },
    }),
  ),
  wrapped('take-in-two-steps', 'a take reads, then others act, then it deletes', 'race.take-one-winner', (healthy) => ({
    take: async (namespace, key) => {
      const payload = payloadOf(healthy, namespace, key)
      await tick()
      healthy.delete('entry', namespace, [key])
      return payload
    },
  })),
  wrapped('answers-without-holes', 'a batch read leaves out what is missing', 'contract.order', (healthy) => ({
    read: (namespace, keys, options) => healthy.read(namespace, keys, options).filter((found) => found !== undefined),
  })),
  wrapped('answers-sorted', 'a batch answers in the order of the index', 'contract.order', (healthy) => ({
    read: (namespace, keys, options) => healthy.read(namespace, keys.toSorted(), options),
  })),
  wrapped(
    'miss-creates',
    'a sliding read leaves something behind for a miss',
    'sliding.only-what-is-returned',
    (healthy) => ({
      read: (namespace, keys, options) => {
        const found = healthy.read(namespace, keys, options)
        for (const [index, key] of keys.entries()) {
          if (found[index] === undefined && options.touch)
            healthy.write(namespace, [
              { key, payload: 'null', placement: { onLive: 'replace', expiry: NEVER, limitMs: undefined } },
            ])
        }
        return found
      },
    }),
  ),
  wrapped('touch-creates', 'a touch of what is missing creates it', 'touch.creates-nothing', (healthy) => ({
    touch: (space, namespace, keys) => {
      const live = healthy.touch(space, namespace, keys)
      const missing = keys.filter((_, index) => space === 'entry' && !live[index])
      if (missing.length > 0)
        healthy.write(
          namespace,
          missing.map((key) => ({
            key,
            payload: 'null',
            placement: { onLive: 'replace', expiry: NEVER, limitMs: undefined },
          })),
        )
      return live
    },
  })),
  wrapped('peek-slides', 'a read with touch: false restarts all the same', 'contract.peek', (healthy) => ({
    read: (namespace, keys, options) => healthy.read(namespace, keys, { ...options, touch: true }),
  })),
  wrapped('has-slides', 'an inspection restarts', 'sliding.peeks', (healthy) => ({
    inspect: (space, namespace, keys) => {
      if (space === 'entry') healthy.read(namespace, keys, { touch: true, detail: false, sliding: true })
      return healthy.inspect(space, namespace, keys)
    },
  })),
  wrapped(
    'slides-by-hint',
    "whether a read restarts is decided by the reader's hint",
    'sliding.entry-decides',
    (healthy) => ({
      read: (namespace, keys, options) =>
        healthy.read(namespace, keys, { ...options, touch: options.touch && options.sliding }),
    }),
  ),
  wrapped(
    'detail-too-early',
    'getEntry tells the deadline before the restart',
    'getEntry.after-restart',
    (healthy) => ({
      read: (namespace, keys, options) => {
        const before = healthy.inspect('entry', namespace, keys)
        return healthy
          .read(namespace, keys, options)
          .map((found, index) => found && { ...found, reading: before[index] })
      },
    }),
  ),
  wrapped('clock-per-key', 'every key of a batch reads the clock again', 'boundary.one-now', (healthy) => ({
    read: (namespace, keys, options) => keys.flatMap((key) => healthy.read(namespace, [key], options)),
  })),
  wrapped('clock-apart', 'now() is not the clock that judges', 'capabilities.injected-clock', (_, clock) => ({
    now: () => Math.floor(clock.now() + (process.uptime() % 1) * 1_000 + 1),
  })),
  wrapped(
    'half-a-batch',
    'a batch is written entry by entry, and stops where one fails',
    'batch.fails-as-a-whole',
    (healthy) => ({
      write: (namespace, writes) => writes.flatMap((write) => healthy.write(namespace, [write])),
    }),
  ),
  wrapped('sorts-arguments', 'the keys of the caller are sorted in place', 'contract.arguments', (healthy) => ({
    touch: (space, namespace, keys) => healthy.touch(space, namespace, (keys as string[]).sort()),
  })),
  wrapped('classify-throws', 'classify reads a field of whatever was thrown', 'contract.classify', () => ({
    classify: (error) => ({ retryable: (error as { code: string }).code.startsWith('08') }),
  })),
  wrapped('null-for-never', 'a reading says null where there is no deadline', 'contract.readings', (healthy) => ({
    inspect: (space, namespace, keys) =>
      healthy
        .inspect(space, namespace, keys)
        .map((each) => each && { ...each, expiresAt: each.expiresAt ?? (null as unknown as undefined) }),
  })),
  wrapped('declares-stats', 'stats are declared and not there', 'capabilities.methods', () => ({ stats: undefined })),
  wrapped('declares-persistence', 'persistence is declared, and forgotten', 'close.keeps', (healthy) => ({
    capabilities: { ...healthy.capabilities, persistent: true },
  })),
  wrapped(
    'one-placement-for-all',
    'a batch takes the options of its first entry for all',
    'setMany.own-options',
    (healthy) => ({
      write: (namespace, writes) =>
        healthy.write(
          namespace,
          writes.map((write) => ({ ...write, placement: (writes[0] as Write).placement })),
        ),
    }),
  ),
  wrapped(
    'locks-in-order-of-input',
    'batches that lock their rows in opposite orders wait for each other',
    'setMany.crossing',
    (healthy) => {
      let first: string | undefined
      return {
        write: async (namespace, writes) => {
          const mine = writes[0]?.key
          if (first !== undefined && first !== mine) throw new Error('deadlock detected')
          first = mine
          await tick()
          first = undefined
          return healthy.write(namespace, writes)
        },
      }
    },
  ),
  wrapped('take-of-nothing', 'a value that looks like nothing is not taken', 'take.values', (healthy) => ({
    take: (namespace, key) => {
      const payload = healthy.take(namespace, key)
      return payload === 'null' || payload === '0' || payload?.length === 0 ? undefined : payload
    },
  })),
  wrapped('cap-untold', 'the cap is kept and not told', 'expiry.tells-everything', (healthy) => ({
    inspect: (space, namespace, keys) =>
      healthy.inspect(space, namespace, keys).map((each) => each && { ...each, capAt: undefined }),
  })),
  wrapped('closes-once', 'closing twice is an error', 'close.refuses', (healthy) => {
    let closed = false
    return {
      close: async () => {
        if (closed) throw new Error('already closed')
        closed = true
        healthy.close()
      },
    }
  }),
]
