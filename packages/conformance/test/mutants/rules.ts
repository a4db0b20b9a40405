import {
  begin,
  isLive,
  limited,
  type Placement,
  place,
  replaced,
  restart,
  type Timing,
  touched,
} from '@ttl/core/adapter'
import { type Mutant, RULES, ruled } from './mutant.ts'

const { accessed } = RULES
const MAX = 8_640_000_000_000_000
const timed =
  (change: (timing: Timing, now: number, placement: Placement) => Timing) =>
  (current: Timing | undefined, placement: Placement, now: number) =>
    change(place(current, placement, now), now, placement)
const dead = (current: Timing | undefined, now: number): current is Timing =>
  current !== undefined && !isLive(current, now)
const alive = (current: Timing | undefined, now: number): current is Timing =>
  current !== undefined && isLive(current, now)

export const ruleMutants: readonly Mutant[] = [
  ruled('boundary-inclusive', 'alive at the deadline itself (now <= expiresAt)', 'boundary.every-verb', {
    isLive: ({ expiresAt }, now) => expiresAt === undefined || now <= expiresAt,
  }),
  ruled('boundary-early', 'dead a millisecond before the deadline', 'boundary.every-verb', {
    isLive: ({ expiresAt }, now) => expiresAt === undefined || now + 1 < expiresAt,
  }),
  ruled('never-until-2038', 'never is a sentinel of 31 bits of seconds', 'set.never-for-a-century', {
    isLive: ({ expiresAt = 2 ** 31 * 1_000 }, now) => now < expiresAt,
  }),
  ruled('old-deadline-survives', 'a set without an expiry leaves the old deadline in force', 'set.replaces-expiry', {
    place: (current, placement, now) => {
      const timing = place(current, placement, now)
      return alive(current, now) && timing.expiresAt === undefined
        ? { ...timing, expiresAt: current.expiresAt }
        : timing
    },
  }),
  ruled('set-extends-only', 'a set cannot shorten what is left', 'set.may-shorten', {
    place: (current, placement, now) => {
      const timing = place(current, placement, now)
      if (
        !alive(current, now) ||
        timing.expiresAt === undefined ||
        current.expiresAt === undefined ||
        placement.onLive === 'exact'
      )
        return timing
      return timing.expiresAt <= now ? timing : { ...timing, expiresAt: Math.max(timing.expiresAt, current.expiresAt) }
    },
  }),
  ruled('keep-drops-ttl', 'a write that keeps the expiry drops it, as SET in Redis does', 'keep.deadline', {
    place: (current, placement, now) =>
      placement.onLive === 'keep' && alive(current, now)
        ? { ...current, expiresAt: undefined, ttlMs: undefined, capAt: undefined }
        : place(current, placement, now),
  }),
  ruled('keep-restarts', 'keep restarts the window', 'keep.deadline', {
    place: (current, placement, now) =>
      place(current, placement.onLive === 'keep' ? { ...placement, onLive: 'restart' } : placement, now),
  }),
  ruled('keep-takes-policy', "keep keeps the deadline and takes the writer's window and mode", 'keep.everything', {
    place: (current, placement, now) =>
      placement.onLive === 'keep' && alive(current, now)
        ? { ...begin(placement.expiry, now), expiresAt: current.expiresAt }
        : place(current, placement, now),
  }),
  ruled('restart-keeps', 'a write that should restart leaves the deadline alone', 'restart.own-window', {
    place: (current, placement, now) =>
      place(current, placement.onLive === 'restart' ? { ...placement, onLive: 'keep' } : placement, now),
  }),
  ruled('restart-replaces', "a write that should restart takes the writer's window", 'restart.own-window', {
    place: (current, placement, now) =>
      place(current, placement.onLive === 'restart' ? { ...placement, onLive: 'replace' } : placement, now),
  }),
  ruled('keep-never-creates', 'keep on an absent key stores without any expiry', 'keep.creates', {
    place: (current, placement, now) =>
      placement.onLive === 'keep' && !alive(current, now)
        ? begin({ ...placement.expiry, ttlMs: undefined, maxAgeMs: undefined, expiresAt: undefined }, now)
        : place(current, placement, now),
  }),
  ruled('refresh-shortens', 'a refresh sets now + window also when that is earlier', 'touch.extends-only', {
    touched: (timing, now) =>
      timing.ttlMs === undefined || timing.restartOn === 'create'
        ? timing
        : { ...timing, expiresAt: Math.min(now + timing.ttlMs, timing.capAt ?? MAX) },
  }),
  ruled('refresh-by-default', "a read restarts a default window instead of the entry's own", 'sliding.own-window', {
    accessed: (timing, now) => accessed(timing.ttlMs === undefined ? timing : { ...timing, ttlMs: 90_000 }, now),
  }),
  ruled('read-unpins', 'a read gives a deadline to what was pinned (GETEX)', 'persist.pins', {
    accessed: (timing, now) =>
      timing.restartOn === 'access' && timing.expiresAt === undefined
        ? { ...timing, expiresAt: now + 20_000 }
        : accessed(timing, now),
  }),
  ruled('touch-unpins', 'a touch gives a deadline to what was pinned', 'touch.never-stays-never', {
    touched: (timing, now) =>
      timing.expiresAt === undefined ? { ...timing, expiresAt: now + 20_000 } : touched(timing, now),
  }),
  ruled('whole-seconds', 'spans are truncated to whole seconds', 'set.sub-second', {
    place: timed((timing, now) =>
      timing.expiresAt === undefined
        ? timing
        : { ...timing, expiresAt: now + Math.floor((timing.expiresAt - now) / 1_000) * 1_000 },
    ),
  }),
  ruled('seconds-or-never', 'a span below a second is 0 seconds, and 0 is no expiry', 'set.sub-second', {
    place: timed((timing) =>
      timing.ttlMs !== undefined && timing.ttlMs < 1_000 ? { ...timing, expiresAt: undefined } : timing,
    ),
  }),
  ruled('timer-of-31-bits', 'spans are counted in 31 bits', 'set.long-to-the-millisecond', {
    place: timed((timing, now) =>
      timing.ttlMs !== undefined && timing.ttlMs >= 2 ** 31
        ? { ...timing, expiresAt: now + (timing.ttlMs % 2 ** 31) }
        : timing,
    ),
  }),
  ruled('thirty-days', 'a span above 30 days is taken for an instant (memcached)', 'set.long', {
    place: timed((timing, now) =>
      timing.ttlMs !== undefined && timing.ttlMs > 2_592_000_000 ? { ...timing, expiresAt: now } : timing,
    ),
  }),
  ruled('overflow-is-never', 'a sum past the last instant is never', 'expiry.saturates', {
    place: timed((timing) =>
      timing.ttlMs !== undefined && timing.expiresAt === MAX ? { ...timing, expiresAt: undefined } : timing,
    ),
  }),
  ruled('cap-from-write', 'the cap counts from the last write, not from birth', 'sliding.cap-outlives-writes', {
    place: (current, placement, now) =>
      placement.onLive === 'replace' ? begin(placement.expiry, now) : place(current, placement, now),
  }),
  ruled('cap-ignored-by-reads', 'a read goes past the cap', 'sliding.cap', {
    accessed: (timing, now) => accessed({ ...timing, capAt: undefined }, now),
  }),
  ruled('cap-from-first-read', 'the cap applies from the first read on', 'sliding.idle-longer-than-cap', {
    place: timed((timing, now) =>
      timing.ttlMs === undefined || timing.bornAt === undefined ? timing : { ...timing, expiresAt: now + timing.ttlMs },
    ),
  }),
  ruled('birth-always', 'a birth is recorded for every write', 'birth.recorded-when-needed', {
    place: timed((timing, now) => ({ ...timing, bornAt: timing.bornAt ?? now })),
  }),
  ruled('birth-of-the-dead', 'what is written over an expired entry inherits its birth', 'set.over-expired', {
    place: (current, placement, now) =>
      placement.onLive !== 'exact' && dead(current, now)
        ? begin(placement.expiry, now, current.bornAt)
        : place(current, placement, now),
  }),
  ruled('keep-of-the-dead', 'keep on an expired entry keeps its window and mode', 'keep.creates', {
    place: (current, placement, now) =>
      placement.onLive === 'keep' && dead(current, now) && current.ttlMs !== undefined
        ? begin({ ...placement.expiry, ttlMs: current.ttlMs }, now)
        : place(current, placement, now),
  }),
  ruled('expire-loses-birth', 'expire forgets the birth', 'expire.from-birth', {
    replaced: (current, span, now) => replaced({ ...current, bornAt: undefined }, span, now),
  }),
  ruled('expire-keeps-window', 'expire moves the deadline and leaves the old window', 'expire.whole-lifetime', {
    replaced: (current, span, now) => ({ ...replaced(current, span, now), ttlMs: current.ttlMs ?? span.ttlMs }),
  }),
  ruled('expire-resets-mode', 'after expire reads do not slide any more', 'expire.whole-lifetime', {
    replaced: (current, span, now) => ({ ...replaced(current, span, now), restartOn: 'write' }),
  }),
  ruled('limit-not-kept', 'a limit is not folded into what keep retains', 'limits.fold-into-kept', {
    place: (current, placement, now) =>
      place(current, placement.onLive === 'exact' ? placement : { ...placement, limitMs: undefined }, now),
  }),
  ruled('limit-from-keep', 'a limit folded into a kept expiry counts from now', 'limits.elapsed', {
    place: (current, placement, now) =>
      placement.onLive === 'keep' && alive(current, now)
        ? limited({ ...current, bornAt: now }, placement.limitMs, now)
        : place(current, placement, now),
  }),
  ruled('create-restarts', 'a touch restarts what is fixed', 'touch.create-mode', {
    touched: (timing, now) => restart(timing, now),
  }),
  ruled('write-slides', 'a read restarts what was written under write', 'rolling.writes-restart', {
    accessed: (timing, now) =>
      timing.restartOn === 'create'
        ? timing
        : accessed({ ...timing, restartOn: 'access' }, now) && touched(timing, now),
  }),
  ruled('access-does-not-slide', 'no read restarts anything', 'sliding.reads-restart', {
    accessed: (timing) => timing,
  }),
  ruled('gate-ignored', 'refreshAfter is ignored', 'refreshAfter.gate', {
    accessed: (timing, now) =>
      accessed({ ...timing, refreshAfter: 0 }, now) && (timing.restartOn === 'access' ? touched(timing, now) : timing),
  }),
  ruled('gate-late', 'the gate opens a millisecond late', 'refreshAfter.to-the-millisecond', {
    accessed: (timing, now) =>
      timing.refreshAfter > 0 && accessed(timing, now - 1) === timing ? timing : accessed(timing, now),
  }),
  ruled('gate-for-touch', 'a touch asks the gate', 'refreshAfter.touch', {
    touched: (timing, now) => (timing.restartOn === 'access' ? accessed(timing, now) : touched(timing, now)),
  }),
  ruled('gate-rounded', 'refreshAfter is stored with two digits', 'refreshAfter.stored', {
    place: timed((timing) => ({ ...timing, refreshAfter: Math.round(timing.refreshAfter * 100) / 100 })),
  }),
  ruled('exact-loses-birth', 'a moved entry loses its birth', 'transfer.timing', {
    place: (current, placement, now) =>
      placement.onLive === 'exact' ? { ...placement.timing, bornAt: undefined } : place(current, placement, now),
  }),
  ruled('exact-recomputes', 'a moved entry gets its whole window again', 'transfer.timing', {
    place: (current, placement, now) =>
      placement.onLive === 'exact' && placement.timing.ttlMs !== undefined && isLive(placement.timing, now)
        ? { ...placement.timing, expiresAt: now + placement.timing.ttlMs }
        : place(current, placement, now),
  }),
  ruled('instant-as-span', 'an absolute deadline is counted from the write', 'set.expires-at', {
    place: timed((timing, now, placement) =>
      placement.onLive !== 'exact' && placement.expiry.expiresAt !== undefined && timing.expiresAt !== undefined
        ? { ...timing, expiresAt: timing.expiresAt + Math.max(0, now - 1_767_225_600_000) }
        : timing,
    ),
  }),
  ruled('seconds-up', 'deadlines are rounded up to whole seconds', 'set.milliseconds', {
    place: timed((timing) =>
      timing.expiresAt === undefined ? timing : { ...timing, expiresAt: Math.ceil(timing.expiresAt / 1_000) * 1_000 },
    ),
  }),
  ruled(
    'absolute-slides',
    'a read moves an absolute deadline by what was left when it was written',
    'sliding.absolute-does-not-slide',
    {
      place: timed((timing, now) =>
        timing.ttlMs === undefined &&
        timing.bornAt === undefined &&
        timing.expiresAt !== undefined &&
        timing.restartOn === 'access'
          ? { ...timing, ttlMs: timing.expiresAt - now, capAt: undefined }
          : timing,
      ),
    },
  ),
  ruled('touch-by-default', "a touch restarts a default window instead of the entry's own", 'touch.own-window', {
    touched: (timing, now) => touched(timing.ttlMs === undefined ? timing : { ...timing, ttlMs: 90_000 }, now),
  }),
]
