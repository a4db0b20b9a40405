/** The program in the README runs, and answers what it says. */
import { deepStrictEqual } from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { asserting } from '../../../docs/test/blocks.ts'

const folder = join(import.meta.dirname, '..')

it('the program in the README answers what it says', async () => {
  const [, code = ''] = /^```typescript\n(.*?)^```$/ms.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? []
  const equals: unknown[] = []
  Object.assign(globalThis, {
    __equal: (actual: unknown, expected: unknown) => equals.push(deepStrictEqual(actual, expected)),
  })
  const file = join(folder, `.readme-${process.pid}.ts`)
  writeFileSync(file, asserting(code))
  try {
    await import(file)
  } finally {
    rmSync(file)
  }
  expect(equals).toHaveLength(code.split('// =>').length - 1)
})
