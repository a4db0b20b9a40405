/** Just enough SVG for the plots. Text is escaped here. */

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

type Attributes = Readonly<Record<string, string | number>>

function tag(name: string, attributes: Attributes, content?: string): string {
  const written = Object.entries(attributes).map(([key, value]) => {
    const text = typeof value === 'number' ? String(Number(value.toFixed(1))) : escaped(value)
    return ` ${key}="${text}"`
  })
  return `<${name}${written.join('')}${content === undefined ? '/>' : `>${content}</${name}>`}`
}

export const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1): string =>
  tag('line', { x1, y1, x2, y2, stroke, 'stroke-width': width })

export const circle = (cx: number, cy: number, r: number, fill: string, title: string): string =>
  tag('circle', { cx, cy, r, fill, 'fill-opacity': 0.85 }, tag('title', {}, escaped(title)))

export const path = (points: readonly (readonly [number, number])[], stroke: string, dashed: boolean): string =>
  tag('polyline', {
    points: points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' '),
    fill: 'none',
    stroke,
    'stroke-width': 2,
    ...(dashed ? { 'stroke-dasharray': '5 4' } : {}),
  })

export const text = (x: number, y: number, content: string, more: Attributes = {}): string =>
  tag('text', { x, y, fill: '#24292f', ...more }, escaped(content))

/** On white, so that it reads on a dark page too. */
export const picture = (width: number, height: number, title: string, parts: readonly string[]): string =>
  `${tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'font-family': 'system-ui, sans-serif',
      'font-size': 12,
    },
    `\n${[tag('title', {}, escaped(title)), tag('rect', { width, height, fill: '#ffffff' }), ...parts].join('\n')}\n`,
  )}\n`

/** Told apart by those who do not see all colours (Okabe and Ito); the first is ours. */
export const COLOURS = [
  '#d55e00',
  '#000000',
  '#0072b2',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#e69f00',
  '#999999',
  '#7f5fc4',
  '#8c564b',
] as const
