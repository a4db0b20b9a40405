import { TtlError } from './errors.ts'

/** Carries what the caller's own code threw (a loader, an iterable, an abort) out of an operation, as it is. */
export class Foreign extends Error {
  constructor(cause: unknown) {
    super('not ours', { cause })
  }
}

/** Runs the caller's own code. */
export function foreignSync<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw error instanceof TtlError ? error : new Foreign(error)
  }
}
