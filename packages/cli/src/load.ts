import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Failure } from './exit.ts'

/** An adapter, and the driver that stands beside it. */
export interface Adapter<Exports> {
  readonly exports: Exports
  /** Loads the driver that the adapter itself uses. */
  driver<Driver>(name: string): Promise<Driver>
}

/**
 * Loads an adapter where it is installed: beside this program, else in the project that it was started in.
 *
 * @throws {@link Failure} that names the packages to install
 */
export async function loadAdapter<Exports>(name: string, driver: string): Promise<Adapter<Exports>> {
  const file = beside(name) ?? from(join(process.cwd(), 'package.json'), name)
  if (file === undefined) throw missing(name, driver)
  return {
    exports: await load<Exports>(file, name, driver),
    driver: async <Driver>(wanted: string) => {
      const found = from(file, wanted)
      if (found === undefined) throw missing(name, driver)
      const loaded = await load<Driver & { default?: Driver }>(found, name, driver)
      return loaded.default ?? loaded
    },
  }
}

function beside(name: string): string | undefined {
  try {
    return fileURLToPath(import.meta.resolve(name))
  } catch {
    return undefined
  }
}

function from(place: string, name: string): string | undefined {
  try {
    return createRequire(place).resolve(name)
  } catch {
    return undefined
  }
}

async function load<Exports>(file: string, name: string, driver: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(file).href)) as Exports
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') throw missing(name, driver, error)
    throw new Failure(`${name} cannot be loaded: ${(error as Error).message}`, { cause: error })
  }
}

function missing(name: string, driver: string, cause?: unknown): Failure {
  return new Failure(`this needs ${name}, which is not installed here: npm install ${name} ${driver}`, { cause })
}
