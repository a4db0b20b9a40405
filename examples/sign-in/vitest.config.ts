import { packageConfig } from '../../tools/vitest.ts'

export default packageConfig('sign-in', { globalSetup: ['test/setup.ts'] })
