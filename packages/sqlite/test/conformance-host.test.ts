import { backendConformance } from '@ttl/conformance'
import { describe, it } from 'vitest'
import { sqlite } from '../src/index.ts'
import { onDisk } from './places.ts'

backendConformance(
  { describe, it },
  {
    name: 'sqlite on the host clock',
    create: onDisk((file) => ({ open: () => sqlite(file) })),
  },
)
