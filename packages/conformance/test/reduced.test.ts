import { describe, it } from 'vitest'
import { backendConformance } from '../src/index.ts'
import { REDUCED } from './reduced.ts'

for (const harness of REDUCED) backendConformance({ describe, it }, harness)
