import { duration, milliseconds } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { sqlite } from '@ttl/sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figuresOf, liveIn } from '../src/figures.ts'
import { generateDay } from '../src/generate.ts'
import { type ReplayOptions, replay } from '../src/replay.ts'
import { clf, count, cut, type Request } from './count.ts'

const BACKENDS: Record<string, ReplayOptions['backend']> = {
  memory: (clock) => memory({ clock }),
  sqlite: (clock) => sqlite(':memory:', { clock }),
}

const second = (seconds: number) => Date.UTC(2000, 0, 1) + seconds * 1_000

/** Requests as `[address, second]`, anything else as it stands. */
async function figures(log: readonly ([string, number] | string)[], idle: string, max: string, backend = 'memory') {
  const lines = log.map((each) => (typeof each === 'string' ? each : clf(...each)))
  return figuresOf(
    await replay(lines, {
      backend: BACKENDS[backend]!,
      idle: duration(idle),
      max: max === 'unbounded' ? max : duration(max),
    }),
  )
}

describe.each(Object.keys(BACKENDS))('on %s', (backend) => {
  test.each([
    ['30m', '12h', 10_000, 1],
    ['30m', '12h', 3_000, 2],
    ['1s', '12h', 2_000, 3],
    ['5m', '1h', 2_000, 4],
    ['2h', '20m', 2_000, 5],
    ['7d', '30d', 1_000, 6],
  ])('a made-up day, idle %s, max %s: %i requests, seed %i', async (idle, max, requests, seed) => {
    const lines = [...generateDay({ seed, requests })]
    const result = await replay(lines, { backend: BACKENDS[backend]!, idle: duration(idle), max: duration(max) })
    const expected = count(lines.map(cut), duration(idle).ms, duration(max).ms)
    expect(figuresOf(result)).toEqual(expected)
    expect(expected.requests).toBe(requests)
  })

  test('random logs: few visitors, short spans, so that every deadline is hit, missed and met exactly', async () => {
    const line = fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({
          who: fc.nat({ max: 3 }),
          step: fc.integer({ min: -4, max: 9 }),
          zone: fc.integer({ min: -12, max: 14 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          who: fc.nat({ max: 3 }),
          step: fc.integer({ min: 0, max: 2_000 }),
          zone: fc.constant(0),
        }),
      },
      { weight: 1, arbitrary: fc.constantFrom('', 'garbage', '- - - [') },
    )
    const span = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1_500 }))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 120 }), span, span, async (drawn, idle, max) => {
        let now = 1_000
        const lines: string[] = []
        const log: (Request | 'skipped')[] = []
        for (const each of drawn) {
          if (typeof each === 'string') {
            lines.push(each)
            log.push('skipped')
            continue
          }
          now += each.step
          const address = `10.0.0.${each.who}`
          lines.push(clf(address, now, each.zone))
          log.push({ address, at: second(now) })
        }
        const options = {
          backend: BACKENDS[backend]!,
          idle: milliseconds(idle * 1_000),
          max: milliseconds(max * 1_000),
        }
        const result = figuresOf(await replay(lines, options))
        expect(result).toEqual(count(log, idle * 1_000, max * 1_000))
        expect(result.sessionsStarted).toBe(result.endedByIdle + result.endedByCap + result.liveAtEnd)
        expect(result.requests).toBe(result.sessionsStarted + result.sessionsContinued)
      }),
      { numRuns: backend === 'memory' ? 500 : 150 },
    )
  })

  test('a request one second before the deadline continues, exactly at it starts anew', async () => {
    const at = (gap: number) =>
      figures(
        [
          ['a', 0],
          ['a', gap],
        ],
        '30m',
        '12h',
        backend,
      )
    expect(await at(1_799)).toMatchObject({ sessionsStarted: 1, sessionsContinued: 1, endedByIdle: 0, liveAtEnd: 1 })
    expect(await at(1_800)).toMatchObject({ sessionsStarted: 2, sessionsContinued: 0, endedByIdle: 1, liveAtEnd: 1 })
  })

  test('whoever never pauses meets the cap', async () => {
    const poll = Array.from({ length: 13 }, (_, index): [string, number] => ['probe', index * 300])
    expect(await figures(poll, '30m', '1h', backend)).toMatchObject({ sessionsStarted: 2, endedByCap: 1, liveAtEnd: 1 })
    expect(await figures(poll, '30m', 'unbounded', backend)).toMatchObject({ sessionsStarted: 1, endedByCap: 0 })
  })

  test('a deadline that is both counts as the cap; a cap below the idle time always decides', async () => {
    expect(
      await figures(
        [
          ['a', 0],
          ['b', 60],
        ],
        '1m',
        '1m',
        backend,
      ),
    ).toMatchObject({ endedByCap: 1, endedByIdle: 0 })
    expect(
      await figures(
        [
          ['a', 0],
          ['b', 60],
        ],
        '1h',
        '1m',
        backend,
      ),
    ).toMatchObject({ endedByCap: 1, endedByIdle: 0 })
  })

  test('a late line is replayed at the latest time seen', async () => {
    const log: [string, number][] = [
      ['a', 0],
      ['b', 2_000],
      ['a', 1_000],
      ['c', 1_999],
      ['b', 2_000],
    ]
    expect(await figures(log, '30m', '12h', backend)).toMatchObject({
      lateLines: 2,
      sessionsStarted: 4,
      sessionsContinued: 1,
      endedByIdle: 1,
      peakLive: 3,
    })
  })

  test('a sweep removes each dead row once; a row that its visitor overwrote first is not swept', async () => {
    const overwritten: [string, number][] = [
      ['a', 0],
      ['a', 60],
      ['a', 120],
    ]
    expect(await figures(overwritten, '1m', '12h', backend)).toMatchObject({ endedByIdle: 2, sweptRows: 0 })
    const swept: [string, number][] = [
      ['a', 0],
      ['b', 599],
      ['c', 600],
      ['a', 601],
      ['d', 700],
    ]
    expect(await figures(swept, '1m', '12h', backend)).toMatchObject({ endedByIdle: 4, sweptRows: 4, liveAtEnd: 1 })
  })

  test('nothing at all', async () => {
    const nothing = {
      requests: 0,
      lateLines: 0,
      sessionsStarted: 0,
      sessionsContinued: 0,
      endedByIdle: 0,
      endedByCap: 0,
      liveAtEnd: 0,
      sweptRows: 0,
      peakLive: 0,
    }
    expect(await figures([], '30m', '12h', backend)).toEqual({ ...nothing, skippedLines: 0 })
    expect(await figures(['', 'x'], '30m', '12h', backend)).toEqual({ ...nothing, skippedLines: 2 })
  })
})

describe('the made-up day', () => {
  const day = (seed: number) => [...generateDay({ seed, requests: 4_000 })]

  test('is the same for the same seed, and another for another', () => {
    expect(day(3)).toEqual(day(3))
    expect(day(3)).not.toEqual(day(4))
  })

  test('has what a real log has: the cap at work, late and malformed lines, exact deadlines', () => {
    const counted = count(day(1).map(cut), 1_800_000, 43_200_000)
    expect(counted.endedByCap).toBeGreaterThan(0)
    expect(counted.lateLines).toBeGreaterThan(0)
    expect(counted.skippedLines).toBeGreaterThan(0)
    const feed = day(1)
      .filter((line) => line.startsWith('feeds.example.net'))
      .map(cut)
      .filter((line) => line !== 'skipped')
    const gaps = feed.slice(1).map((request, index) => request.at - feed[index]!.at)
    expect(new Set(gaps)).toEqual(new Set([1_800_000]))
  })
})

test('the plot shows the most sessions live in each part, what began before included', () => {
  const visit = (startedAt: number, expiresAt: number) => ({
    address: 'a',
    startedAt,
    lastAt: startedAt,
    requests: 1,
    expiresAt,
    capped: false,
  })
  const visits = [visit(0, 25), visit(5, 10), visit(10, 12), visit(31, 99)]
  expect(liveIn(visits, 0, 39, 4)).toEqual([2, 2, 1, 1])
  expect(liveIn(visits, 0, 39, 1)).toEqual([2])
  expect(liveIn([visit(0, 25), visit(10, 12)], 0, 39, 4)).toEqual([1, 2, 1, 0])
  expect(liveIn([visit(7, 9)], 7, 7, 3)).toEqual([1, 1, 1])
  expect(liveIn([], 0, 0, 2)).toEqual([0, 0])
})
