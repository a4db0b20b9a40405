/** What is kept of a longer line: a file without line ends must not fill the memory. */
const LONGEST = 65_536

/**
 * Splits text into lines, at `\n` or `\r\n` only. (`node:readline` also splits at U+2028 and U+2029, which a user agent may contain.)
 * The end of the last line is not the start of another.
 */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = ''
  let atStart = true
  for await (const chunk of chunks) {
    const text = atStart ? chunk.replace(/^\uFEFF/, '') : rest + chunk
    atStart = false
    const lines = text.split('\n')
    rest = (lines.pop() ?? '').slice(0, LONGEST)
    for (const line of lines) yield withoutReturn(line)
  }
  if (rest !== '') yield withoutReturn(rest)
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)
