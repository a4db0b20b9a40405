import { packageConfig } from '../../tools/vitest.ts'

export default packageConfig('bench')
