import { type Clock, isLive, place, type Reading, type Write } from '@ttl/core/adapter'
import type { MemoryBackend } from '@ttl/core/memory'
import { type Mutant, wrapped } from './mutant.ts'
import { shadow } from './shadow.ts'

const reading = (healthy: MemoryBackend, namespace: string, key: string): Reading | undefined =>
  healthy.inspect('entry', namespace, [key])[0]

const payloadOf = (healthy: MemoryBackend, namespace: string, key: string) =>
  healthy.read(namespace, [key], { touch: false, detail: false, sliding: false })[0]?.payload

const NEVER = {
  ttlMs: undefined,
  maxAgeMs: undefined,
  expiresAt: undefined,
  restartOn: 'write',
  refreshAfter: 0,
} as const

const ended = (healthy: MemoryBackend, namespace: string, write: Write, clock: Clock): boolean =>
  !isLive(place(reading(healthy, namespace, write.key), write.placement, clock.now()), clock.now())

export const verbMutants: readonly Mutant[] = [
  wrapped('touch-revives', 'a touch revives what is expired', 'touch.dead-stays-dead', (healthy) => {
    const dead = shadow(healthy)
    return {
      ...dead.watch,
      touch: (space, namespace, keys) => {
        for (const key of space === 'entry' ? keys : []) dead.revive(namespace, key)
        return healthy.touch(space, namespace, keys)
      },
    }
  }),
  wrapped('read-revives', 'a sliding read revives what is expired', 'sliding.dead-stays-dead', (healthy) => {
    const dead = shadow(healthy)
    return {
      ...dead.watch,
      read: (namespace, keys, options) => {
        for (const key of options.touch ? keys : []) dead.revive(namespace, key)
        return healthy.read(namespace, keys, options)
      },
    }
  }),
  wrapped('persist-revives', 'expire and persist revive what is expired', 'expire.absent', (healthy) => {
    const dead = shadow(healthy)
    return {
      ...dead.watch,
      expire: (space, namespace, keys, span) => {
        for (const key of space === 'entry' ? keys : []) dead.revive(namespace, key)
        return healthy.expire(space, namespace, keys, span)
      },
    }
  }),
  wrapped('take-of-the-dead', 'an expired entry can be taken', 'take.expired', (healthy) => {
    const dead = shadow(healthy)
    return {
      ...dead.watch,
      take: (namespace, key) => healthy.take(namespace, key) ?? dead.find(namespace, key)?.payload,
    }
  }),
  wrapped(
    'present-sees-the-dead',
    "if: 'present' takes what is expired for present",
    'if.expired-is-absent',
    (healthy) => {
      const dead = shadow(healthy)
      return {
        ...dead.watch,
        write: (namespace, writes) =>
          dead.watch.write(
            namespace,
            writes.map((write) =>
              write.condition === 'present' && dead.find(namespace, write.key)
                ? { ...write, condition: undefined }
                : write,
            ),
          ),
      }
    },
  ),
  wrapped('absent-fails-on-the-dead', "if: 'absent' fails on what is expired", 'if.expired-is-absent', (healthy) => {
    const dead = shadow(healthy)
    return {
      ...dead.watch,
      write: (namespace, writes) =>
        dead.watch.write(
          namespace,
          writes.map((write) =>
            write.condition === 'absent' && dead.find(namespace, write.key)
              ? { ...write, condition: 'present' }
              : write,
          ),
        ),
    }
  }),
  wrapped('delete-counts-the-dead', 'deleting what is expired answers true', 'delete.expired', (healthy) => {
    const dead = shadow(healthy)
    return {
      ...dead.watch,
      delete: (space, namespace, keys) => {
        const were = keys.map((key) => space === 'entry' && dead.find(namespace, key) !== undefined)
        return healthy.delete(space, namespace, keys).map((live, index) => live || were[index] === true)
      },
    }
  }),
  wrapped(
    'past-keeps-old',
    'a past deadline writes nothing and leaves the old value',
    'set.past',
    (healthy, clock) => ({
      write: (namespace, writes) =>
        writes.map(
          (write) => !ended(healthy, namespace, write, clock) && healthy.write(namespace, [write])[0] === true,
        ),
    }),
  ),
  wrapped('past-is-never', 'a past deadline stores without a deadline', 'set.past', (healthy, clock) => ({
    write: (namespace, writes) =>
      healthy.write(
        namespace,
        writes.map((write) =>
          ended(healthy, namespace, write, clock)
            ? { ...write, placement: { onLive: 'replace', expiry: NEVER, limitMs: undefined } }
            : write,
        ),
      ),
  })),
  wrapped(
    'removes-before-asking',
    'a past deadline removes before the condition is judged',
    'if.judged-first',
    (healthy, clock) => ({
      write: (namespace, writes) => {
        const gone = writes
          .filter((write) => write.placement.onLive === 'replace' && ended(healthy, namespace, write, clock))
          .map(({ key }) => key)
        if (gone.length > 0) healthy.delete('entry', namespace, gone)
        return healthy.write(namespace, writes)
      },
    }),
  ),
  wrapped(
    'failing-condition-touches',
    'a condition that fails restarts the entry',
    'if.fails-without-trace',
    (healthy) => ({
      write: (namespace, writes) => {
        const outcomes = healthy.write(namespace, writes)
        const failed = writes
          .filter((write, index) => write.condition !== undefined && !outcomes[index])
          .map(({ key }) => key)
        if (failed.length > 0) healthy.touch('entry', namespace, failed)
        return outcomes
      },
    }),
  ),
  wrapped('unchanged-ignores-case', 'unchanged compares folded text', 'if.unchanged-compares-all', (healthy) => ({
    write: (namespace, writes) =>
      writes.map((write) => {
        const live = payloadOf(healthy, namespace, write.key)
        const { condition } = write
        const folded =
          typeof condition === 'object' && typeof condition.payload === 'string' && typeof live === 'string'
        const same = folded && live.toLowerCase() === (condition.payload as string).toLowerCase()
        return healthy.write(namespace, [same ? { ...write, condition: undefined } : write])[0] === true
      }),
  })),
  wrapped('unchanged-ignores-kind', 'unchanged compares bytes with text', 'contract.payloads', (healthy) => ({
    write: (namespace, writes) =>
      writes.map((write) => {
        const live = payloadOf(healthy, namespace, write.key)
        const { condition } = write
        const same =
          typeof condition === 'object' &&
          live !== undefined &&
          Buffer.from(live as string).equals(Buffer.from(condition.payload as string))
        return healthy.write(namespace, [same ? { ...write, condition: undefined } : write])[0] === true
      }),
  })),
]
