import { packageConfig } from '../../tools/vitest.ts'

// Conformance on a server's clock mostly sleeps: more workers than cores.
export default packageConfig('redis', {
  globalSetup: ['test/support/setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  maxWorkers: 3,
})
