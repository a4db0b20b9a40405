import { join } from 'node:path'
import { packageConfig } from '../../tools/vitest.ts'

export default packageConfig('moving-stores', {
  globalSetup: [join(import.meta.dirname, '../../tools/backends/src/servers.ts')],
})
