import { describe, expect, test } from 'vitest'
import { type DurationInput, toDuration } from '../src/duration.ts'
import { epochMs } from '../src/instant.ts'
import { after, at, maxAge, never } from '../src/lifetime.ts'
import { fixed, type PolicyInput, readPolicy, rolling, sliding } from '../src/policy.ts'
import { complete, expiryOf, override } from '../src/resolve.ts'
import { MAX_INSTANT_MS } from '../src/timeline.ts'
import { accessed, isLive, place, replaced, type Span, type Timing, touched } from '../src/timing.ts'

const T0 = 1_767_225_600_000
const NO_SPAN: Span = { ttlMs: undefined, maxAgeMs: undefined, expiresAt: undefined }

/** One key under a policy, on a time line in milliseconds from {@link T0}: the rules as a backend applies them, swept only when told. */
class Line {
  timing: Timing | undefined
  value: unknown
  writes = 0
  readonly #policy: PolicyInput
  limit: DurationInput | undefined

  constructor(policy: PolicyInput, limit?: DurationInput) {
    this.#policy = policy
    this.limit = limit
  }

  alive(t: number): boolean {
    return this.timing !== undefined && isLive(this.timing, T0 + t)
  }

  /** Milliseconds from T0. */
  get dies(): number | 'never' | undefined {
    if (this.timing === undefined) return undefined
    return this.timing.expiresAt === undefined ? 'never' : this.timing.expiresAt - T0
  }

  get #limitMs(): number | undefined {
    return this.limit === undefined ? undefined : toDuration(this.limit).ms
  }

  put(t: number, value: unknown = t, call: PolicyInput = {}, expiry?: 'keep' | 'restart'): boolean {
    const given = readPolicy(call, 'options')
    const policy = complete(override(readPolicy(this.#policy, 'policy'), given))
    const keeps = policy.restartOn === 'create' && given.lifetime === undefined ? 'keep' : 'replace'
    const timing = place(
      this.timing,
      { onLive: expiry ?? keeps, expiry: expiryOf(policy, this.#limitMs, 'ns', 'k'), limitMs: this.#limitMs },
      T0 + t,
    )
    const stored = isLive(timing, T0 + t)
    this.timing = stored ? timing : undefined
    this.value = stored ? value : undefined
    return stored
  }

  get(t: number): unknown {
    if (!this.alive(t)) return undefined
    this.#move(accessed(this.timing as Timing, T0 + t))
    return this.value
  }

  touch(t: number): boolean {
    if (this.alive(t)) this.#move(touched(this.timing as Timing, T0 + t))
    return this.alive(t)
  }

  expire(t: number, span: Partial<Span>): boolean {
    if (!this.alive(t)) return false
    const maxAgeMs = Math.min(span.maxAgeMs ?? Number.POSITIVE_INFINITY, this.#limitMs ?? Number.POSITIVE_INFINITY)
    const bounded = { ...NO_SPAN, ...span, maxAgeMs: maxAgeMs === Number.POSITIVE_INFINITY ? undefined : maxAgeMs }
    this.timing = replaced(this.timing as Timing, bounded, T0 + t)
    if (!this.alive(t)) this.timing = undefined
    return this.alive(t)
  }

  #move(timing: Timing): void {
    if (timing !== this.timing) this.writes++
    this.timing = timing
  }
}

describe('cases of the field, t in milliseconds from T0', () => {
  test('1: after(60 s) lives at 59 999, is gone at 60 000', () => {
    const line = new Line({ ttl: '60s' })
    line.put(0)
    expect([line.alive(59_999), line.alive(60_000), line.alive(60_001)]).toEqual([true, false, false])
  })

  test('2: never lives after 100 years', () => {
    const line = new Line({ ttl: never })
    line.put(0)
    expect([line.dies, line.alive(3_155_760_000_000)]).toEqual(['never', true])
  })

  test('4: an absolute end stays, written again or not', () => {
    const line = new Line({ expiresAt: epochMs(T0 + 60_000) })
    line.put(0)
    line.put(30_000)
    expect(line.dies).toBe(60_000)
  })

  test.each([-1, 0])('5, 6: at(T0 %d) over a live entry removes it', (offset) => {
    const line = new Line({ ttl: '60s' })
    line.put(-10, 'old')
    expect(line.put(0, 'new', { expiresAt: epochMs(T0 + offset) })).toBe(false)
    expect([line.alive(0), line.get(0)]).toEqual([false, undefined])
  })

  test('12: 30 days and 1 second, 25 days: the full length', () => {
    for (const [ttl, ms] of [
      ['2592001s', 2_592_001_000],
      ['25d', 2_160_000_000],
    ] as const) {
      const line = new Line({ ttl })
      line.put(0)
      expect([line.dies, line.alive(ms - 1), line.alive(ms)]).toEqual([ms, true, false])
    }
  })

  test('13: the last instant round-trips, and is a deadline', () => {
    const line = new Line({ expiresAt: epochMs(MAX_INSTANT_MS) })
    line.put(0)
    expect(line.timing?.expiresAt).toBe(8_640_000_000_000_000)
    expect(isLive(line.timing as Timing, MAX_INSTANT_MS - 1)).toBe(true)
    expect(isLive(line.timing as Timing, MAX_INSTANT_MS)).toBe(false)
  })

  test('14: rolling restarts by writes, fixed does not', () => {
    for (const [preset, dies] of [
      [rolling('60s'), 100_000],
      [fixed('60s'), 60_000],
    ] as const) {
      const line = new Line(preset)
      line.put(0, 'first')
      line.put(40_000, 'second')
      expect([line.dies, line.value]).toEqual([dies, 'second'])
    }
  })

  test('16: an explicit write under fixed applies, and may shorten', () => {
    const line = new Line(fixed('60s'))
    line.put(0)
    line.put(40_000, 'v', { ttl: '10s' })
    expect(line.dies).toBe(50_000)
    line.put(41_000, 'v', { ttl: '1s' })
    expect(line.dies).toBe(42_000)
  })

  test('17: sliding, unbounded', () => {
    const line = new Line(sliding('30s', { max: 'unbounded' }))
    line.put(0)
    for (const t of [20_000, 40_000, 60_000]) expect(line.get(t)).toBe(0)
    expect(line.dies).toBe(90_000)
  })

  test('18: sliding under a cap', () => {
    const line = new Line(sliding('30s', { max: '100s' }))
    line.put(0)
    for (let t = 10_000; t < 100_000; t += 10_000) expect(line.get(t)).toBe(0)
    expect([line.get(99_999), line.get(100_000)]).toEqual([0, undefined])
  })

  test('19: writes in the background move the cap as little; after death a new birth', () => {
    const line = new Line(sliding('30s', { max: '100s' }))
    for (let t = 0; t <= 90_000; t += 10_000) line.put(t, 'job')
    expect([line.dies, line.get(100_000)]).toEqual([100_000, undefined])
    line.put(100_001)
    for (let t = 110_001; t < 200_001; t += 10_000) expect(line.get(t)).toBe(100_001)
    expect([line.dies, line.timing?.bornAt]).toEqual([200_001, T0 + 100_001])
  })

  test('20: a window longer than its cap ends with the cap', () => {
    const line = new Line(sliding('5m', { max: '1m' }))
    line.put(0)
    expect(line.get(30_000)).toBe(0)
    expect([line.dies, line.writes]).toEqual([60_000, 0])
  })

  test('21, 22: a read at the deadline is a miss and revives nothing, unswept too', () => {
    const line = new Line(sliding('30s', { max: 'unbounded' }))
    line.put(0)
    for (const t of [30_000, 40_000])
      expect([line.get(t), line.touch(t), line.dies]).toEqual([undefined, false, 30_000])
    line.put(50_000)
    expect(line.dies).toBe(80_000)
  })

  test('23: a write on the dead is a birth, whatever it keeps', () => {
    for (const expiry of [undefined, 'keep', 'restart'] as const) {
      const line = new Line({ lifetime: maxAge('30s'), restartOn: 'create' })
      line.put(0)
      expect(line.put(30_000, 'v', {}, expiry)).toBe(true)
      expect([line.dies, line.timing?.bornAt]).toEqual([60_000, T0 + 30_000])
    }
  })

  test('26, 27, 28: pinned stays pinned by reads and kept writes, not by an explicit one', () => {
    const line = new Line(sliding('60s', { max: 'unbounded' }))
    line.put(0)
    expect(line.expire(10, NO_SPAN)).toBe(true)
    for (const t of [20, 30, 40]) line.get(t)
    line.touch(50)
    line.put(60, 'v', {}, 'keep')
    line.put(70, 'v', {}, 'restart')
    expect([line.dies, line.writes]).toEqual(['never', 0])
    expect(line.expire(80, { ttlMs: 60_000 })).toBe(true)
    expect(line.dies).toBe(60_080)
    line.expire(90, NO_SPAN)
    line.put(100)
    expect(line.dies).toBe(60_100)
    expect(new Line({ ttl: '1s' }).expire(0, { ttlMs: 60_000 })).toBe(false)
  })

  test('27: fixed keeps a pin', () => {
    const line = new Line(fixed('60s'))
    line.put(0)
    line.expire(10, NO_SPAN)
    line.put(20)
    expect(line.dies).toBe('never')
  })

  test('29: an item put for 5 s under a default of 60 s slides by 5 s', () => {
    const line = new Line(sliding('60s', { max: 'unbounded' }))
    line.put(0, 'v', { ttl: '5s' })
    line.get(3_000)
    expect(line.dies).toBe(8_000)
    line.put(4_000, 'v', {}, 'restart')
    expect(line.dies).toBe(9_000)
  })

  test('35: a gate of one half', () => {
    const line = new Line({ ...sliding('60s', { max: 'unbounded' }), refreshAfter: 0.5 })
    line.put(0)
    line.get(20_000)
    line.get(29_999)
    expect([line.dies, line.writes]).toEqual([60_000, 0])
    line.get(31_000)
    expect([line.dies, line.writes]).toEqual([91_000, 1])
    line.get(90_999)
    expect([line.dies, line.writes]).toEqual([150_999, 2])
  })

  test('36: at the cap a hundred reads write nothing', () => {
    const line = new Line(sliding('30s', { max: '60s' }))
    line.put(0)
    line.get(29_000)
    line.get(58_000)
    expect([line.dies, line.writes]).toEqual([60_000, 2])
    for (let index = 0; index < 100; index++) line.get(58_001 + index)
    expect(line.writes).toBe(2)
  })

  test('37: two reads in either order', () => {
    for (const reads of [
      [10_000, 10_005],
      [10_005, 10_000],
    ]) {
      const line = new Line(sliding('30s', { max: 'unbounded' }))
      line.put(0)
      for (const t of reads) line.get(t)
      expect(line.dies).toBe(40_005)
    }
  })

  test('38: a read that meets a pin leaves it', () => {
    const line = new Line(sliding('30s', { max: 'unbounded' }))
    line.put(0)
    line.expire(10_000, NO_SPAN)
    line.get(10_000)
    expect(line.dies).toBe('never')
  })

  test('39: a window lowered by a deploy holds from the next put on', () => {
    const before = new Line(sliding('60s', { max: 'unbounded' }))
    before.put(0)
    const deployed = new Line(sliding('10s', { max: 'unbounded' }))
    deployed.timing = before.timing
    deployed.value = before.value
    deployed.get(20_000)
    expect(deployed.dies).toBe(80_000)
    deployed.put(20_000)
    expect(deployed.dies).toBe(30_000)
  })
})

describe('limits, t in milliseconds from T0', () => {
  test('bind never, persist, kept and restarted writes, expire', () => {
    const line = new Line({ ttl: never }, '100s')
    line.put(0)
    expect(line.dies).toBe(100_000)
    line.expire(10_000, NO_SPAN)
    expect(line.dies).toBe(100_000)
    line.expire(20_000, { ttlMs: 500_000 })
    expect(line.dies).toBe(100_000)
    line.put(30_000, 'v', {}, 'keep')
    line.put(40_000, 'v', { ttl: '1h' })
    expect(line.dies).toBe(100_000)
    expect(line.put(100_000)).toBe(true)
    expect(line.dies).toBe(200_000)
  })

  test('introduced later count from the first write that knows them, over an entry without a birth', () => {
    const line = new Line({ ttl: never })
    line.put(0)
    line.limit = '10s'
    expect(line.get(50_000)).toBe(0)
    line.put(50_000, 'v', {}, 'keep')
    expect([line.dies, line.timing?.bornAt]).toEqual([60_000, T0 + 50_000])
    line.put(55_000, 'v', {}, 'keep')
    expect(line.dies).toBe(60_000)
  })

  test('that have elapsed since birth remove the entry at the next write, kept or not', () => {
    for (const expiry of [undefined, 'keep', 'restart'] as const) {
      const line = new Line({ lifetime: maxAge('1h') })
      line.put(0)
      line.limit = '10s'
      expect(line.put(20_000, 'v', {}, expiry)).toBe(false)
      expect(line.alive(20_000)).toBe(false)
    }
  })

  test('raised later do not raise what is stored', () => {
    const line = new Line({ ttl: never }, '10s')
    line.put(0)
    line.limit = '1h'
    line.touch(5_000)
    line.put(6_000, 'v', {}, 'keep')
    expect(line.dies).toBe(10_000)
  })
})

describe('a birth', () => {
  test('is dropped by a write that needs none (docs/adr/0004-birth.md)', () => {
    const line = new Line({ lifetime: maxAge('60s') })
    line.put(0)
    line.put(10_000, 'v', { lifetime: after('60s') })
    expect(line.timing?.bornAt).toBeUndefined()
    line.put(20_000)
    expect(line.dies).toBe(80_000)
  })

  test('is kept by a ttl for one call, which keeps the cap', () => {
    const line = new Line(sliding('30s', { max: '60s' }))
    line.put(0)
    line.put(10_000, 'v', { ttl: '10m' })
    expect(line.dies).toBe(60_000)
  })

  test('survives expire and persist, which lift the cap', () => {
    const line = new Line({ lifetime: maxAge('60s') })
    line.put(0)
    line.expire(10_000, { ttlMs: 500_000 })
    expect([line.dies, line.timing?.bornAt]).toEqual([510_000, T0])
    line.expire(20_000, NO_SPAN)
    line.put(30_000)
    expect(line.dies).toBe(60_000)
  })

  test('may lie before a deadline that a call gives as an instant', () => {
    const line = new Line({ lifetime: at(epochMs(T0 + 5)) })
    expect(line.put(4)).toBe(true)
    expect(line.put(5)).toBe(false)
  })
})
