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

/** Several writes as parameters, an array for each column. */
export function writesArgs(writes: readonly Write[]) {
  const placements = writes.map(({ placement }) => placementArgs(placement))
  const payloads = new Payloads()
  const others = new Payloads(payloads)
  for (const write of writes) {
    payloads.add(write.payload)
    others.add(compared(write))
  }
  const column = (name: keyof ReturnType<typeof placementArgs>) => plainArray(placements.map((each) => each[name]))
  return {
    keys: textArray(writes.map(({ key }) => encodeText(key))),
    isText: plainArray(payloads.isText),
    at: plainArray(payloads.at),
    size: plainArray(payloads.size),
    onLive: column('onLive'),
    ttlMs: column('ttlMs'),
    maxAgeMs: column('maxAgeMs'),
    until: column('until'),
    mode: column('mode'),
    gate: column('gate'),
    limitMs: column('limitMs'),
    bornAt: column('bornAt'),
    capAt: column('capAt'),
    cond: plainArray(writes.map(({ condition }) => conditionCode(condition))),
    condIsText: plainArray(others.isText),
    condAt: plainArray(others.at),
    condSize: plainArray(others.size),
    data: payloads.data(),
  }
}
