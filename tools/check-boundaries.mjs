// The import boundaries are rules of biome.json. A rule that never fires proves nothing: this plants each violation
// in a copy of the tree's outline and expects biome to report it, and plants what is allowed and expects silence.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const copy = mkdtempSync(join(tmpdir(), 'ttl-boundaries-'))

const imports = 'lint/style/noRestrictedImports'
const cycles = 'lint/suspicious/noImportCycles'
const clock = 'plugin'
const promises = 'lint/nursery/noFloatingPromises'
const core = 'packages/core/src'
const sqlite = 'packages/sqlite/src'

/** [what it shows, file, its text, the rule that must report it, or undefined] */
const plants = []
const plant = (title, file, text, rule) => plants.push({ title, file, text, rule })
const planted = (file, from, rule) => plant(`${file} imports ${from}`, file, `import '${from}'\n`, rule)

const kernel = ['duration', 'errors', 'instant', 'jitter', 'lifetime', 'policy', 'resolve', 'timeline', 'timing']
for (const file of kernel) {
  for (const impure of ['store', 'namespace', 'group', 'memory', 'backend', 'clock']) {
    planted(`${core}/${file}.ts`, `./${impure}.ts`, imports)
  }
}
planted(`${core}/resolve/chain.ts`, '../store.ts', imports)
planted(`${core}/resolve/chain.ts`, '../policy.ts', undefined)
planted(`${core}/policy.ts`, './lifetime.ts', undefined)
planted(`${core}/duration.ts`, 'node:util', imports)
for (const file of ['backend', 'memory', 'payload', 'adapter']) {
  for (const from of ['./policy.ts', './resolve.ts', './resolve/chain.ts', './store.ts']) {
    planted(`${core}/${file}.ts`, from, imports)
  }
}
planted(`${core}/backend.ts`, './timing.ts', undefined)
planted(`${core}/backend.ts`, 'node:fs', imports)
for (const from of ['node:fs', 'node:timers/promises', 'fast-check', '@ttl/sqlite', 'better-sqlite3']) {
  planted(`${core}/store.ts`, from, imports)
}
planted(`${core}/store.ts`, '../../sqlite/src/index.ts', imports)
planted(`${core}/store.ts`, './clock.ts', undefined)
for (const from of ['@ttl/redis', '@ttl/postgres', '@ttl/conformance', 'fast-check', 'ws', '../../core/src/index.ts']) {
  planted(`${sqlite}/index.ts`, from, imports)
}
for (const from of ['@ttl/core', '@ttl/core/adapter', 'better-sqlite3', 'node:fs', 'node:timers/promises', './a.ts']) {
  planted(`${sqlite}/index.ts`, from, undefined)
}
for (const from of ['@ttl/sqlite', 'vitest', 'better-sqlite3', '../../core/src/index.ts']) {
  planted('packages/conformance/src/index.ts', from, imports)
}
for (const from of ['@ttl/core', '@ttl/core/testing', 'fast-check', 'node:assert', 'node:assert/strict', './law.ts']) {
  planted('packages/conformance/src/index.ts', from, undefined)
}
for (const from of ['@ttl/conformance', '@ttl/backends', 'vitest', '../../core/src/index.ts']) {
  planted('packages/cli/src/main.ts', from, imports)
}
for (const from of ['@ttl/core', '@ttl/core/memory', '@ttl/sqlite', 'pg', 'commander', 'node:fs', './load.ts']) {
  planted('packages/cli/src/main.ts', from, undefined)
}
planted('packages/keyv/src/index.ts', '@ttl/sqlite', imports)
planted('packages/sqlite/test/conformance.test.ts', '@ttl/conformance', undefined)
planted('packages/sqlite/test/conformance.test.ts', '../../core/src/index.ts', imports)
planted('examples/session-replay/src/main.ts', '@ttl/sqlite', undefined)
for (const read of [
  'Date.now()',
  'Date.now',
  'new Date()',
  'new Date',
  'Date()',
  'performance.now()',
  'globalThis.Date.now()',
]) {
  plant(`the store reads ${read}`, `${core}/store.ts`, `export const t = ${read}\n`, clock)
  plant(`an adapter reads ${read}`, `${sqlite}/index.ts`, `export const t = ${read}\n`, clock)
}
plant('clock.ts reads Date.now()', `${core}/clock.ts`, 'export const t = Date.now()\n', undefined)
plant('new Date(ms) is pure', `${core}/instant.ts`, 'export const t = new Date(5)\n', undefined)
plant('a test reads Date.now()', 'packages/core/test/a.test.ts', 'export const t = Date.now()\n', undefined)
const round = `import { b } from './cycle-b.ts'\nexport const a = () => b\n`
plant('a cycle', `${sqlite}/cycle-a.ts`, round, cycles)
const typed = `import type { B } from './types-b.ts'\nexport type A = B\n`
plant('a cycle of types in core', `${core}/types-a.ts`, typed, cycles)
plant('a promise left alone', `${core}/store.ts`, 'async function f() {}\nexport function g() {\n  f()\n}\n', promises)

/** Biome reads one tree; each plant gets a tree of its own so that two may use one file name. */
function outline(folder) {
  mkdirSync(folder, { recursive: true })
  for (const file of ['biome.json', '.gitignore', 'package.json', 'tools/wall-clock.grit'])
    cpSync(join(root, file), join(folder, file))
  for (const parent of ['packages', 'examples']) {
    for (const name of readdirSync(join(root, parent))) {
      const manifest = join(parent, name, 'package.json')
      cpSync(join(root, manifest), join(folder, manifest), { force: true })
    }
  }
}

function report(folder) {
  const args = ['lint', '--reporter=json', '--max-diagnostics=none']
  const { stdout, stderr, error } = spawnSync('biome', args, { cwd: folder, encoding: 'utf8' })
  try {
    return JSON.parse(stdout).diagnostics
  } catch {
    throw new Error(`biome gave no report: ${error?.message ?? ''}\n${stdout}${stderr}`)
  }
}

const wrong = []
try {
  // As many rounds as the most used file name needs.
  const rounds = []
  for (const one of plants) {
    const free = rounds.find((round) => !round.has(one.file))
    if (free) free.set(one.file, one)
    else rounds.push(new Map([[one.file, one]]))
  }
  for (const [index, round] of rounds.entries()) {
    const folder = join(copy, String(index))
    outline(folder)
    for (const { file, text } of round.values()) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
    const partners = {
      [`${sqlite}/cycle-a.ts`]: `import { a } from './cycle-a.ts'\nexport const b = () => a\n`,
      [`${core}/types-a.ts`]: `import type { A } from './types-a.ts'\nexport type B = A[]\n`,
    }
    for (const [file, text] of Object.entries(partners)) {
      if (round.has(file)) writeFileSync(join(folder, file.replace('-a.ts', '-b.ts')), text)
    }
    const found = report(folder)
    // Plants may form cycles among themselves.
    const guards = [imports, clock]
    for (const { title, file, rule } of round.values()) {
      const said = found.filter((one) => one.location.path === file).map((one) => one.category)
      if (rule !== undefined && !said.includes(rule)) wrong.push(`not reported by ${rule}: ${title}`)
      if (rule === undefined && said.some((one) => guards.includes(one))) wrong.push(`refused, but allowed: ${title}`)
    }
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}

for (const problem of wrong) console.log(problem)
const refused = plants.filter((one) => one.rule !== undefined).length
console.log(`summary: ${refused} planted violations refused, ${plants.length - refused} allowed`)
process.exitCode = wrong.length === 0 ? 0 : 1
