// The one entry point: node tools/run.mjs <command> [--verbose]. It brings the toolchain along, then runs the tasks.
// Runs on Node 20 with nothing installed.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { indented, line, reportOn, run, seconds } from './report.mjs'
import { root, toolchain } from './toolchain.mjs'

/** Which example a demo runs. */
const DEMOS = {
  demo: 'session-replay',
  'demo:sign-in': 'sign-in',
  'demo:model-records': 'model-records',
  'demo:durable-agents': 'durable-agents',
  'demo:skill-checkpoints': 'skill-checkpoints',
}
const COMMANDS = [...Object.keys(DEMOS), 'test', 'setup', 'build', 'typecheck', 'lint', 'format']
const [command, ...rest] = process.argv.slice(2)
const verbose = rest.includes('--verbose')
const started = performance.now()
const results = process.env.TTL_RESULTS_DIR ?? join(root, '.results')
const checks = []
const packages = []
let env = process.env

/** One step: a line when it ends, its output when it fails. Counts as one check. */
async function step(name, detail, program, args, options = {}) {
  const done = await run(program, args, { env, cwd: root, live: verbose, ...options })
  const ok = done.code === 0
  const [, said] = done.output.match(/^summary: (.*)$/m) ?? []
  line(ok, name, said ?? detail, done.ms)
  if (!ok && !verbose) indented(done.output)
  checks.push({ name, ok, seconds: done.ms / 1000 })
  return ok
}

async function prepare() {
  const from = performance.now()
  let failure = ''
  const found = await toolchain(async (program, args, env) => {
    const done = await run(program, args, { env, cwd: root, live: verbose })
    failure = done.output
    return done
  })
  line(found !== undefined, 'toolchain', found?.line ?? 'npm could not install it', performance.now() - from)
  if (found === undefined) {
    indented(failure)
    checks.push({ name: 'toolchain', ok: false, seconds: 0 })
    return false
  }
  env = found.env
  return step('install', 'dependencies, as the lockfile says', 'pnpm', ['install', '--frozen-lockfile'])
}

const turbo = (task, ...filters) => [
  'run',
  task,
  '--concurrency=2',
  '--output-logs=errors-only',
  '--continue=dependencies-successful',
  ...filters,
]
const build = (...filters) => step('build', 'tsc, src to dist', 'turbo', turbo('build', ...filters))
const typecheck = () => step('types', 'sources, tests and type tests', 'turbo', turbo('typecheck'))
const lint = () => step('lint', 'biome: rules, formatting, import order', 'biome', ['check', '--error-on-warnings'])
const boundaries = () => step('boundaries', 'each forbidden import is refused', 'node', ['tools/check-boundaries.mjs'])
const packed = () =>
  step('packages', 'publint and are-the-types-wrong on tarballs', 'node', ['tools/check-packages.mjs'])

function workspace() {
  const folders = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
  )
  return [...folders, join(root, 'docs')]
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
}

/** Judges one package by its exit code and by what vitest reported: no tests, or skipped ones, are failures. */
function judge(name, isVitest, code) {
  const file = join(results, `${name}.json`)
  if (!isVitest) return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, why: '' }
  if (!existsSync(file)) return { name, passed: 0, failed: 1, skipped: 0, why: 'no test results' }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const passed = report.numPassedTests
  const skipped = report.numPendingTests + report.numTodoTests
  // A file that throws while it is loaded has no tests to fail.
  const broken = report.testResults.filter((one) => one.status === 'failed' && one.assertionResults.length === 0).length
  let failed = report.numFailedTests + broken + skipped
  let why = skipped > 0 ? `${skipped} skipped, which is not allowed` : ''
  if (report.numTotalTests === 0) why = 'no tests'
  if (failed === 0 && (code !== 0 || !report.success || report.numTotalTests === 0)) failed = 1
  return { name, passed, failed, skipped, why }
}

async function test(names) {
  const queue = workspace().filter(({ manifest }) => manifest.scripts?.test)
  if (names.length > 0) queue.splice(0, queue.length, ...queue.filter(({ folder }) => names.includes(basename(folder))))
  const testEnv = { ...env, TTL_RESULTS_DIR: results, TTL_NOTES_DIR: join(results, 'notes') }
  const worker = async (queue) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { folder, manifest } = next
      const name = basename(folder)
      const done = await run('pnpm', ['run', 'test'], { env: testEnv, cwd: folder, live: verbose })
      const verdict = judge(name, manifest.scripts.test.includes('vitest'), done.code)
      const ok = verdict.failed === 0
      const counts = `${verdict.passed} passed${ok ? '' : `, ${verdict.failed} failed`}`
      line(ok, `test ${name}`, verdict.why ? `${counts} (${verdict.why})` : counts, done.ms)
      if (!ok && !verbose) indented(done.output)
      packages.push({ ...verdict, seconds: done.ms / 1000 })
    }
  }
  // Suites against a server's clock judge what happens when: they have the machine to themselves.
  const alone = queue.filter(({ manifest }) => manifest.ttl?.testAlone)
  const others = queue.filter(({ manifest }) => !manifest.ttl?.testAlone)
  // The longest first, or one worker would end with it alone.
  others.sort(
    (one, other) => Number(other.manifest.ttl?.testFirst ?? false) - Number(one.manifest.ttl?.testFirst ?? false),
  )
  await Promise.all([worker(others), worker(others)])
  await worker(alone)
}

/** What tests left to be shown: how many laws ran per backend, which mutants were killed. */
function notes() {
  const folder = join(results, 'notes')
  for (const name of readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()) {
    console.log()
    indented(readFileSync(join(folder, name), 'utf8'))
  }
}

function finish() {
  const total = (field) => packages.reduce((sum, one) => sum + one[field], 0)
  const bad = checks.filter((check) => !check.ok)
  const passed = total('passed') + checks.length - bad.length
  const failed = total('failed') + bad.length
  const took = performance.now() - started
  const summary = {
    ok: failed === 0,
    passed,
    failed,
    skipped: total('skipped'),
    seconds: took / 1000,
    checks,
    packages,
  }
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`)
  const broken = [
    ...bad.map((check) => check.name),
    ...packages.filter((one) => one.failed > 0).map((one) => `test ${one.name}`),
  ]
  console.log(
    `\n${failed === 0 ? 'All good' : `Failed: ${broken.join(', ')}`}. ` +
      `Tests: ${total('passed')} passed, ${total('failed')} failed. ` +
      `Checks: ${checks.length - bad.length} passed, ${bad.length} failed. ${seconds(took)}`,
  )
}

async function main() {
  const names = rest.filter((word) => !word.startsWith('-'))
  if (!COMMANDS.includes(command)) {
    console.error(`usage: node tools/run.mjs <${COMMANDS.join(' | ')}> [--verbose]`)
    return 2
  }
  if (command === 'test') {
    rmSync(results, { recursive: true, force: true })
    mkdirSync(join(results, 'notes'), { recursive: true })
  }
  // The demo's own output, its JSON above all, is all there is on standard output.
  if (command in DEMOS) reportOn(process.stderr)
  if (await prepare()) {
    if (command === 'test' && names.length > 0) {
      if (await build()) await test(names)
    } else if (command === 'test') {
      await lint()
      await boundaries()
      const built = await build()
      await typecheck()
      await test([])
      if (built) await packed()
      else console.log('- packages         not checked: the build failed')
    } else if (command === 'build') await build()
    else if (command === 'typecheck') await typecheck()
    else if (command === 'lint') {
      await lint()
      await boundaries()
    } else if (command === 'format') await step('format', 'biome', 'biome', ['check', '--write'])
    else if (command in DEMOS && (await build(`--filter=@ttl/example-${DEMOS[command]}`))) {
      const { CI: _, ...plain } = env
      const program = join(root, 'examples', DEMOS[command], 'dist', 'main.js')
      const args = [program, ...rest.filter((word) => word !== '--verbose')]
      // Where the user called from: a file that the demo is given is named from there.
      const cwd = process.env.INIT_CWD ?? process.cwd()
      return (await run('node', args, { env: process.env.CI ? env : plain, cwd, live: true, input: 'inherit' })).code
    }
  }
  if (command === 'test') {
    notes()
    finish()
  }
  return checks.every((check) => check.ok) && packages.every((one) => one.failed === 0) ? 0 : 1
}

process.exitCode = await main()
