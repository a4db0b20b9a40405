import { packageConfig } from '../../tools/vitest.ts'

export default packageConfig('postgres', {
  globalSetup: ['test/server/setup.ts'],
  // The suite in real time sleeps for most of its time.
  maxWorkers: 3,
  testTimeout: 120_000,
  hookTimeout: 60_000,
})
