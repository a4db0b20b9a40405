import { join } from 'node:path'
import type { ViteUserConfig } from 'vitest/config'
import { packageConfig } from '../../vitest.ts'
import { Behaviours } from './behaviours.ts'

/** The vitest configuration of an example that stands for a seed system: both servers, and the record of what was shown. */
export function exampleConfig(name: string, overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  const { test } = packageConfig(name)
  const folder = join(import.meta.dirname, '../../../examples', name)
  return {
    test: {
      ...test,
      globalSetup: [join(import.meta.dirname, 'servers.ts')],
      reporters: [...((test?.reporters ?? []) as string[]), new Behaviours(folder)],
      ...overrides,
    },
  }
}
