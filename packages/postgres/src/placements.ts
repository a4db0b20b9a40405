import type { Condition, Placement, Write } from '@ttl/core/adapter'
import { bodyOf, bytesParam, Payloads } from './payloads.ts'
import { MODES } from './rows.ts'
import { CONDITIONS, ON_LIVE } from './statements/rules.ts'
import { encodeText, plainArray, textArray } from './text.ts'

/** A placement as the parameters that `scalars` names. */
export function placementArgs(placement: Placement) {
  if (placement.onLive === 'exact') {
    const { expiresAt, bornAt, ttlMs, capAt, restartOn, refreshAfter } = placement.timing
    return {
      onLive: ON_LIVE.exact,
      ttlMs,
      maxAgeMs: undefined,
      until: expiresAt,
      mode: MODES[restartOn],
      gate: refreshAfter,
      limitMs: undefined,
      bornAt,
      capAt,
    }
  }
  const { ttlMs, maxAgeMs, expiresAt, restartOn, refreshAfter } = placement.expiry
  return {
    onLive: ON_LIVE[placement.onLive],
    ttlMs,
    maxAgeMs,
    until: expiresAt,
    mode: MODES[restartOn],
    gate: refreshAfter,
    limitMs: placement.limitMs,
    bornAt: undefined,
    capAt: undefined,
  }
}

/** Whether a write need not look at what it overwrites. */
export function isPlain({ placement, condition }: Write): boolean {
  if (condition !== undefined || placement.onLive !== 'replace') return false
  return placement.expiry.maxAgeMs === undefined && placement.expiry.expiresAt === undefined
}

export const comparesPayload = ({ condition }: Write): boolean => typeof condition === 'object'

const conditionCode = (condition: Condition | undefined): number => {
  if (condition === undefined) return CONDITIONS.none
  return typeof condition === 'string' ? CONDITIONS[condition] : CONDITIONS.payload
}

const compared = ({ condition }: Write) => (typeof condition === 'object' ? condition.payload : undefined)

/** One write as parameters. */
export function writeArgs(write: Write) {
  const { key, payload, placement, condition } = write
  const other = compared(write)
  return {
    key: encodeText(key),
    body: bodyOf(payload),
    bytes: bytesParam(payload),
    ...placementArgs(placement),
    cond: conditionCode(condition),
    condBody: other === undefined ? null : bodyOf(other),
    condBytes: other === undefined ? null : bytesParam(other),
  }
}

type PlacementArg = keyof ReturnType<typeof placementArgs>
const PLAIN_ARGS = ['ttlMs', 'mode', 'gate'] as const satisfies PlacementArg[]
const OTHER_ARGS = ['onLive', 'maxAgeMs', 'until', 'limitMs', 'bornAt', 'capAt'] as const satisfies PlacementArg[]

/** An array for each column. */
function columns(writes: readonly Write[], payloads: Payloads, names: readonly PlacementArg[]) {
  const placements = writes.map(({ placement }) => placementArgs(placement))
  for (const { payload } of writes) payloads.add(payload)
  return {
    keys: textArray(writes.map(({ key }) => encodeText(key))),
    isText: plainArray(payloads.isText),
    at: plainArray(payloads.at),
    size: plainArray(payloads.size),
    ...Object.fromEntries(names.map((name) => [name, plainArray(placements.map((each) => each[name]))])),
  }
}

/** Several plain writes as parameters. */
export function putsArgs(writes: readonly Write[]) {
  const payloads = new Payloads()
  return { ...columns(writes, payloads, PLAIN_ARGS), data: payloads.data() }
}

/** Several writes as parameters. */
export function writesArgs(writes: readonly Write[]) {
  const payloads = new Payloads()
  const others = new Payloads(payloads)
  const args = columns(writes, payloads, [...PLAIN_ARGS, ...OTHER_ARGS])
  for (const write of writes) others.add(compared(write))
  return {
    ...args,
    cond: plainArray(writes.map(({ condition }) => conditionCode(condition))),
    condIsText: plainArray(others.isText),
    condAt: plainArray(others.at),
    condSize: plainArray(others.size),
    data: payloads.data(),
  }
}
