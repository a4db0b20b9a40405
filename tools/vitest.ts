import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const root = join(import.meta.dirname, '..')

/**
 * The vitest configuration of one package. `tools/run.mjs` sets `TTL_RESULTS_DIR` and reads `<name>.json` there;
 * a test may leave lines for the final report in `$TTL_NOTES_DIR/<anything>.txt`.
 */
export function packageConfig(name: string, overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  const results = process.env.TTL_RESULTS_DIR
  const notes = process.env.TTL_NOTES_DIR ?? join(root, '.results', 'notes')
  mkdirSync(notes, { recursive: true })
  return defineConfig({
    test: {
      include: ['test/**/*.test.ts'],
      testTimeout: 30_000,
      hookTimeout: 30_000,
      env: { TTL_NOTES_DIR: notes },
      reporters: results === undefined ? ['default'] : ['default', 'json'],
      ...(results === undefined ? {} : { outputFile: { json: join(results, `${name}.json`) } }),
      ...overrides,
    },
  })
}
