import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** Runs a module of this folder in a process of its own, where nothing else is in the heap. It prints its answer as JSON. */
export async function inChild<T>(module: string, args: readonly unknown[], flags: readonly string[] = []): Promise<T> {
  const file = join(import.meta.dirname, module)
  const { stdout } = await exec(process.execPath, [...flags, file, ...args.map((arg) => JSON.stringify(arg))], {
    maxBuffer: 2 ** 24,
  })
  return JSON.parse(stdout) as T
}

/** What {@link inChild} was given. */
export const given = <T extends readonly unknown[]>(): T => process.argv.slice(2).map((arg) => JSON.parse(arg)) as never
