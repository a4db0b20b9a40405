import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Expiry, Span, Timing } from '../../src/timing.ts'
import { living, moment, nearExpiry, nearSpan, smallMs, T0 } from './arbitrary.ts'
import type { Kernel, Law } from './law.ts'

/** What a store asks of a backend. `wait` is the time that passes before it. */
type Event = { readonly wait: number } & (
  | { readonly verb: 'replace' | 'keep' | 'restart'; readonly expiry: Expiry }
  | { readonly verb: 'expire'; readonly span: Span }
  | { readonly verb: 'persist' | 'touch' | 'read' | 'sweep' | 'delete' }
  | { readonly verb: 'limit'; readonly limitMs: number | undefined }
)

const wait = fc.nat(12)
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ wait, verb: fc.constantFrom('touch', 'read') }) },
  {
    weight: 4,
    arbitrary: fc.record({ wait, verb: fc.constantFrom('replace', 'keep', 'restart'), expiry: nearExpiry }),
  },
  { weight: 1, arbitrary: fc.record({ wait, verb: fc.constant('expire'), span: nearSpan }) },
  { weight: 1, arbitrary: fc.record({ wait, verb: fc.constantFrom('persist', 'sweep', 'delete') }) },
  {
    weight: 1,
    arbitrary: fc.record({ wait, verb: fc.constant('limit'), limitMs: fc.option(smallMs, { nil: undefined }) }),
  },
)
const trace = fc.array(event, { maxLength: 24, size: 'max' })

/** Traces are long and cheap, and what they look for takes several events. */
const RUNS = { numRuns: 500 }

const PIN: Span = { ttlMs: undefined, maxAgeMs: undefined, expiresAt: undefined }
const tighter = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
const within = <S extends Span>(span: S, limitMs: number | undefined): S => ({
  ...span,
  maxAgeMs: tighter(span.maxAgeMs, limitMs),
})

/** One key of a backend that runs the kernel's rules: what is dead stays in place until it is swept. */
class Cell {
  now = T0
  limitMs: number | undefined
  timing: Timing | undefined
  readonly #kernel: Kernel

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  get live(): Timing | undefined {
    return this.timing !== undefined && this.#kernel.isLive(this.timing, this.now) ? this.timing : undefined
  }

  apply(event: Event): void {
    const { place, touched, accessed, replaced, isLive } = this.#kernel
    this.now += event.wait
    const { now, limitMs, live } = this
    const settle = (timing: Timing) => {
      this.timing = isLive(timing, now) ? timing : undefined
    }
    switch (event.verb) {
      case 'replace':
      case 'keep':
      case 'restart':
        settle(place(this.timing, { onLive: event.verb, expiry: within(event.expiry, limitMs), limitMs }, now))
        return
      case 'limit':
        this.limitMs = event.limitMs
        return
      case 'sweep':
        this.timing = live
        return
      case 'delete':
        this.timing = undefined
        return
    }
    if (live === undefined) return
    if (event.verb === 'touch') this.timing = touched(live, now)
    else if (event.verb === 'read') this.timing = accessed(live, now)
    else settle(replaced(live, within(event.verb === 'expire' ? event.span : PIN, limitMs), now))
  }
}

/**
 * The same key as a history, without the kernel: facts are noted, and the deadline is computed from all of them,
 * as design.md says it in words.
 */
class History {
  now = T0
  limitMs: number | undefined
  #life: { bornAt: number | undefined; span: Expiry; restartedAt: number; limits: number[] } | undefined

  get bornAt(): number | undefined {
    return this.#life?.bornAt
  }

  /** Nothing stored: `undefined`. */
  get deadline(): number | undefined {
    if (this.#life === undefined) return undefined
    const { span, bornAt, restartedAt, limits } = this.#life
    const ages = [...limits, ...(span.maxAgeMs === undefined ? [] : [span.maxAgeMs])]
    return Math.min(
      span.ttlMs === undefined ? Number.POSITIVE_INFINITY : restartedAt + span.ttlMs,
      span.expiresAt ?? Number.POSITIVE_INFINITY,
      ...ages.map((age) => (bornAt as number) + age),
    )
  }

  apply(event: Event): void {
    this.now += event.wait
    if (event.verb === 'limit') this.limitMs = event.limitMs
    if (this.deadline !== undefined && this.deadline <= this.now) this.#life = undefined
    const life = this.#life
    switch (event.verb) {
      case 'replace':
        this.#write(event.expiry, life?.bornAt)
        break
      case 'keep':
      case 'restart':
        if (life === undefined) this.#write(event.expiry, undefined)
        else {
          if (this.limitMs !== undefined) {
            life.bornAt ??= this.now
            life.limits.push(this.limitMs)
          }
          if (event.verb === 'restart' && life.span.restartOn !== 'create') this.#restart()
        }
        break
      case 'expire':
      case 'persist':
        if (life !== undefined) {
          const { bornAt } = life
          this.#write({ ...life.span, ...(event.verb === 'expire' ? event.span : PIN) }, bornAt)
          if (this.#life !== undefined) this.#life.bornAt ??= bornAt
        }
        break
      case 'touch':
        if (life !== undefined && life.span.restartOn !== 'create') this.#restart()
        break
      case 'read':
        if (life?.span.restartOn === 'access' && life.span.ttlMs !== undefined) {
          const left = (this.deadline as number) - this.now
          if (left <= life.span.ttlMs - life.span.ttlMs * life.span.refreshAfter) this.#restart()
        }
        break
      case 'delete':
        this.#life = undefined
        break
    }
    if (this.deadline !== undefined && this.deadline <= this.now) this.#life = undefined
  }

  #write(span: Expiry, bornAt: number | undefined): void {
    const aged = span.maxAgeMs !== undefined || this.limitMs !== undefined
    this.#life = {
      bornAt: aged ? (bornAt ?? this.now) : undefined,
      span,
      restartedAt: this.now,
      limits: this.limitMs === undefined ? [] : [this.limitMs],
    }
  }

  /** A write whose limit has just ended it restarts nothing. */
  #restart(): void {
    if (this.#life !== undefined && (this.deadline as number) > this.now) this.#life.restartedAt = this.now
  }
}

const refreshes = (verb: Event['verb']): boolean => verb === 'touch' || verb === 'read'

export const traceLaws: readonly Law[] = [
  {
    id: 'trace.agrees-with-history',
    title: 'after any trace, deadline and birth are those that the whole history implies',
    why: 'What is persisted between events (deadline, birth, cap, window) loses nothing of what happened.',
    holds: (kernel) =>
      fc.assert(
        fc.property(trace, (events) => {
          const [cell, history] = [new Cell(kernel), new History()]
          for (const event of events) {
            cell.apply(event)
            history.apply(event)
            const { live } = cell
            assert.equal(
              live === undefined ? undefined : (live.expiresAt ?? Number.POSITIVE_INFINITY),
              history.deadline,
            )
            assert.equal(live?.bornAt, history.bornAt)
          }
        }),
        RUNS,
      ),
  },
  {
    id: 'trace.within-max-age',
    title: 'after any trace, deadline ≤ birth + maxAge',
    why: 'However a session is used, its cap holds.',
    holds: (kernel) =>
      fc.assert(
        fc.property(trace, smallMs, nearExpiry, (events, maxAgeMs, first) => {
          const cell = new Cell(kernel)
          cell.apply({ wait: 0, verb: 'replace', expiry: { ...first, maxAgeMs, expiresAt: undefined } })
          // What gives a new lifetime gives a new cap; everything else leaves this one in force.
          for (const event of events.filter((of) => !['replace', 'expire', 'persist', 'delete'].includes(of.verb))) {
            const dies = cell.live?.expiresAt as number
            cell.apply(event)
            if (dies <= cell.now || cell.live === undefined) return
            assert.ok((cell.live.expiresAt as number) <= T0 + maxAgeMs)
          }
        }),
        RUNS,
      ),
  },
  {
    id: 'trace.within-last-restart',
    title: 'after any trace, deadline ≤ the last event that may restart + ttl',
    why: 'Nothing lives longer than its window after it was last used.',
    holds: (kernel) =>
      fc.assert(
        fc.property(trace, (events) => {
          const cell = new Cell(kernel)
          let used = T0
          for (const event of events) {
            const dies = cell.timing === undefined ? T0 : (cell.timing.expiresAt ?? Number.POSITIVE_INFINITY)
            cell.apply(event)
            const mode = cell.live?.restartOn
            const created = dies <= cell.now
            const given = event.verb === 'replace' || event.verb === 'expire' || event.verb === 'persist'
            const renewed = (event.verb === 'restart' || event.verb === 'touch') && mode !== 'create'
            if (created || given || renewed || (event.verb === 'read' && mode === 'access')) used = cell.now
            const { ttlMs, expiresAt } = cell.live ?? {}
            if (ttlMs !== undefined) assert.ok((expiresAt as number) <= used + ttlMs)
          }
        }),
        RUNS,
      ),
  },
  {
    id: 'trace.within-limit',
    title: 'under a limit, after any trace, everything ends, at the latest birth + limit, and birth is known',
    why: 'The promise that no policy, call, pin or read escapes.',
    holds: (kernel) =>
      fc.assert(
        fc.property(trace, smallMs, (events, limitMs) => {
          const cell = new Cell(kernel)
          cell.apply({ wait: 0, verb: 'limit', limitMs })
          for (const event of events.filter((of) => of.verb !== 'limit')) {
            cell.apply(event)
            const { live } = cell
            if (live !== undefined) assert.ok((live.expiresAt as number) <= (live.bornAt as number) + limitMs)
          }
        }),
        RUNS,
      ),
  },
  {
    id: 'trace.ends-under-a-limit',
    title: 'under a limit, an unbroken life is never longer than the limit, by the wall clock',
    why: 'The same promise without asking the kernel when anything was born.',
    holds: (kernel) =>
      fc.assert(
        fc.property(trace, smallMs, (events, limitMs) => {
          const cell = new Cell(kernel)
          cell.apply({ wait: 0, verb: 'limit', limitMs })
          let since: number | undefined
          for (const event of events.filter((of) => of.verb !== 'limit')) {
            const dies = cell.timing?.expiresAt ?? Number.POSITIVE_INFINITY
            cell.apply(event)
            if (dies <= cell.now || event.verb === 'delete') since = undefined
            since = cell.live === undefined ? undefined : (since ?? cell.now)
            if (since !== undefined) assert.ok(cell.now < since + limitMs)
          }
        }),
        RUNS,
      ),
  },
  {
    id: 'trace.refresh-never-shortens',
    title: 'in any trace, reads and touches only ever extend, and create nothing',
    why: 'A reader can never take life away, nor give it to what is gone.',
    holds: (kernel) =>
      fc.assert(
        fc.property(trace, (events) => {
          const cell = new Cell(kernel)
          for (const event of events) {
            const before = cell.live
            const deadline = before?.expiresAt ?? Number.POSITIVE_INFINITY
            cell.apply(event)
            if (!refreshes(event.verb)) continue
            if (before === undefined || deadline <= cell.now) assert.equal(cell.live, undefined)
            else assert.ok((cell.live?.expiresAt ?? Number.POSITIVE_INFINITY) >= deadline)
          }
        }),
        RUNS,
      ),
  },
  {
    id: 'trace.sweep-unobservable',
    title: 'sweeping after every event, or never, gives the same answers',
    why: 'Sweeping reclaims space; it decides nothing.',
    holds: (kernel) =>
      fc.assert(
        fc.property(trace, (events) => {
          const [swept, unswept] = [new Cell(kernel), new Cell(kernel)]
          for (const event of events) {
            swept.apply(event)
            swept.apply({ wait: 0, verb: 'sweep' })
            if (event.verb === 'sweep') unswept.apply({ wait: event.wait, verb: 'limit', limitMs: unswept.limitMs })
            else unswept.apply(event)
            assert.deepEqual(swept.live, unswept.live)
          }
        }),
        RUNS,
      ),
  },
  {
    id: 'trace.deadline-within-cap',
    title: 'after any trace, what is stored is consistent: deadline ≤ cap, a window implies a deadline, a cap too',
    why: 'Adapters rely on it: one comparison on deadline is enough to judge.',
    holds: (kernel) =>
      fc.assert(
        fc.property(trace, (events) => {
          const cell = new Cell(kernel)
          for (const event of events) {
            cell.apply(event)
            const { timing } = cell
            if (timing === undefined) continue
            const end = timing.expiresAt ?? Number.POSITIVE_INFINITY
            assert.ok(end <= (timing.capAt ?? Number.POSITIVE_INFINITY))
            if (timing.ttlMs !== undefined || timing.capAt !== undefined) assert.notEqual(timing.expiresAt, undefined)
          }
        }),
        RUNS,
      ),
  },
  {
    id: 'birth.kept-by-rewrite',
    title:
      'a write with a cap on a live entry keeps its birth; keep, restart, expire, persist, touch and read always do',
    why: 'Else every save would restart the cap.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, nearExpiry, nearSpan, smallMs, (draw, other, span, maxAgeMs) => {
          const { timing, now } = living(kernel, {
            ...draw,
            expiry: { ...draw.expiry, maxAgeMs: 40 },
            bornBefore: draw.bornBefore ?? 3,
          })
          assert.equal(timing.bornAt, T0 - (draw.bornBefore ?? 3))
          const write = (onLive: 'replace' | 'keep' | 'restart', expiry: Expiry) =>
            kernel.place(timing, { onLive, expiry, limitMs: undefined }, now).bornAt
          assert.equal(write('replace', { ...other, maxAgeMs }), timing.bornAt)
          assert.equal(write('keep', other), timing.bornAt)
          assert.equal(write('restart', other), timing.bornAt)
          assert.equal(kernel.replaced(timing, span, now).bornAt, timing.bornAt)
          assert.equal(kernel.replaced(timing, PIN, now).bornAt, timing.bornAt)
        }),
      ),
  },
  {
    id: 'birth.recorded-iff-needed',
    title: 'a write records a birth iff its expiry has a maxAge; over a live entry without one that write is its birth',
    why: 'Every backend alike, so that a later cap counts from the same instant everywhere, and a plain set need not look first.',
    holds: (kernel) =>
      fc.assert(
        fc.property(nearExpiry, nearExpiry, fc.nat(10), (first, second, gap) => {
          const created = kernel.begin(first, T0)
          assert.equal(created.bornAt, first.maxAgeMs === undefined ? undefined : T0)
          fc.pre(kernel.isLive(created, T0 + gap))
          const over = kernel.place(created, { onLive: 'replace', expiry: second, limitMs: undefined }, T0 + gap)
          assert.equal(over.bornAt, second.maxAgeMs === undefined ? undefined : (created.bornAt ?? T0 + gap))
        }),
      ),
  },
]
