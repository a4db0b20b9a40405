import type { Backend, Write } from './backend.ts'

/** A batch of writes that failed, wholly or in part. */
export class BatchFailure extends Error {
  readonly stored: readonly string[]
  readonly failed: readonly string[]

  constructor(cause: unknown, stored: readonly string[], failed: readonly string[]) {
    super('batch', { cause })
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
    throw new BatchFailure(error, [], keys)
  }
  const cause = outcomes.find((outcome) => outcome instanceof Error)
  if (cause === undefined) return outcomes as boolean[]
  throw new BatchFailure(
    cause,
    keys.filter((_, index) => outcomes[index] === true),
    keys.filter((_, index) => outcomes[index] instanceof Error),
  )
}
