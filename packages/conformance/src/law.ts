import type { Capabilities } from '@ttl/core'
import type { Scene } from './scene.ts'

/** What capabilities can say, as words. Every key has to be here, so no capability goes unnoticed. */
export const FACTS = {
  clock: ['injected', 'host', 'server'],
  resolutionMs: ['exact', 'late'],
  reclaims: ['sweep', 'native'],
  batch: ['all', 'each'],
  clear: ['atomic', 'paged'],
  groups: ['yes', 'no'],
  scan: ['once', 'repeats', 'none'],
  stats: ['yes', 'no'],
  due: ['yes', 'no'],
  persistent: ['yes', 'no'],
  shared: ['yes', 'no'],
  maxPayloadBytes: ['bounded', 'unbounded'],
} as const satisfies Record<keyof Capabilities, readonly string[]>

export type Facts = { readonly [Key in keyof Capabilities]: (typeof FACTS)[Key][number] }

/** For which backends a law is stated: each named capability has one of the values. */
export type Requirements = { readonly [Key in keyof Facts]?: Facts[Key] | readonly Facts[Key][] }

/** What only shows under some ways of calling a backend, and so cannot survive a transform that changes them. */
export type Observed = 'batch' | 'neighbours' | 'origin' | 'sweep'

/** One promise that every backend keeps. */
export interface Law {
  /** `verb.promise`; stable, so that documents and mutants can name it. */
  readonly id: string
  /** The promise, as a sentence without its subject's store. */
  readonly title: string
  /** What goes wrong for a user where it is broken. */
  readonly why: string
  /** Default: every backend. */
  readonly requires?: Requirements
  /** Needs a clock that jumps to the millisecond. Default: also tested in real time. */
  readonly exact?: true
  /** Needs a place of its own: it closes backends, or looks at more than its own namespaces. */
  readonly alone?: true
  /** Does so much at once that others would be late beside it: in real time it is played after them. */
  readonly heavy?: true
  readonly observes?: readonly Observed[]
  /** Moves so much that it is played as it stands, and not again under each transform. */
  readonly once?: true
  readonly run: (scene: Scene) => Promise<void>
}

const yes = (value: boolean): 'yes' | 'no' => (value ? 'yes' : 'no')

export function factsOf(capabilities: Capabilities): Facts {
  return {
    clock: capabilities.clock,
    resolutionMs: capabilities.resolutionMs === 0 ? 'exact' : 'late',
    reclaims: capabilities.reclaims,
    batch: capabilities.batch,
    clear: capabilities.clear,
    groups: yes(capabilities.groups),
    scan: capabilities.scan,
    stats: yes(capabilities.stats),
    due: yes(capabilities.due),
    persistent: yes(capabilities.persistent),
    shared: yes(capabilities.shared),
    maxPayloadBytes: capabilities.maxPayloadBytes === Number.POSITIVE_INFINITY ? 'unbounded' : 'bounded',
  }
}

/** Why a law is not stated for a backend; `undefined` when it is. */
export function inapplicable(law: Law, facts: Facts): string | undefined {
  if (law.exact && facts.clock !== 'injected') return `clock: ${facts.clock}`
  for (const [key, wanted] of Object.entries(law.requires ?? {}) as [keyof Facts, string | readonly string[]][]) {
    if (!(Array.isArray(wanted) ? wanted : [wanted]).includes(facts[key])) return `${key}: ${facts[key]}`
  }
  return undefined
}
