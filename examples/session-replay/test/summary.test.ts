import { duration } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { describe, expect, test } from 'vitest'
import { area, bar, timeAxis } from '../src/chart.ts'
import { figuresOf } from '../src/figures.ts'
import { generateDay } from '../src/generate.ts'
import { replay } from '../src/replay.ts'
import { type Look, summary } from '../src/summary.ts'
import { clf } from './count.ts'

async function render(lines: Iterable<string>, look: Look): Promise<string> {
  const [idle, max] = [duration('30m'), duration('12h')]
  const result = await replay(lines, { backend: (clock) => memory({ clock }), idle, max })
  return summary(
    { replay: result, figures: figuresOf(result), name: 'access.log', backend: 'memory', idle, max, elapsedMs: 1_500 },
    look,
  )
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of.
const plain = (text: string) => text.replace(/\u001b\[\d+m/g, '')

describe('the summary', () => {
  test.each([48, 60, 80, 110])('fits a terminal of %i columns', async (width) => {
    const crowd = [...generateDay({ seed: 1, requests: 3_000 })]
    const longNames = Array.from({ length: 200 }, (_, index) => clf(`host.${'long.'.repeat(40)}example`, index * 300))
    const text = (await Promise.all([crowd, longNames, ['']].map((log) => render(log, { width, color: false })))).join(
      '',
    )
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width)
  })

  test('says the same with colours as without', async () => {
    const [plainly, colourful] = await Promise.all(
      [false, true].map((color) => render(generateDay({ seed: 1, requests: 500 }), { width: 80, color })),
    )
    expect(colourful).not.toBe(plainly)
    expect(plain(colourful!)).toBe(plainly)
  })

  test('of a single request', async () => {
    const text = await render([clf('a', 0, -7)], { width: 80, color: false })
    expect(text).toContain('1 request from 1 address · 1 session\n')
    expect(text).toContain('31 Dec 1999 17:00:00 – 17:00:00 -0700')
  })

  test('names who was stopped by the cap', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => clf('198.51.100.7', index * 300))
    expect(await render(lines, { width: 80, color: false })).toContain(
      'stopped by the cap: 198.51.100.7 · 144 requests in 11h55m',
    )
  })
})

describe('charts', () => {
  test('an area is as high as its largest value, and shows whatever is above zero', () => {
    expect(area([0, 1, 8, 16], 2)).toEqual(['   █', ' ▁██'])
    expect(area([1_000, 1], 1)).toEqual(['█▁'])
    expect(area([], 2)).toEqual(['', ''])
  })

  test('a bar is as long as its share, and shows whatever is above zero', () => {
    expect(bar(1, 4)).toBe('████')
    expect(bar(0.5, 3)).toBe('█▌')
    expect(bar(0.0001, 4)).toBe('▏')
    expect(bar(0, 4)).toBe('')
  })

  test('an axis has round times in the zone of the log', () => {
    const midnight = Date.UTC(2026, 2, 10)
    const [ticks, labels] = timeAxis(midnight, midnight + 86_399_999, 48, 0)
    expect(labels).toBe('00:00       06:00       12:00       18:00')
    expect(ticks).toBe(`${'┬───────────'.repeat(4)}`)
    expect(timeAxis(midnight, midnight + 86_399_999, 48, 3_600_000)[1]).toBe('          06:00       12:00       18:00')
    expect(timeAxis(midnight, midnight + 20 * 86_400_000, 60, 0)[1]).toMatch(/12 Mar .*19 Mar .*26 Mar/)
    expect(timeAxis(midnight, midnight, 40, 0)[0]).toHaveLength(40)
  })
})
