import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ttl/core/adapter'
import { expect, it } from 'vitest'
import { Overrun, offsetOf, RealTime } from '../src/real-time.ts'

const AHEAD = 7_000

/** Reads a clock that is ahead of ours, and takes so long before and after. */
const slow = (before: number, after: number) => async () => {
  await sleep(before)
  const told = systemClock.now() + AHEAD
  await sleep(after)
  return told
}

it.each([
  [0, 0],
  [15, 0],
  [0, 15],
  [8, 8],
])('a clock that is read in %i + %i ms is known as well as it says', async (before, after) => {
  const { ms, widthMs } = await offsetOf(slow(before, after))
  expect(ms).toBeLessThanOrEqual(AHEAD)
  expect(ms + widthMs).toBeGreaterThanOrEqual(AHEAD)
})

it('what is not known to lie within its window is played again', async () => {
  const time = new RealTime(await offsetOf(slow(0, 40)), 0.01)
  await expect(time.at(10_000)).rejects.toThrow(Overrun)
})
