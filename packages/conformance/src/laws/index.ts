import type { Law } from '../law.ts'
import { boundaryLaws } from './boundary.ts'
import { getEntryLaws } from './get-entry.ts'
import { policyLaws } from './policies.ts'
import { setLaws } from './set.ts'
import { slidingLaws } from './sliding.ts'

/** Every law, verb by verb. */
export const LAWS: readonly Law[] = [...setLaws, ...boundaryLaws, ...policyLaws, ...slidingLaws, ...getEntryLaws]
