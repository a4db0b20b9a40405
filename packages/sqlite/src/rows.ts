import type { Payload, RestartOn, Space, Timing } from '@ttl/core/adapter'

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

export interface ValueRow extends ItemRow {
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
