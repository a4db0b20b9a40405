import { execFile } from 'node:child_process'
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
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
  const fetched = {
    path: join(PRIVATE, 'root/usr/bin/redis-server'),
    env: { LD_LIBRARY_PATH: await libraries() },
  }
  if (!(await runs(fetched))) await fetchPackages().catch(explain)
  const now = { ...fetched, env: { LD_LIBRARY_PATH: await libraries() } }
  if (!(await runs(now))) explain(new Error('the downloaded redis-server does not run'))
  return now
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

async function fetchPackages(): Promise<void> {
  await rm(PRIVATE, { recursive: true, force: true })
  for (const directory of ['state/lists/partial', 'cache/archives/partial', 'deb', 'root']) {
    await mkdir(join(PRIVATE, directory), { recursive: true })
  }
  await writeFile(join(PRIVATE, 'state/status'), '')
  const apt = [
    '-o',
    `Dir::State=${PRIVATE}/state`,
    '-o',
    `Dir::Cache=${PRIVATE}/cache`,
    '-o',
    'APT::Sandbox::User=root',
  ]
  const options = { cwd: join(PRIVATE, 'deb'), timeout: 180_000, maxBuffer: 1 << 26 }
  await exec('apt-get', [...apt, 'update'], options)
  for (const name of WANTED) await exec('apt-get', [...apt, 'download', name], options)
  // Which of these there are, and are missing here, depends on the release.
  for (const name of LIBRARIES) await exec('apt-get', [...apt, 'download', name], options).catch(() => undefined)
  for (const name of await readdir(options.cwd))
    await exec('dpkg', ['-x', join(options.cwd, name), join(PRIVATE, 'root')])
  await access(join(PRIVATE, 'root/usr/bin/redis-server'))
}

function explain(cause: unknown): never {
  throw new Error(
    'This needs a redis-server 7 or newer. None is on the path, and none could be downloaded with apt. ' +
      'Install one, or set REDIS_SERVER to its path.',
    { cause },
  )
}
