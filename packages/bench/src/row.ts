import type { BackendName } from './subject.ts'

/** One line of a result. */
export interface Row {
  readonly workload: string
  readonly backend: BackendName
  readonly subject: string
  readonly concurrency: number
  readonly rounds: number
  /** Medians of the rounds. */
  readonly opsPerSec: number
  /** Half of the distance between the quartiles of `opsPerSec`, as a fraction of it. */
  readonly spread: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly clientCpuUs: number
  readonly serverCpuUs: number | undefined
  /** Median over the rounds of its rate divided by that of its driver, and by that of each other subject. */
  readonly ratioToDriver: number | undefined
  readonly ratios: Readonly<Record<string, number>>
}
