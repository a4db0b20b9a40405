import { branchMutants } from './branches.ts'
import { callMutants } from './calls.ts'
import { groupMutants } from './groups.ts'
import type { Mutant } from './mutant.ts'
import { nameMutants } from './names.ts'
import { ruleMutants } from './rules.ts'
import { sweepMutants } from './sweeps.ts'
import { upkeepMutants } from './upkeep.ts'
import { verbMutants } from './verbs.ts'

export const MUTANTS: readonly Mutant[] = [
  ...ruleMutants,
  ...verbMutants,
  ...callMutants,
  ...sweepMutants,
  ...upkeepMutants,
  ...groupMutants,
  ...nameMutants,
  ...branchMutants,
]
