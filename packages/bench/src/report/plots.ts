import { COLOURS, circle, line, path, picture, text } from './svg.ts'

const WIDTH = 860
const [LEFT, RIGHT] = [130, 30]

export interface Dot {
  readonly series: string
  readonly value: number
}

export interface DotPlot {
  readonly title: string
  /** What was compared, on what. */
  readonly subtitle: string
  readonly axis: string
  readonly series: readonly string[]
  readonly rows: readonly { readonly label: string; readonly dots: readonly Dot[] }[]
}

/** A line for each workload, a dot for each subject, on a logarithmic axis. The first of the series is drawn large. */
export function dotPlot({ title, subtitle, axis, series, rows }: DotPlot): string {
  const values = rows.flatMap(({ dots }) => dots.map(({ value }) => value)).filter((value) => value > 0)
  const [low, high] = [
    2 ** Math.floor(Math.log2(Math.min(1, ...values))),
    2 ** Math.ceil(Math.log2(Math.max(1, ...values))),
  ]
  const legendRows = Math.ceil(series.length / 3)
  const top = 62 + legendRows * 18
  const bottom = top + rows.length * 28
  const x = (value: number) =>
    LEFT +
    ((Math.log2(value) - Math.log2(low)) / Math.max(1, Math.log2(high) - Math.log2(low))) * (WIDTH - LEFT - RIGHT)
  const colour = (name: string) => COLOURS[series.indexOf(name) % COLOURS.length] as string
  const ticks = Array.from({ length: Math.round(Math.log2(high / low)) + 1 }, (_, index) => low * 2 ** index)
  return picture(WIDTH, bottom + 44, title, [
    ...heading(title, subtitle),
    ...legend(series, colour),
    ...ticks.flatMap((tick) => [
      line(x(tick), top, x(tick), bottom, tick === 1 ? '#57606a' : '#e3e6ea', tick === 1 ? 1.5 : 1),
      text(x(tick), bottom + 16, tick < 1 ? `1/${Math.round(1 / tick)}` : String(tick), { 'text-anchor': 'middle' }),
    ]),
    text(WIDTH - RIGHT, bottom + 34, axis, { 'text-anchor': 'end', fill: '#57606a' }),
    ...rows.flatMap(({ label, dots }, index) => {
      const y = top + index * 28 + 16
      const last = (dot: Dot) => (dot.series === series[0] ? 1 : 0)
      return [
        line(LEFT, y, WIDTH - RIGHT, y, '#f0f2f4'),
        text(LEFT - 10, y + 4, label, { 'text-anchor': 'end' }),
        // Ours on top.
        ...dots
          .toSorted((a, b) => last(a) - last(b))
          .map((dot) =>
            circle(
              x(dot.value),
              y,
              last(dot) === 1 ? 7 : 5,
              colour(dot.series),
              `${dot.series}: ${dot.value.toFixed(2)}`,
            ),
          ),
      ]
    }),
  ])
}

export interface LinePlot {
  readonly title: string
  readonly subtitle: string
  readonly xAxis: string
  readonly yAxis: string
  readonly lines: readonly {
    readonly name: string
    readonly dashed: boolean
    readonly points: readonly (readonly [x: number, y: number])[]
  }[]
}

/** Lines over a logarithmic axis; the vertical one begins at zero. */
export function linePlot({ title, subtitle, xAxis, yAxis, lines }: LinePlot): string {
  const points = lines.flatMap((each) => each.points)
  const [low, high] = [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x))]
  const most = niceAbove(Math.max(...points.map(([, y]) => y)))
  const names = lines.map(({ name }) => name)
  const top = 74 + Math.ceil(names.length / 3) * 18
  const bottom = top + 240
  const x = (value: number) =>
    LEFT + (Math.log(value / low) / Math.max(1e-9, Math.log(high / low))) * (WIDTH - LEFT - RIGHT - 30)
  const y = (value: number) => bottom - (value / most) * (bottom - top)
  const colour = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length] as string
  const sizes = [...new Set(points.map(([each]) => each))]
  const levels = [0, 0.25, 0.5, 0.75, 1].map((part) => part * most)
  return picture(WIDTH, bottom + 44, title, [
    ...heading(title, subtitle),
    ...legend(names, colour),
    text(LEFT, top - 10, yAxis, { fill: '#57606a' }),
    ...levels.flatMap((level) => [
      line(LEFT, y(level), WIDTH - RIGHT, y(level), '#e3e6ea'),
      text(LEFT - 10, y(level) + 4, String(Number(level.toPrecision(3))), { 'text-anchor': 'end' }),
    ]),
    ...sizes.map((size) => text(x(size), bottom + 16, size.toLocaleString('en'), { 'text-anchor': 'middle' })),
    text(WIDTH - RIGHT, bottom + 34, xAxis, { 'text-anchor': 'end', fill: '#57606a' }),
    ...lines.flatMap((each) => [
      path(
        each.points.map(([a, b]) => [x(a), y(b)] as const),
        colour(each.name),
        each.dashed,
      ),
      ...each.points.map(([a, b]) => circle(x(a), y(b), 4, colour(each.name), `${each.name}, ${a}: ${b.toFixed(2)}`)),
    ]),
  ])
}

const heading = (title: string, subtitle: string): string[] => [
  text(16, 24, title, { 'font-size': 16, 'font-weight': 600 }),
  text(16, 43, subtitle, { fill: '#57606a' }),
]

const legend = (names: readonly string[], colour: (name: string) => string): string[] =>
  names.flatMap((name, index) => {
    const [x, y] = [22 + (index % 3) * 280, 62 + Math.floor(index / 3) * 18]
    return [circle(x, y, 5, colour(name), name), text(x + 12, y + 4, name)]
  })

function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power
}
