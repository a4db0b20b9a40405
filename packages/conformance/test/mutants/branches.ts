import type { Backend, Clock } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import { delegate } from '../../src/delegate.ts'
import type { Mutant } from './mutant.ts'

/** A bug behind another branch of a capability: the backend declares less, or has a clock that nobody can set. */
const branch = (
  id: string,
  bug: string,
  killedBy: string,
  can: Partial<Backend['capabilities']>,
  replace: (whole: Backend) => Parameters<typeof delegate>[1] = () => ({}),
  options: { readonly clock?: Clock } = {},
): Mutant => ({
  id,
  bug,
  killedBy,
  harness: {
    name: id,
    create: ({ clock }) => ({
      open() {
        const whole = memory({ clock: options.clock ?? clock })
        return delegate(whole, { capabilities: { ...whole.capabilities, ...can }, ...replace(whole) })
      },
    }),
  },
})

export const branchMutants: readonly Mutant[] = [
  branch('native-counts', 'what reclaims natively reports what a sweep freed', 'sweep.native', { reclaims: 'native' }),
  branch(
    'each-hides-failures',
    'an entry that failed is said to be stored',
    'batch.fails-entry-by-entry',
    { batch: 'each' },
    (whole) => ({
      write: async (namespace, writes) => {
        const outcomes: (boolean | Error)[] = []
        for (const write of writes) {
          try {
            outcomes.push(...(await whole.write(namespace, [write])))
          } catch {
            outcomes.push(true)
          }
        }
        return outcomes
      },
    }),
  ),
  branch(
    'bound-undeclared',
    'four megabytes are the most, and that is not declared',
    'values.unbounded',
    {},
    (whole) => ({
      write: (namespace, writes) => {
        if (writes.some(({ payload }) => payload.length > 4_000_000)) throw new RangeError('too large')
        return whole.write(namespace, writes)
      },
    }),
  ),
  branch(
    'bound-overdeclared',
    'less fits than is declared',
    'values.too-large',
    { maxPayloadBytes: 2_000_000 },
    (whole) => ({
      write: (namespace, writes) => {
        if (writes.some(({ payload }) => payload.length > 1_999_000)) throw new RangeError('too large')
        return whole.write(namespace, writes)
      },
    }),
  ),
  branch(
    'later-than-declared',
    'what is expired is seen longer than declared',
    'capabilities.resolution-late',
    { resolutionMs: 5 },
    (whole) => ({
      write: (namespace, writes) =>
        whole.write(
          namespace,
          writes.map((write) =>
            write.placement.onLive === 'exact' || write.placement.expiry.ttlMs === undefined
              ? write
              : {
                  ...write,
                  placement: {
                    ...write.placement,
                    expiry: { ...write.placement.expiry, ttlMs: write.placement.expiry.ttlMs + 6 },
                  },
                },
          ),
        ),
    }),
  ),
  branch(
    'clear-needs-a-list',
    'an atomic clear removes what can be listed, and nothing can',
    'clear.unlisted',
    { scan: 'none' },
    () => ({ clear: () => undefined }),
  ),
  branch('unknown-capability', 'a capability has a value that it cannot have', 'capabilities.known', {
    scan: 'sometimes' as 'once',
  }),
  branch('no-stats-but-there', 'stats are there and not declared', 'capabilities.methods', { stats: false }),
  branch(
    'clock-of-seconds',
    'the clock counts in whole seconds',
    'capabilities.clock-runs',
    { clock: 'server' },
    (whole) => ({
      now: async () => Math.floor((await whole.now()) / 1_000) * 1_000,
    }),
    { clock: { now: () => Date.now() } },
  ),
  branch(
    'host-clock-apart',
    "a clock that is declared to be the host's is an hour off",
    'capabilities.host-clock',
    { clock: 'host' },
    () => ({}),
    {
      clock: { now: () => Date.now() + 3_600_000 },
    },
  ),
  branch(
    'seconds-on-the-host-clock',
    'spans are rounded up to whole seconds, on a clock that nobody can set',
    'set.ttl',
    { clock: 'host' },
    (whole) => ({
      write: (namespace, writes) =>
        whole.write(
          namespace,
          writes.map((write) =>
            write.placement.onLive === 'exact' || write.placement.expiry.ttlMs === undefined
              ? write
              : {
                  ...write,
                  placement: {
                    ...write.placement,
                    expiry: {
                      ...write.placement.expiry,
                      ttlMs: Math.ceil(write.placement.expiry.ttlMs / 1_000) * 1_000,
                    },
                  },
                },
          ),
        ),
    }),
    { clock: { now: () => Date.now() } },
  ),
]
