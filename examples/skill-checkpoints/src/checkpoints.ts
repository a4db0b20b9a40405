import type { DurationInput, Instant, NamespaceStats, Never, Sweeper, SweeperOptions } from '@ttl/core'

/** What marks a memory as a checkpoint of a session. */
export const CHECKPOINT = 'session_checkpoint'

/** How long the checkpoint of a session lives. The one place that says so. */
export const SESSION_TTL_DAYS = 7

/** Something that was remembered. */
export interface Memory {
  readonly id: string
  readonly namespace: string
  readonly category: string
  readonly content: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly createdAt: Instant
  /** `undefined`: never. */
  readonly expiresAt: Instant | undefined
}

export type NewMemory = Pick<Memory, 'namespace' | 'category' | 'content'> & {
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** Default: it is permanent. */
  readonly ttl?: DurationInput | Never | undefined
}

/** One of those that a clean-up would delete. What a store does not show of the dead is missing. */
export interface Sample extends Partial<Pick<Memory, 'category' | 'createdAt'>> {
  readonly namespace: string
  readonly key: string
  readonly expiresAt: Instant
  readonly type?: string | undefined
  /** The first 50 characters. */
  readonly head?: string | undefined
}

export interface ExpiredCount {
  readonly namespace: string
  readonly expired: number
  readonly oldest: Instant | undefined
  readonly newest: Instant | undefined
}

export interface Previewed {
  readonly mode: 'preview'
  /** What `execute` is given to delete just that. */
  readonly asOf: Instant
  readonly total: number
  /** Most first. */
  readonly namespaces: readonly ExpiredCount[]
  /** At most 20, the last that expired first. */
  readonly samples: readonly Sample[]
  /** Whether there are more than the samples. */
  readonly more: boolean
}

export interface DeletedCount {
  readonly namespace: string
  readonly category: string
  readonly deleted: number
}

export interface Executed {
  readonly mode: 'execute'
  readonly total: number
  readonly deleted: readonly DeletedCount[]
  readonly before: number
  readonly after: number
  readonly remaining: readonly Remaining[]
}

/** What a namespace still holds that will expire. */
export interface Remaining {
  readonly namespace: string
  readonly entries: number
  readonly next: Instant | undefined
  readonly last: Instant | undefined
}

export interface Share {
  readonly namespace: string
  readonly total: number
  readonly permanent: number
  readonly active: number
  readonly expired: number
}

export interface Monitoring {
  readonly namespaces: readonly Share[]
  readonly overall: Share
  /** Of all, in percent, to a tenth. */
  readonly percent: { readonly permanent: number; readonly active: number; readonly expired: number }
  readonly remaining: readonly Remaining[]
  /** Bytes of the table; `undefined` where there is none. */
  readonly size: number | undefined
  readonly lastActivity: Instant | undefined
}

/** Which checkpoints are looked for: those of a skill in its months, or those that a namespace has of it. */
export type Wanted =
  | { readonly prefix: string; readonly namespace?: undefined; readonly skill?: undefined }
  | { readonly namespace: string; readonly skill: string; readonly prefix?: undefined }

/** Where memories are kept: a table of the application's own, or a store. */
export interface Archive extends AsyncDisposable {
  /** The clock that judges. It names the month as well. */
  now(): Promise<Instant>
  put(memory: NewMemory): Promise<string>
  /** The newest live checkpoint. */
  newest(wanted: Wanted): Promise<Memory | undefined>
  /** Removes the deadline of one that lives. @returns whether it lives */
  pin(id: string): Promise<boolean>
  /** Gives one that lives another life. @returns whether it lives */
  extend(id: string, ttl: DurationInput): Promise<boolean>
  /** What has expired and is still stored, with so many samples. */
  expired(samples: number): Promise<Omit<Previewed, 'mode'>>
  /** Deletes what had expired by then. Default: now. */
  remove(asOf?: Instant): Promise<readonly DeletedCount[]>
  stats(): Promise<readonly NamespaceStats[]>
  size(): Promise<number | undefined>
  lastActivity(): Promise<Instant | undefined>
  startSweeper(options?: SweeperOptions): Sweeper
}
