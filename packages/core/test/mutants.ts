import { Duration } from '../src/duration.ts'
import { Instant } from '../src/instant.ts'
import { Lifetime } from '../src/lifetime.ts'
import { least } from '../src/timeline.ts'
import type { Timing } from '../src/timing.ts'
import type { Kernel } from './laws/index.ts'

/** One planted bug, and the law that must notice it. */
export interface Mutant {
  readonly name: string
  readonly kills: string
  readonly kernel: (real: Kernel) => Kernel
}

/** Parts that other rules of the kernel call by name. */
const PARTS: readonly (keyof Kernel)[] = ['begin', 'restart', 'touched', 'limited', 'isLive', 'jittered', 'strictest']

/** The composed rules once more, over changed parts. */
export function rewired(real: Kernel, changes: Partial<Kernel>): Kernel {
  const parts = { ...real, ...changes }
  if (!PARTS.some((part) => part in changes)) return parts
  const { begin, restart, limited, isLive, jittered, strictest } = parts
  const touched: Kernel['touched'] = (timing, now) => (timing.restartOn === 'create' ? timing : restart(timing, now))
  const whole: Partial<Kernel> = {
    touched,
    accessed: (timing, now) => {
      const { restartOn, expiresAt, ttlMs, refreshAfter } = timing
      if (restartOn !== 'access' || expiresAt === undefined || ttlMs === undefined) return timing
      return expiresAt - now <= ttlMs - ttlMs * refreshAfter ? restart(timing, now) : timing
    },
    replaced: ({ restartOn, refreshAfter, bornAt }, span, now) => {
      const timing = begin({ ...span, restartOn, refreshAfter }, now, bornAt)
      return bornAt === undefined ? timing : { ...timing, bornAt }
    },
    place: (current, placement, now) => {
      if (placement.onLive === 'exact') return placement.timing
      if (current === undefined || !isLive(current, now)) return begin(placement.expiry, now)
      if (placement.onLive === 'replace') return begin(placement.expiry, now, current.bornAt)
      const kept = limited(current, placement.limitMs, now)
      return placement.onLive === 'restart' && isLive(kept, now) ? (changes.touched ?? touched)(kept, now) : kept
    },
    expiryOf: (policy, limitMs, namespace, key) => ({
      ttlMs: policy.lifetime.ttl && jittered(policy.lifetime.ttl.ms, policy.jitter, namespace, key),
      maxAgeMs: strictest(policy.lifetime.maxAge?.ms, limitMs),
      expiresAt: policy.lifetime.expiresAt?.epochMilliseconds,
      restartOn: policy.restartOn,
      refreshAfter: policy.refreshAfter,
    }),
  }
  return { ...parts, ...whole, ...changes }
}

const mutant = (name: string, kills: string, changes: (real: Kernel) => Partial<Kernel>): Mutant => ({
  name,
  kills,
  kernel: (real) => rewired(real, changes(real)),
})

const fields = (value: Lifetime) => [value.ttl, value.maxAge, value.expiresAt] as const

/** `earliest` with another choice between two bounds. */
const meet =
  (choose: (a: number | undefined, b: number | undefined) => number | undefined): Kernel['earliest'] =>
  (first, ...rest) =>
    [first, ...rest].reduce((a, b) => {
      const [ttl, age, end] = [
        choose(a.ttl?.ms, b.ttl?.ms),
        choose(a.maxAge?.ms, b.maxAge?.ms),
        choose(a.expiresAt?.epochMilliseconds, b.expiresAt?.epochMilliseconds),
      ]
      return Lifetime.of(
        ttl === undefined ? undefined : Duration.of(ttl),
        age === undefined ? undefined : Duration.of(age),
        end === undefined ? undefined : Instant.of(end),
      )
    })

const renewed = (timing: Timing, now: number): number => least(now + (timing.ttlMs ?? 0), timing.capAt) as number

export const mutants: readonly Mutant[] = [
  mutant('off by one: still live at the deadline', 'boundary.half-open', () => ({
    isLive: ({ expiresAt }, now) => expiresAt === undefined || now <= expiresAt,
  })),
  mutant('a deadline of 0 taken for none', 'boundary.zero-deadline-is-a-deadline', () => ({
    isLive: ({ expiresAt }, now) => !expiresAt || now < expiresAt,
  })),
  mutant('a millisecond too long', 'boundary.lives-exactly-its-span', (real) => ({
    begin: (expiry, now, bornAt) => {
      const timing = real.begin(expiry, now, bornAt)
      return timing.expiresAt === undefined ? timing : { ...timing, expiresAt: timing.expiresAt + 1 }
    },
  })),
  mutant('a past instant throws', 'boundary.past-is-data', (real) => ({
    begin: (expiry, now, bornAt) => {
      if (expiry.expiresAt !== undefined && expiry.expiresAt <= now) throw new RangeError('in the past')
      return real.begin(expiry, now, bornAt)
    },
  })),
  mutant('a write at the deadline still updates', 'boundary.write-at-the-deadline-creates', (real) => ({
    place: (current, placement, now) => real.place(current, placement, current?.expiresAt === now ? now - 1 : now),
  })),

  mutant('earliest takes the later', 'lifetime.earliest-is-a-lower-bound', () => ({
    earliest: meet((a, b) => (a === undefined || b === undefined ? (a ?? b) : Math.max(a, b))),
  })),
  mutant('earliest takes the left', 'lifetime.earliest-commutes', () => ({ earliest: meet((a, b) => a ?? b) })),
  mutant('earliest lets never absorb', 'lifetime.never-is-identity', () => ({
    earliest: meet((a, b) => (a === undefined || b === undefined ? undefined : Math.min(a, b))),
  })),
  mutant('earliest looks at two only', 'lifetime.earliest-folds', (real) => ({
    earliest: (first, second = first) => real.earliest(first, second),
  })),
  mutant('earliest adds', 'lifetime.earliest-idempotent', () => ({
    earliest: meet((a, b) => (a === undefined || b === undefined ? (a ?? b) : a + b)),
  })),
  mutant('a raw {} is a lifetime', 'lifetime.raw-objects-refused', () => ({
    toLifetime: (value) => value as Lifetime,
  })),

  mutant('a cap counts from the event', 'evaluate.max-age-from-birth', (real) => ({
    evaluate: (lifetime, { now }) => real.evaluate(lifetime, { now }),
  })),
  mutant('only the first field of a lifetime counts', 'evaluate.homomorphism', (real) => ({
    evaluate: (lifetime, event) => {
      const [ttl, age] = fields(lifetime)
      if (ttl !== undefined) return real.evaluate(Lifetime.of(ttl, undefined, undefined), event)
      if (age !== undefined) return real.evaluate(Lifetime.of(undefined, age, undefined), event)
      return real.evaluate(lifetime, event)
    },
  })),
  mutant('an absolute end is measured from now', 'evaluate.at-stands', (real) => ({
    evaluate: (lifetime, event) => {
      const end = lifetime.expiresAt?.epochMilliseconds
      const deadline = real.evaluate(lifetime, event)
      return end === undefined || deadline === undefined ? deadline : Math.max(deadline, event.now)
    },
  })),
  mutant('a huge lifetime overflows to Infinity', 'evaluate.saturates', (real) => ({
    evaluate: (lifetime, event) => {
      const deadline = real.evaluate(lifetime, event)
      return deadline === 8_640_000_000_000_000 ? Number.POSITIVE_INFINITY : deadline
    },
  })),
  mutant('a deadline past the end of time is not held back', 'evaluate.saturates', (real) => ({
    begin: (expiry, now, bornAt) => {
      const timing = real.begin(expiry, now, bornAt)
      const { ttlMs, maxAgeMs } = expiry
      if (ttlMs === undefined || maxAgeMs !== ttlMs) return timing
      return { ...timing, expiresAt: least(now + ttlMs, timing.capAt), capAt: (timing.bornAt as number) + maxAgeMs }
    },
  })),
  mutant('deadlines in whole seconds', 'evaluate.after-from-event', (real) => ({
    evaluate: (lifetime, event) => {
      const deadline = real.evaluate(lifetime, event)
      return deadline === undefined ? undefined : Math.floor(deadline / 1_000) * 1_000
    },
  })),

  mutant('the less specific layer wins', 'override.specific-wins', (real) => ({
    override: (under, over) => real.override(over, under),
  })),
  mutant('0 inherits (truthiness)', 'override.specific-wins', (real) => ({
    override: (under, over) => ({
      ...real.override(under, over),
      refreshAfter: over.refreshAfter || under.refreshAfter,
      jitter: over.jitter || under.jitter,
    }),
  })),
  mutant('a ttl drops the inherited maxAge', 'override.ttl-keeps-max-age', (real) => ({
    override: (under, over) => ({ ...real.override(under, over), lifetime: over.lifetime ?? under.lifetime }),
  })),
  mutant('a ttl keeps an inherited expiresAt', 'override.ttl-clears-expires-at', (real) => ({
    override: (under, over) => {
      const patch = real.override(under, over)
      const inherited = under.lifetime?.value.expiresAt
      if (over.lifetime?.replaces !== 'ttl' || patch.lifetime === undefined) return patch
      const { ttl, maxAge } = patch.lifetime.value
      return { ...patch, lifetime: { replaces: 'whole', value: Lifetime.of(ttl, maxAge, inherited) } }
    },
  })),
  mutant('a whole lifetime keeps an inherited maxAge', 'override.whole-replaces', (real) => ({
    override: (under, over) => {
      const patch = real.override(under, over)
      const inherited = under.lifetime?.value.maxAge
      if (over.lifetime === undefined || inherited === undefined || patch.lifetime === undefined) return patch
      const { ttl, maxAge, expiresAt } = patch.lifetime.value
      return { ...patch, lifetime: { ...patch.lifetime, value: Lifetime.of(ttl, maxAge ?? inherited, expiresAt) } }
    },
  })),
  mutant('a ttl over a whole lifetime forgets that it was whole', 'override.associates', (real) => ({
    override: (under, over) => {
      const patch = real.override(under, over)
      if (over.lifetime?.replaces !== 'ttl' || patch.lifetime === undefined) return patch
      return { ...patch, lifetime: { replaces: 'ttl', value: patch.lifetime.value } }
    },
  })),

  mutant('the looser limit wins', 'limit.strictest-wins', () => ({
    strictest: (a, b) => (a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)),
  })),
  mutant('the namespace lifts the store’s limit', 'limit.commutes', () => ({ strictest: (a, b) => b ?? a })),
  mutant('never escapes the limit', 'limit.binds-never', (real) => ({
    expiryOf: (policy, limitMs, namespace, key) => {
      const endless = fields(policy.lifetime).every((field) => field === undefined)
      return real.expiryOf(policy, endless ? undefined : limitMs, namespace, key)
    },
  })),
  mutant('persist escapes the limit', 'limit.binds-persist', (real) => ({
    replaced: (current, span, now) =>
      real.replaced(current, span.ttlMs === undefined ? { ...span, maxAgeMs: undefined } : span, now),
  })),
  mutant('a kept expiry ignores the limit', 'limit.binds-kept', () => ({ limited: (timing) => timing })),
  mutant('a limit bounds the deadline, not the cap', 'limit.binds-kept', (real) => ({
    limited: (timing, limitMs, now) => ({ ...real.limited(timing, limitMs, now), capAt: timing.capAt }),
  })),
  mutant('a limit counts from the last write', 'limit.from-birth', (real) => ({
    begin: (expiry, now) => real.begin(expiry, now),
  })),
  mutant('a limit is a default lifetime', 'limit.changes-only-what-exceeds', (real) => ({
    expiryOf: (policy, limitMs, namespace, key) => {
      const expiry = real.expiryOf(policy, limitMs, namespace, key)
      return limitMs === undefined ? expiry : { ...expiry, ttlMs: limitMs }
    },
  })),
  mutant('a limit sets the deadline even when it is later', 'limit.never-lengthens', (real) => ({
    limited: (timing, limitMs, now) =>
      limitMs === undefined
        ? timing
        : { ...real.limited(timing, limitMs, now), expiresAt: (timing.bornAt ?? now) + limitMs },
  })),

  mutant('a refresh shortens', 'refresh.never-shortens', () => ({
    restart: (timing, now) =>
      timing.expiresAt === undefined || timing.ttlMs === undefined
        ? timing
        : { ...timing, expiresAt: renewed(timing, now) },
  })),
  mutant('a refresh adds to the deadline', 'refresh.idempotent', () => ({
    restart: (timing) =>
      timing.expiresAt === undefined || timing.ttlMs === undefined
        ? timing
        : { ...timing, expiresAt: least(timing.expiresAt + timing.ttlMs, timing.capAt) },
  })),
  mutant('a refresh unpins', 'refresh.never-stays-never', () => ({
    restart: (timing, now) =>
      timing.ttlMs === undefined || renewed(timing, now) <= (timing.expiresAt ?? 0)
        ? timing
        : { ...timing, expiresAt: renewed(timing, now) },
  })),
  mutant('a refresh passes the cap', 'refresh.within-cap', (real) => ({
    restart: (timing, now) => real.restart({ ...timing, capAt: undefined }, now),
  })),
  mutant('a refresh moves the cap along', 'trace.within-max-age', (real) => ({
    restart: (timing, now) => {
      const after = real.restart({ ...timing, capAt: undefined }, now)
      if (timing.capAt === undefined || after.expiresAt === undefined) return real.restart(timing, now)
      return { ...after, capAt: Math.max(timing.capAt, after.expiresAt) }
    },
  })),
  mutant('a touch revives the dead', 'refresh.dead-stays-dead', (real) => ({
    isLive: (timing, now) =>
      real.isLive(timing, now) || ('ttlMs' in timing && (timing as Timing).restartOn === 'access'),
  })),
  mutant('a write keeps the expiry of the dead', 'refresh.dead-is-absent', (real) => ({
    place: (current, placement, now) =>
      current !== undefined && placement.onLive === 'keep' && !real.isLive(current, now)
        ? real.touched(current, now)
        : real.place(current, placement, now),
  })),
  mutant('a saved value gets the writer’s window', 'refresh.own-window', (real) => ({
    place: (current, placement, now) =>
      placement.onLive === 'restart'
        ? real.place(current, { ...placement, onLive: 'replace' }, now)
        : real.place(current, placement, now),
  })),
  mutant('a plain set keeps the old expiry', 'refresh.set-replaces', (real) => ({
    place: (current, placement, now) =>
      placement.onLive === 'replace'
        ? real.place(current, { ...placement, onLive: 'keep' }, now)
        : real.place(current, placement, now),
  })),
  mutant('expire only extends', 'refresh.expire-may-shorten', (real) => ({
    replaced: (current, span, now) => {
      const after = real.replaced(current, span, now)
      const shorter = (after.expiresAt ?? Number.POSITIVE_INFINITY) < (current.expiresAt ?? Number.POSITIVE_INFINITY)
      return shorter ? { ...after, expiresAt: current.expiresAt } : after
    },
  })),
  mutant('a touch restarts under create', 'refresh.create-keeps', (real) => ({ touched: real.restart })),
  mutant('a read restarts under write', 'refresh.reads-restart-only-under-access', (real) => ({
    accessed: (timing, now) =>
      real.accessed(timing.restartOn === 'write' ? { ...timing, restartOn: 'access' } : timing, now),
  })),
  mutant('a touch does nothing under write', 'refresh.renews', (real) => ({
    touched: (timing, now) => (timing.restartOn === 'write' ? timing : real.touched(timing, now)),
  })),
  mutant('a refresh that gains nothing is written', 'refresh.unchanged-is-the-same', (real) => ({
    restart: (timing, now) => ({ ...real.restart(timing, now) }),
  })),
  mutant('a refresh is a birth', 'refresh.moves-only-the-deadline', (real) => ({
    restart: (timing, now) => {
      const after = real.restart(timing, now)
      return after === timing ? timing : { ...after, bornAt: now }
    },
  })),
  mutant('a transfer starts the window anew', 'refresh.exact-moves-as-is', (real) => ({
    place: (current, placement, now) => {
      const after = real.place(current, placement, now)
      return placement.onLive === 'exact' && after.ttlMs !== undefined
        ? { ...after, expiresAt: now + after.ttlMs }
        : after
    },
  })),

  mutant('the gate is ignored', 'gate.quiet-before', (real) => ({
    accessed: (timing, now) => (timing.restartOn === 'access' ? real.restart(timing, now) : timing),
  })),
  mutant('the gate excludes its bound', 'gate.opens-at-the-fraction', (real) => ({
    accessed: (timing, now) =>
      timing.refreshAfter > 0 && (timing.expiresAt ?? 0) - now === (timing.ttlMs ?? 0) * (1 - timing.refreshAfter)
        ? timing
        : real.accessed(timing, now),
  })),
  mutant('the gate opens after 1 − refreshAfter', 'gate.idle-life-guaranteed', (real) => ({
    accessed: (timing, now) => {
      const due = (timing.expiresAt ?? 0) - now <= (timing.ttlMs ?? 0) * timing.refreshAfter
      return due || timing.refreshAfter === 0 ? real.accessed({ ...timing, refreshAfter: 0 }, now) : timing
    },
  })),
  mutant('the gate holds up a touch', 'gate.touch-is-not-gated', (real) => ({
    touched: (timing, now) =>
      timing.restartOn === 'create' ? timing : real.accessed({ ...timing, restartOn: 'access' }, now),
  })),

  mutant('a rewrite moves the birth', 'birth.kept-by-rewrite', (real) => ({
    place: (current, placement, now) =>
      real.place(current && placement.onLive === 'replace' ? { ...current, bornAt: now } : current, placement, now),
  })),
  mutant('every write records a birth', 'birth.recorded-iff-needed', (real) => ({
    begin: (expiry, now, bornAt) => {
      const timing = real.begin(expiry, now, bornAt)
      return { ...timing, bornAt: timing.bornAt ?? bornAt ?? now }
    },
  })),
  mutant('expire forgets the birth', 'trace.agrees-with-history', (real) => ({
    replaced: (current, span, now) => real.replaced({ ...current, bornAt: undefined }, span, now),
  })),
  mutant('a create restarts at every set', 'trace.within-last-restart', (real) => ({
    place: (current, placement, now) =>
      placement.onLive === 'keep' && current?.restartOn === 'create' && real.isLive(current, now)
        ? real.restart(current, now)
        : real.place(current, placement, now),
  })),

  mutant('jitter lengthens', 'jitter.in-range', (real) => ({
    jittered: (ttlMs, jitter, namespace, key) => 2 * ttlMs - real.jittered(ttlMs, jitter, namespace, key),
  })),
  mutant('jitter leaves nothing', 'jitter.in-range', () => ({
    jittered: (ttlMs, jitter) => (jitter === 0 ? ttlMs : Math.floor(ttlMs * (1 - jitter) * 0.5)),
  })),
  mutant('jitter is random', 'jitter.deterministic', () => ({
    jittered: (ttlMs, jitter) => Math.max(1, ttlMs - Math.floor(ttlMs * jitter * Math.random())),
  })),
  mutant('jitter is the same for every key', 'jitter.spreads', (real) => ({
    jittered: (ttlMs, jitter, namespace) => real.jittered(ttlMs, jitter, namespace, ''),
  })),
  mutant('jitter shortens the cap too', 'jitter.only-on-ttl', (real) => ({
    expiryOf: (policy, limitMs, namespace, key) => {
      const expiry = real.expiryOf(policy, limitMs, namespace, key)
      if (expiry.maxAgeMs === undefined) return expiry
      return { ...expiry, maxAgeMs: real.jittered(expiry.maxAgeMs, policy.jitter, namespace, key) }
    },
  })),
  mutant('jitter after limits', 'jitter.before-limits', (real) => ({
    expiryOf: (policy, limitMs, namespace, key) => {
      const expiry = real.expiryOf(policy, limitMs, namespace, key)
      if (limitMs === undefined || expiry.maxAgeMs !== limitMs) return expiry
      return { ...expiry, maxAgeMs: real.jittered(limitMs, policy.jitter, namespace, key) }
    },
  })),
  mutant('the window is stored without jitter', 'jitter.window-is-what-is-stored', (real) => ({
    expiryOf: (policy, ...rest) => real.expiryOf({ ...policy, jitter: 0 }, ...rest),
  })),

  mutant('a fraction is cut off', 'duration.short-text-exact', (real) => ({
    toDuration: (input) => real.toDuration(typeof input === 'string' ? input.replace(/\.\d+/, '') : input),
  })),
  mutant('fractions round to the nearest', 'duration.iso-text-exact', (real) => ({
    toDuration: (input) => {
      const seconds = typeof input === 'string' ? /^PT(\d+\.\d+)S$/.exec(input)?.[1] : undefined
      return seconds === undefined ? real.toDuration(input) : Duration.of(Math.round(Number(seconds) * 1_000))
    },
  })),
  mutant('fields are multiplied in binary', 'duration.fields-exact', (real) => ({
    seconds: (amount) => (amount > 0 ? Duration.of(Math.ceil(amount * 1_000)) : real.seconds(amount)),
    milliseconds: (amount) => real.milliseconds(amount),
    toDuration: (input) => {
      if (typeof input !== 'object' || input === null || !('seconds' in input)) return real.toDuration(input)
      const { hours, seconds, milliseconds } = input as Record<string, number>
      return Duration.of(Math.ceil((hours ?? 0) * 3_600_000 + (seconds ?? 0) * 1_000 + (milliseconds ?? 0)))
    },
  })),
  mutant('text without a unit is milliseconds', 'duration.numbers-refused', (real) => ({
    toDuration: (input) => real.toDuration(typeof input === 'string' && /^\d+$/.test(input) ? `${input}ms` : input),
  })),
  mutant('1mo is a minute', 'duration.calendar-units-refused', (real) => ({
    toDuration: (input) => real.toDuration(typeof input === 'string' ? input.replace(/mo(n|nth|nths)?$/, 'm') : input),
  })),
  mutant('spaces and case do not matter', 'duration.nothing-else-parses', (real) => ({
    toDuration: (input) =>
      real.toDuration(typeof input === 'string' && !input.startsWith('P') ? input.trim().toLowerCase() : input),
  })),
  mutant('days are printed as hours', 'duration.round-trip', (real) => ({
    formatDuration: (value) => real.formatDuration(value).replace('d', 'h'),
  })),
  mutant('no upper bound', 'duration.bounded', (real) => ({
    milliseconds: (amount) => (amount > 3_155_760_000_000 ? Duration.of(Math.ceil(amount)) : real.milliseconds(amount)),
  })),

  mutant('naive instants are read as local time', 'instant.naive-refused', (real) => ({
    toInstant: (input) =>
      typeof input === 'string' && /T[\d:.]+$/.test(input) && !Number.isNaN(Date.parse(input))
        ? Instant.of(Date.parse(input))
        : real.toInstant(input),
  })),
  mutant('the offset is added', 'instant.offset-exact', (real) => ({
    toInstant: (input) =>
      real.toInstant(
        typeof input === 'string'
          ? input.replace(/([+-])(\d\d:\d\d)$/, (_, sign, size) => `${sign === '+' ? '-' : '+'}${size}`)
          : input,
      ),
  })),
  mutant('February 30 is March 2', 'instant.calendar-checked', (real) => ({
    toInstant: (input) => {
      const parts = typeof input === 'string' ? /^(\d{4})-02-(29|30|31)(T.*)$/.exec(input) : null
      if (parts === null) return real.toInstant(input)
      const start = real.toInstant(`${parts[1]}-02-01${parts[3]}`).epochMilliseconds
      return Instant.of(start + (Number(parts[2]) - 1) * 86_400_000)
    },
  })),
  mutant('instants round down', 'instant.rounds-up', (real) => ({
    toInstant: (input) => real.toInstant(typeof input === 'string' ? input.replace(/(\.\d{3})\d+/, '$1') : input),
    epochMs: (ms) => real.epochMs(Math.floor(ms)),
  })),
  mutant('epoch seconds are taken for milliseconds', 'instant.epoch-seconds-exact', (real) => ({
    epochSeconds: (seconds) => real.epochMs(seconds),
  })),
  mutant('epoch seconds are multiplied in binary', 'instant.epoch-seconds-exact', (real) => ({
    epochSeconds: (seconds) => real.epochMs(seconds * 1_000),
  })),
  mutant('any date that the engine parses', 'instant.nothing-else-parses', (real) => ({
    toInstant: (input) => {
      try {
        return real.toInstant(input)
      } catch (error) {
        const naive = typeof input !== 'string' || !/(Z|GMT|[+-]\d\d:?\d\d)/.test(input)
        if (naive || Number.isNaN(Date.parse(input))) throw error
        return Instant.of(Date.parse(input))
      }
    },
  })),
  mutant('instants in seconds', 'instant.round-trip', (real) => ({
    formatInstant: (value) => real.formatInstant(value).replace(/\.\d+Z/, 'Z'),
  })),
  mutant('a bare number is an instant', 'instant.bounded', (real) => ({
    toInstant: (input) => (typeof input === 'number' ? real.epochMs(input) : real.toInstant(input)),
  })),
]
