import { exampleConfig } from '@ttl/backends/config'

export default exampleConfig('skill-checkpoints')
