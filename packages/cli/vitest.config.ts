import { packageConfig } from '../../tools/vitest.ts'

export default packageConfig('cli', { globalSetup: ['../../tools/backends/src/servers.ts'] })
