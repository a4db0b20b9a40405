import { Duration } from './duration.ts'
import { Instant } from './instant.ts'
import type { PolicyPatch } from './policy.ts'
import { complete, NOTHING, override } from './resolve.ts'
import { isLive, type Placement, type Planned, place, type Timing } from './timing.ts'

export type Layer = 'built-in' | 'store' | 'namespace' | 'call'

/** A field of the policy, and the most specific layer that had a say in it. */
export interface Supplied<Value> {
  readonly value: Value
  readonly from: Layer
}

/** Why a write gets the deadline it gets. `String(explanation)` is made for people. */
export interface Explanation {
  readonly ttl: Supplied<Duration | undefined>
  readonly maxAge: Supplied<Duration | undefined>
  readonly expiresAt: Supplied<Instant | undefined>
  readonly restartOn: Supplied<'create' | 'write' | 'access'>
  readonly refreshAfter: Supplied<number>
  readonly jitter: Supplied<number>
  /** The ttl of this key after jitter: the window that is stored. */
  readonly window: Duration | undefined
  /** The limit in force, and the layer that set it. */
  readonly limit: Supplied<Duration> | undefined
  /** What the write does where something lives under the key: take this policy, keep what is stored, or keep and touch it. */
  readonly onLive: 'replace' | 'keep' | 'restart'
  /** Whether something lives under the key now. */
  readonly live: boolean
  /** The backend's clock. */
  readonly now: Instant
  /** The deadline after the write; `undefined` is never. At or before `now`: nothing would be stored. */
  readonly deadline: Instant | undefined
  /** The deadline without the limit, if the limit changes it. */
  readonly unlimited: { readonly deadline: Instant | undefined } | undefined
  toString(): string
}

export interface Layered {
  readonly layer: Layer
  readonly patch: PolicyPatch
}

export interface Question {
  /** Least specific first, without the built-in one. */
  readonly layers: readonly Layered[]
  readonly limits: readonly { readonly layer: Layer; readonly max: number | undefined }[]
  readonly planned: Planned
  /** The same without any limit. */
  readonly unlimited: Planned
  readonly current: Timing | undefined
  readonly now: number
}

export function explain(question: Question): Explanation {
  const { layers, planned, current, now } = question
  const deadline = deadlineOf(current, planned, now)
  const unlimited = deadlineOf(current, question.unlimited, now)
  const policy = complete(layers.reduce((patch, layered) => override(patch, layered.patch), NOTHING))
  const { lifetime } = policy
  const last = (says: (patch: PolicyPatch) => unknown): Layer =>
    layers.findLast(({ patch }) => says(patch) !== undefined)?.layer ?? 'built-in'
  const limit = question.limits.reduce<Supplied<Duration> | undefined>(
    (found, { layer, max }) =>
      max !== undefined && (found === undefined || max < found.value.ms)
        ? { value: Duration.of(max), from: layer }
        : found,
    undefined,
  )
  const facts = {
    ttl: { value: lifetime.ttl, from: last(({ lifetime: l }) => l) },
    maxAge: { value: lifetime.maxAge, from: last(({ lifetime: l }) => (l?.replaces === 'whole' ? l : undefined)) },
    expiresAt: { value: lifetime.expiresAt, from: last(({ lifetime: l }) => l) },
    restartOn: { value: policy.restartOn, from: last(({ restartOn }) => restartOn) },
    refreshAfter: { value: policy.refreshAfter, from: last(({ refreshAfter }) => refreshAfter) },
    jitter: { value: policy.jitter, from: last(({ jitter }) => jitter) },
    window: planned.expiry.ttlMs === undefined ? undefined : Duration.of(planned.expiry.ttlMs),
    limit,
    onLive: planned.onLive,
    live: current !== undefined,
    now: Instant.of(now),
    deadline: instant(deadline),
    unlimited: deadline === unlimited ? undefined : { deadline: instant(unlimited) },
  }
  return { ...facts, toString: () => prose(facts) }
}

function deadlineOf(current: Timing | undefined, placement: Placement, now: number): number | undefined {
  return place(current, placement, now).expiresAt
}

const instant = (ms: number | undefined): Instant | undefined => (ms === undefined ? undefined : Instant.of(ms))

function prose(facts: Omit<Explanation, 'toString'>): string {
  const line = (name: string, value: unknown, from: string): string =>
    `${name.padEnd(13)}${String(value).padEnd(26)}${from}`
  const lines = (['ttl', 'maxAge', 'expiresAt', 'restartOn', 'refreshAfter', 'jitter'] as const)
    .filter((name) => facts[name].value !== undefined)
    .map((name) => line(name, facts[name].value, `from ${facts[name].from}`))
  if (facts.jitter.value > 0 && facts.window !== undefined)
    lines.push(line('window', facts.window, 'the ttl of this key, jittered'))
  if (facts.limit !== undefined) lines.push(line('limit', facts.limit.value, `from ${facts.limit.from}`))
  if (facts.live) {
    const effect = {
      replace: 'takes this policy',
      keep: 'keeps its own expiry',
      restart: 'keeps its own expiry, restarted',
    }
    lines.push(line('live entry', effect[facts.onLive], ''))
  }
  const gone =
    facts.deadline !== undefined &&
    !isLive({ expiresAt: facts.deadline.epochMilliseconds }, facts.now.epochMilliseconds)
  const result = facts.deadline === undefined ? 'never' : gone ? 'already past: nothing is stored' : facts.deadline
  const why = facts.unlimited === undefined ? '' : `limited, otherwise ${facts.unlimited.deadline ?? 'never'}`
  lines.push(line('deadline', result, why))
  return lines.map((text) => text.trimEnd()).join('\n')
}
