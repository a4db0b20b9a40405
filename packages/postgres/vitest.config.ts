import { packageConfig } from '../../tools/vitest.ts'

export default packageConfig('postgres', {
  globalSetup: ['test/server/setup.ts'],
  // One database server for all; files that measure must not compete with others.
  fileParallelism: true,
  maxWorkers: 2,
  testTimeout: 60_000,
  hookTimeout: 60_000,
})
