import { execFile } from 'node:child_process'
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const exec = promisify(execFile)
const PRIVATE = join(import.meta.dirname, '../../../.toolchain/redis')
/** What Debian and Ubuntu call the server, and the libraries that may be missing. */
const WANTED = ['redis-tools', 'redis-server']
const LIBRARIES = [
  'libjemalloc2',
  'liblzf1',
  'libhiredis1.1.0',
  'liblua5.1-0',
  'libatomic1',
  'libssl3',
  'libssl3t64',
  'libsystemd0',
]

/** How `redis-server` is run. */
export interface Binary {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * A Redis 7: `REDIS_SERVER`, the one on the path, or else one that apt downloads into a private directory, without
 * installing anything and without being root. Nothing that the system starts is used.
 */
export function redisServer(): Promise<Binary> {
  found ??= find()
  return found
}

let found: Promise<Binary> | undefined

async function find(): Promise<Binary> {
  const own = process.env.REDIS_SERVER
  const places = (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'redis-server'))
  for (const path of own === undefined ? places : [own]) {
    const binary = { path, env: {} }
    if (await runs(binary)) return binary
  }
  if (!(await runs(await fetched()))) await fetchPackages().catch(explain)
  const binary = await fetched()
  if (!(await runs(binary))) explain(new Error('the downloaded redis-server does not run'))
  return binary
}

async function fetched(): Promise<Binary> {
  return { path: join(PRIVATE, 'root/usr/bin/redis-server'), env: { LD_LIBRARY_PATH: await libraries() } }
}

async function runs({ path, env }: Binary): Promise<boolean> {
  try {
    const { stdout } = await exec(path, ['--version'], { env: { ...process.env, ...env } })
    return Number(/v=(\d+)/.exec(stdout)?.[1]) >= 7
  } catch {
    return false
  }
}

async function libraries(): Promise<string> {
  const base = join(PRIVATE, 'root/usr/lib')
  const found = await readdir(base).catch(() => [])
  return found
    .filter((name) => name.includes('-linux-'))
    .map((name) => join(base, name))
    .join(':')
}

/** One process at a time; a place that is complete appears at once. */
async function fetchPackages(): Promise<void> {
  await mkdir(dirname(PRIVATE), { recursive: true })
  const lock = `${PRIVATE}.lock`
  while (!(await locked(lock))) await sleep(200)
  try {
    // Whoever had the lock before may have done it.
    if (await runs(await fetched())) return
    const place = `${PRIVATE}.part`
    for (const old of [PRIVATE, place]) await rm(old, { recursive: true, force: true })
    await fetchInto(place)
    await rename(place, PRIVATE)
  } finally {
    await rm(lock, { force: true })
  }
}

async function fetchInto(place: string): Promise<void> {
  for (const directory of ['state/lists/partial', 'cache/archives/partial', 'deb', 'root']) {
    await mkdir(join(place, directory), { recursive: true })
  }
  await writeFile(join(place, 'state/status'), '')
  const directories = ['-o', `Dir::State=${place}/state`, '-o', `Dir::Cache=${place}/cache`]
  const apt = [...directories, '-o', 'APT::Sandbox::User=root']
  const options = { cwd: join(place, 'deb'), timeout: 180_000, maxBuffer: 1 << 26 }
  await exec('apt-get', [...apt, 'update'], options)
  for (const name of WANTED) await exec('apt-get', [...apt, 'download', name], options)
  // Which of these there are, and are missing here, depends on the release.
  for (const name of LIBRARIES) await exec('apt-get', [...apt, 'download', name], options).catch(() => undefined)
  for (const name of await readdir(options.cwd)) {
    await exec('dpkg', ['-x', join(options.cwd, name), join(place, 'root')])
  }
  await access(join(place, 'root/usr/bin/redis-server'))
}

/** Takes the lock, also from a process that is no more. */
async function locked(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
  if (holder > 0 && !alive(holder)) await rm(lock, { force: true })
  return false
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function explain(cause: unknown): never {
  throw new Error(
    'This needs a redis-server 7 or newer. None is on the path, and none could be downloaded with apt. ' +
      'Install one, or set REDIS_SERVER to its path.',
    { cause },
  )
}
