import type { Backend, Write } from './backend.ts'

/** A batch of writes that failed, wholly or in part. */
export class BatchFailure extends Error {
  readonly errors: readonly unknown[]
  readonly stored: readonly string[]
  readonly failed: readonly string[]

  constructor(errors: readonly unknown[], stored: readonly string[], failed: readonly string[]) {
    super('batch')
    this.errors = errors
    this.stored = stored
    this.failed = failed
  }
}

/** Writes a batch; when any of it fails, fails as a whole and says what is stored. */
export async function writeAll(
  backend: Backend,
  namespace: string,
  writes: readonly Write[],
  keys: readonly string[],
): Promise<readonly boolean[]> {
  let outcomes: Awaited<ReturnType<Backend['write']>>
  try {
    outcomes = await backend.write(namespace, writes)
  } catch (error) {
    throw new BatchFailure([error], [], keys)
  }
  const errors = outcomes.filter((outcome) => outcome instanceof Error)
  if (errors.length === 0) return outcomes as boolean[]
  throw new BatchFailure(
    errors,
    keys.filter((_, index) => outcomes[index] === true),
    keys.filter((_, index) => outcomes[index] instanceof Error),
  )
}
