import { describe, expect, it } from 'vitest'
import { plotForecast } from '../src/forecast-plot.ts'
import { fixture } from './store/fixture.ts'

async function forecasted() {
  const { store, ns, clock } = fixture()
  await ns.set('dead', 1, { ttl: '1m' })
  clock.advance('1m')
  await ns.setMany(Array.from({ length: 2_000 }, (_, index) => [`h${index}`, 1, { ttl: '30m' }] as const))
  await ns.setMany(Array.from({ length: 500 }, (_, index) => [`d${index}`, 1, { ttl: '3d' }] as const))
  await ns.group('g', { ttl: '400d' }).set('m', 1)
  await ns.set('never', 1)
  return store.forecast()
}

describe('plotForecast', () => {
  it('draws a bar for each bucket, with its count', async () => {
    expect(`\n${plotForecast(await forecasted(), { width: 60 })}\n`).toBe(`
expired         1  ▏
next hour   2,000  █████████████████████████████████████████
1h – 1d         0
1d – 7d       500  ██████████▎
7d – 30d        0
30d – 90d       0
90d – 365d      0
after 365d      1  ▏
never           1  ▏
`)
  })

  it('fills the width, and no more', async () => {
    const forecast = await forecasted()
    for (const width of [40, 80, 200]) {
      const widest = Math.max(
        ...plotForecast(forecast, { width })
          .split('\n')
          .map((line) => line.length),
      )
      expect(widest).toBe(width)
    }
    expect(plotForecast(forecast, { width: 1 })).toContain('next hour   2,000')
    expect(plotForecast(forecast)).toBe(plotForecast(forecast, { width: 80 }))
  })

  it('draws nothing where there is nothing, and names buckets of any length', async () => {
    const { store } = fixture()
    const plot = plotForecast(await store.forecast({ within: ['1d', '1d12h'] }))
    expect(`\n${plot}\n`).toBe(`
expired      0
next day     0
1d – 1d12h   0
after 1d12h  0
never        0
`)
  })
})
