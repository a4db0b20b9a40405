import type { BackendName } from '../subject.ts'

/** One line of what was found out about growth. */
export interface Finding {
  readonly study: string
  /** `core` for what has no backend. */
  readonly backend: BackendName | 'core'
  readonly subject: string
  /** Entries, where the study grows. */
  readonly size?: number
  /** What else tells this line from others of the study. */
  readonly variant?: string
  readonly figures: Readonly<Record<string, number>>
}

export interface GrowthSettings {
  /** Entries, ascending. */
  readonly sizes: readonly number[]
  readonly rounds: number
  readonly ms: number
}

export interface Study {
  readonly name: string
  readonly title: string
  run(settings: GrowthSettings, backends: readonly BackendName[], report: (finding: Finding) => void): Promise<void>
}
