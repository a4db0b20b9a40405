import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')
const src = join(folder, 'src')

it('is formatted by the rules of the repository', () => {
  const biome = join(folder, '..', '..', 'node_modules', '.bin', 'biome')
  execFileSync(biome, ['format', 'src'], { cwd: folder, stdio: 'pipe' })
})

it('has at most 150 lines of code', () => {
  const lines = readdirSync(src).flatMap((name) => readFileSync(join(src, name), 'utf8').split('\n'))
  const code = lines.map((line) => line.trim()).filter((line) => line !== '' && !/^(?:\/\/|\/\*|\*)/.test(line))
  expect(code.length).toBeLessThanOrEqual(150)
})
