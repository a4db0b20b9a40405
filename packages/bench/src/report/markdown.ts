/** Cells may hold anything. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = head.map((_, index) => (index === 0 ? '---' : '--:'))
  return [row(head), `|${rule.join('|')}|`, ...rows.map(row)].join('\n')
}

export const times = (ratio: number | undefined): string =>
  ratio === undefined ? '–' : ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)

export const count = (value: number): string => Math.round(value).toLocaleString('en')

/** Three digits. */
export const short = (value: number | undefined): string =>
  value === undefined ? '–' : value >= 1_000 ? count(value) : String(Number(value.toPrecision(3)))
