import { exampleConfig } from '@ttl/backends/config'

export default exampleConfig('durable-agents')
