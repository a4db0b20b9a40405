import { entries } from './entries.ts'
import { groups } from './groups.ts'
import { replays } from './replay.ts'
import type { Workload } from './workload.ts'

export type { Workload } from './workload.ts'

export const WORKLOADS: readonly Workload[] = [...entries, ...groups, ...replays]
