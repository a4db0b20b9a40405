import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { median } from '../measure.ts'
import { inChild } from './child.ts'
import type { Study } from './finding.ts'

/** What an application imports; drivers are its own. */
const IMPORTED: Readonly<Record<string, string>> = {
  '@ttl/core': '@ttl/core',
  '@ttl/core/memory': '@ttl/core/memory',
  '@ttl/sqlite': '@ttl/sqlite',
  '@ttl/redis': '@ttl/redis',
  '@ttl/postgres': '@ttl/postgres',
  keyv: 'keyv',
  '@keyv/sqlite': '@keyv/sqlite',
  '@keyv/redis': '@keyv/redis',
  '@keyv/postgres': '@keyv/postgres',
  cacheable: 'cacheable',
  unstorage: 'unstorage',
  'lru-cache': 'lru-cache',
}

const DRIVERS = ['better-sqlite3', 'ioredis', 'redis', '@redis/*', 'pg', 'pg-native', 'bun:sqlite']

async function sizeOf(module: string): Promise<{ readonly minified: number; readonly gzip: number }> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from ${JSON.stringify(module)}`, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external: DRIVERS,
    logLevel: 'silent',
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error(`esbuild made nothing of ${module}`)
  return { minified: output.contents.length, gzip: gzipSync(output.contents).length }
}

export const packagesStudy: Study = {
  name: 'packages',
  title: 'bytes of a bundle without drivers, and milliseconds of importing the package with its driver',
  async run({ rounds }, _backends, report) {
    for (const [subject, module] of Object.entries(IMPORTED)) {
      const { minified, gzip } = await sizeOf(module)
      const times: number[] = []
      for (let round = 0; round < rounds; round++) times.push(await inChild<number>('import-child.ts', [module]))
      report({
        study: 'packages',
        backend: 'core',
        subject,
        figures: { minified, gzip, importMs: median(times) },
      })
    }
  },
}
