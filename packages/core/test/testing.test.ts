import { describe, expect, test } from 'vitest'
import { epochMs } from '../src/instant.ts'
import { manualClock } from '../src/testing.ts'
import { thrownBy } from './thrown.ts'

describe('manualClock', () => {
  test('stands still until it is told', () => {
    const clock = manualClock()
    expect(clock.now()).toBe(Date.UTC(2026, 0))
    expect(clock.now()).toBe(Date.UTC(2026, 0))
  })

  test('starts where it is told', () => {
    expect(manualClock('2026-12-31T23:59:59+02:00').now()).toBe(Date.UTC(2026, 11, 31, 21, 59, 59))
    expect(manualClock(new Date(5)).now()).toBe(5)
    expect(manualClock(epochMs(0)).now()).toBe(0)
  })

  test('advances by any duration', () => {
    const clock = manualClock(epochMs(0))
    clock.advance('1s')
    clock.advance({ milliseconds: 0.4 })
    clock.advance('PT1M')
    expect(clock.now()).toBe(61_001)
  })

  test('is set anywhere, also back', () => {
    const clock = manualClock(epochMs(1_000))
    clock.set(epochMs(10))
    expect(clock.now()).toBe(10)
    clock.set('2026-01-01T00:00:00Z')
    expect(clock.now()).toBe(1_767_225_600_000)
  })

  test('hands its methods out without this', () => {
    const { now, advance, set } = manualClock(epochMs(0))
    advance('1ms')
    expect(now()).toBe(1)
    set(epochMs(7))
    expect(now()).toBe(7)
  })

  test('is independent of every other', () => {
    const [one, two] = [manualClock(epochMs(0)), manualClock(epochMs(0))]
    one.advance('1h')
    expect(two.now()).toBe(0)
  })

  test('refuses what has no unit, and stays where it was', () => {
    const clock = manualClock(epochMs(5))
    expect(thrownBy(() => clock.advance(60 as unknown as '1s'))).toMatchObject({ code: 'TTL_INVALID' })
    expect(thrownBy(() => clock.advance('0s'))).toMatchObject({ code: 'TTL_INVALID' })
    expect(thrownBy(() => clock.set(60 as unknown as Date))).toMatchObject({ code: 'TTL_INVALID' })
    expect(thrownBy(() => manualClock('2026-01-01T00:00:00' as '2026-01-01T00:00:00Z'))).toMatchObject({
      code: 'TTL_INVALID',
    })
    expect(clock.now()).toBe(5)
  })
})
