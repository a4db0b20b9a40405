import { existsSync, readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The installed versions of packages. */
export function versionsOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries([...new Set(names)].map((name) => [name, versionOf(name)]))
}

function versionOf(name: string): string {
  const entry = fileURLToPath(import.meta.resolve(name))
  for (let directory = dirname(entry); directory !== dirname(directory); directory = dirname(directory)) {
    const file = join(directory, 'package.json')
    if (!existsSync(file)) continue
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string }
    if (manifest.version !== undefined) return manifest.version
  }
  throw new Error(`${name} has no version`)
}

export interface Machine {
  readonly node: string
  readonly platform: string
  readonly cpus: string
  readonly memoryGb: number
}

export function machine(): Machine {
  const list = cpus()
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: `${list.length} × ${list[0]?.model.trim() ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
  }
}
