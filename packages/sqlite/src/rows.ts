import { type Due, MAX_INSTANT_MS, type Payload, type RestartOn, type Space, type Timing } from '@ttl/core/adapter'

export const SPACES = { entry: 0, group: 1 } as const satisfies Record<Space, number>

/** Ordered by how much restarts the ttl, so that SQL can ask for "at least". */
export const MODES = { create: 0, write: 1, access: 2 } as const satisfies Record<RestartOn, number>

const modeNames = ['create', 'write', 'access'] as const satisfies readonly RestartOn[]

export interface TimingRow {
  readonly expiresAt: number | null
  readonly bornAt: number | null
  readonly ttlMs: number | null
  readonly capAt: number | null
  readonly restartOn: number
  readonly refreshAfter: number
}

/** The columns of a {@link TimingRow}. */
export const TIMING =
  'expires_at AS expiresAt, born_at AS bornAt, ttl_ms AS ttlMs, cap_at AS capAt, restart_on AS restartOn, refresh_after AS refreshAfter'

export interface ItemRow extends TimingRow {
  readonly id: number
  readonly sweepAt: number | null
}

/**
 * The deadline of a group whose members are being deleted: half of a group must not come back, even if the clock does.
 * Its real one is kept in `cap_at`.
 */
export const CONDEMNED = -MAX_INSTANT_MS

/** A deadline, and where it is filed. */
export interface FiledRow {
  readonly expiresAt: number | null
  readonly sweepAt: number
  readonly capAt: number | null
}

/** The columns of a {@link FiledRow}. */
export const FILED = 'expires_at AS expiresAt, sweep_at AS sweepAt, cap_at AS capAt'

export interface DueRow extends FiledRow {
  readonly id: number
  readonly namespace: string
  readonly space: number
  readonly key: string
}

/** Of a row that has a deadline. */
export function dueOf({ namespace, space, key, expiresAt, capAt }: DueRow): Due {
  const deadline = expiresAt === CONDEMNED ? capAt : expiresAt
  return { space: space === SPACES.group ? 'group' : 'entry', namespace, key, expiresAt: deadline as number }
}

export interface ValueRow extends TimingRow {
  readonly id: number
  readonly value: string | Uint8Array
}

export function timingOf(row: TimingRow): Timing {
  return {
    expiresAt: row.expiresAt ?? undefined,
    bornAt: row.bornAt ?? undefined,
    ttlMs: row.ttlMs ?? undefined,
    capAt: row.capAt ?? undefined,
    restartOn: modeNames[row.restartOn] as RestartOn,
    refreshAfter: row.refreshAfter,
  }
}

/** Bytes come as a Buffer, which prints, compares and serialises otherwise than the Uint8Array that was stored. */
export function payloadOf(value: string | Uint8Array): Payload {
  return typeof value === 'string' ? value : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}
