import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asserting, documents, programs } from './blocks.ts'

const exec = promisify(execFile)

// Inside the package, so that the imports of an example resolve as a reader's would.
const OUT = join(import.meta.dirname, '../.examples')
const HELPER = `import { deepStrictEqual as __equal } from 'node:assert/strict'\n`
// Type stripping is on by default from Node 22.18.
const STRIP = process.features.typescript ? [] : ['--experimental-strip-types']

const all = documents().flatMap((document) => programs(document))
const nameOf = (where: string) => where.replace(/[^\w]+/g, '_')
const folder = mkdtempSync(join(tmpdir(), 'ttl-docs-'))

/** Runs a command; its output is the error. */
async function passes(command: string, args: string[]): Promise<void> {
  try {
    await exec(command, args, { cwd: folder, timeout: 60_000 })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    expect.fail(`${stdout}\n${stderr}`)
  }
}

beforeAll(() => {
  rmSync(OUT, { recursive: true, force: true })
  mkdirSync(join(OUT, 'run'), { recursive: true })
  for (const { where, code } of all) {
    writeFileSync(join(OUT, `${nameOf(where)}.ts`), `${code}\nexport {}\n`)
    writeFileSync(join(OUT, 'run', `${nameOf(where)}.ts`), `${HELPER}${asserting(code)}\n`)
  }
  const config = {
    extends: '../../tsconfig.base.json',
    compilerOptions: { noEmit: true, types: ['node'] },
    include: ['*.ts'],
  }
  writeFileSync(join(OUT, 'tsconfig.json'), JSON.stringify(config))
})

afterAll(() => {
  for (const place of [OUT, folder]) rmSync(place, { recursive: true, force: true })
})

describe('the examples of the documentation', () => {
  it('are found', () => {
    expect(all.length).toBeGreaterThan(10)
  })

  it('type-check', async () => {
    await passes('tsc', ['-p', OUT])
  })

  for (const { where, run } of all) {
    if (run)
      it(`run: ${where}`, async () => passes(process.execPath, [...STRIP, join(OUT, 'run', `${nameOf(where)}.ts`)]))
  }
})
