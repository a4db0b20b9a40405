import type { Data } from '../data.ts'
import type { Step } from '../measure.ts'
import type { Opened, Part } from '../subject.ts'

export interface Workload {
  readonly name: string
  /** What one operation is. */
  readonly title: string
  /** What it reads and writes: only that is filled. */
  readonly part: Part
  /** Which numbers of callers it is measured with, when not all. */
  readonly inFlight?: readonly number[]
  /** Whether times to live of a few milliseconds are written, which not every subject can tell. */
  readonly finestTtl?: boolean
  /** How many operations there are to do before `prepare` has to be run again. Default: any number. */
  limit?(data: Data): number
  /** Before each round; not measured. */
  prepare?(opened: Opened, data: Data): Promise<unknown>
  /** `undefined` when the subject has no such operation. */
  step(opened: Opened, data: Data): Step | undefined
}
