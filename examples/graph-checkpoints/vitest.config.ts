import { exampleConfig } from '@ttl/backends/config'

// The validation suite of LangGraph declares its tests by vitest's globals.
export default exampleConfig('graph-checkpoints', { globals: true, testTimeout: 120_000 })
