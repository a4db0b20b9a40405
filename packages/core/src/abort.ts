import { describe, TtlTypeError } from './errors.ts'

/** An `AbortSignal`, as far as it is used. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener?(type: 'abort', listener: () => void): void
  removeEventListener?(type: 'abort', listener: () => void): void
}

export function checkSignal(signal: AbortSignalLike | undefined, where: string): void {
  if (signal !== undefined && typeof signal?.aborted !== 'boolean') {
    throw new TtlTypeError('TTL_INVALID', `signal of ${where} must be an AbortSignal, got ${describe(signal)}`)
  }
}
