// Finds or installs the Node and the pnpm that this repository is built with. Runs on Node 20, before any install.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

export const root = join(import.meta.dirname, '..')

const NODE = '24.21.0'
const PNPM = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.replace('pnpm@', '')
const folder = join(root, '.toolchain')
const bin = join(folder, 'node_modules', '.bin')

const version = (command) => {
  const { status, stdout } = spawnSync(command, ['--version'], { cwd: folder, encoding: 'utf8', timeout: 30_000 })
  return status === 0 ? stdout.trim().replace(/^v/, '') : undefined
}

/** This Node will do if it is new enough for the packages and can strip types. */
const nodeWillDo = Number(process.versions.node.split('.')[0]) >= 22 && Boolean(process.features.typescript)

/** A folder with this Node and nothing else: the folder it lives in may hold another pnpm. */
function ownNode() {
  if (process.platform === 'win32') return dirname(process.execPath)
  const only = join(folder, 'own')
  rmSync(only, { recursive: true, force: true })
  mkdirSync(only)
  symlinkSync(process.execPath, join(only, 'node'))
  return only
}

/** What the tools need of the environment: no telemetry, no update notices, no questions, a home they can write to. */
function environment() {
  const env = {
    ...process.env,
    DO_NOT_TRACK: '1',
    NO_UPDATE_NOTIFIER: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    CI: process.env.CI || 'true',
  }
  // What is captured is shown in the end where we write to.
  if (!env.NO_COLOR && !env.FORCE_COLOR) env[process.stdout.isTTY ? 'FORCE_COLOR' : 'NO_COLOR'] = '1'
  // npm hands its own configuration to the scripts that it runs; the inner npm must find its own.
  for (const key of ['prefix', 'global_prefix', 'local_prefix']) delete env[`npm_config_${key}`]
  env.npm_config_update_notifier = 'false'
  try {
    accessSync(env.HOME ?? '', constants.W_OK)
  } catch {
    env.HOME = join(folder, 'home')
    mkdirSync(env.HOME, { recursive: true })
    for (const key of ['cache', 'userconfig']) delete env[`npm_config_${key}`]
  }
  return env
}

/**
 * @param {(command: string, args: string[], env: NodeJS.ProcessEnv) => Promise<{ code: number }>} run
 * @returns the environment to run everything else in, and a line that says what was found; `undefined` if npm failed
 */
export async function toolchain(run) {
  mkdirSync(folder, { recursive: true })
  const env = environment()
  const needsNode = !nodeWillDo && version(join(bin, 'node')) !== NODE
  const needsPnpm = version('pnpm') !== PNPM && version(join(bin, 'pnpm')) !== PNPM
  if (needsNode || needsPnpm) {
    // One call with both: npm removes from the folder what a call does not name.
    const wanted = [...(nodeWillDo ? [] : [`node@${NODE}`]), `pnpm@${PNPM}`]
    const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
    const npm = process.env.npm_execpath?.endsWith('npm-cli.js')
      ? [process.execPath, process.env.npm_execpath]
      : ['npm']
    const args = [...npm.slice(1), 'install', '--prefix', folder, '--ignore-scripts=false', ...flags, ...wanted]
    const { code } = await run(npm[0], args, env)
    if (code !== 0) return undefined
  }
  env.PATH = [...(nodeWillDo ? [ownNode()] : []), bin, join(root, 'node_modules', '.bin'), env.PATH].join(delimiter)
  return { env, line: `node ${nodeWillDo ? process.versions.node : NODE}, pnpm ${PNPM}` }
}
