import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')

/** A program in the documentation: a fenced `ts` block, and the blocks marked `continued` after it. */
export interface Program {
  /** File and line, for messages. */
  readonly where: string
  readonly code: string
  readonly run: boolean
}

/** The documents that readers see. */
export function documents(): string[] {
  return globSync(['README.md', 'docs/*.md', 'docs/coming-from/*.md', 'packages/*/README.md', 'examples/*/README.md'], {
    cwd: ROOT,
  }).sort()
}

export function programs(document: string): Program[] {
  const found: Program[] = []
  let open: { line: number; info: string; lines: string[] } | undefined
  for (const [index, line] of readFileSync(join(ROOT, document), 'utf8').split('\n').entries()) {
    if (open === undefined) {
      const fence = /^```ts\b\s*(.*)$/.exec(line)
      if (fence !== null) open = { line: index + 1, info: fence[1] ?? '', lines: [] }
    } else if (line === '```') {
      const code = open.lines.join('\n')
      const previous = found.at(-1)
      if (!['', 'continued', 'no-run'].includes(open.info))
        throw new Error(`${document}:${open.line}: unknown kind of block "${open.info}"`)
      if (open.info === 'continued' && previous !== undefined)
        found[found.length - 1] = { ...previous, code: `${previous.code}\n${code}` }
      else found.push({ where: `${document}:${open.line}`, code, run: open.info !== 'no-run' })
      open = undefined
    } else {
      open.lines.push(line)
    }
  }
  return found
}

/** Turns each `expression // => value` into an assertion. */
export function asserting(code: string): string {
  return code.replace(
    /^(\s*);?(.+?)\s*\/\/ => (.+)$/gm,
    (_, indent: string, expression: string, value: string) => `${indent};__equal((${expression}), (${value}))`,
  )
}
