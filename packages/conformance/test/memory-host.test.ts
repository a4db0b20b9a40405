import { memory } from '@ttl/core/memory'
import { describe, it } from 'vitest'
import { backendConformance } from '../src/index.ts'

backendConformance({ describe, it }, { name: 'memory on the host clock', create: () => ({ open: () => memory() }) })
