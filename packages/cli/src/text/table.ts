/** Two columns of a terminal each, as East Asian text and pictures take. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

const PLAIN = /^[\x20-\x7e]*$/

const segmenter = new Intl.Segmenter('en')

function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

export interface Column {
  readonly title: string
  readonly align?: 'right'
}

/** Aligned columns with a line of titles, without trailing blanks. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, index) => lines.reduce((most, line) => Math.max(most, widthOf(line[index] ?? '')), 0))
  return lines.map((line) =>
    columns
      .map(({ align }, index) => {
        const text = line[index] ?? ''
        const blanks = ' '.repeat((widths[index] ?? 0) - widthOf(text))
        return align === 'right' ? blanks + text : text + blanks
      })
      .join('  ')
      .trimEnd(),
  )
}
