import type { Payload, Reading, RestartOn, Space } from '@ttl/core/adapter'
import type { Row } from './client.ts'
import { BYTES, decodeText } from './text.ts'

export const SPACES = { entry: 0, group: 1 } as const satisfies Record<Space, number>

/** Ordered by how much restarts the ttl, so that SQL can ask for "at least". */
export const MODES = { create: 0, write: 1, access: 2 } as const satisfies Record<RestartOn, number>

const modeNames = ['create', 'write', 'access'] as const satisfies readonly RestartOn[]

const instant = (text: string | null | undefined): number | undefined => (text == null ? undefined : Number(text))

/** Reads `now` and the six columns of a timing, from a position of a row. */
export function readingOf(row: Row, at: number): Reading {
  return {
    now: Number(row[at]),
    expiresAt: instant(row[at + 1]),
    bornAt: instant(row[at + 2]),
    ttlMs: instant(row[at + 3]),
    capAt: instant(row[at + 4]),
    restartOn: modeNames[Number(row[at + 5])] as RestartOn,
    refreshAfter: Number(row[at + 6]),
  }
}

/** Reads `body` and `bytes`, from a position of a row. */
export function payloadOf(row: Row, at: number): Payload {
  const body = row[at]
  if (typeof body === 'string') return decodeText(body)
  return bytesOf(row[at + 1] as string)
}

/** Reads a value as `readSql` gives it. */
export function valuePayload(value: string): Payload {
  if (!value.startsWith(BYTES, 1)) return decodeText(value.slice(1))
  return new Uint8Array(Buffer.from(value.slice(1 + BYTES.length), 'base64'))
}

export const isSliding = (value: string): boolean => value.startsWith('2')

/** Both forms of `bytea_output`. */
function bytesOf(text: string): Uint8Array {
  if (text.startsWith('\\x')) return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
  const raw = text.replace(/\\(\\|[0-3][0-7]{2})/g, (_, code: string) =>
    code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code, 8)),
  )
  return new Uint8Array(Buffer.from(raw, 'latin1'))
}
