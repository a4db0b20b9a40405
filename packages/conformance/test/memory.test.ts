import { memory } from '@ttl/core/memory'
import { describe, it } from 'vitest'
import { backendConformance } from '../src/index.ts'

backendConformance({ describe, it }, { name: 'memory', create: ({ clock }) => ({ open: () => memory({ clock }) }) })
