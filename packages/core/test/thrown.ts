/** The error that a call throws; fails when it does not throw one. */
export function thrownBy(call: () => unknown): Error {
  try {
    call()
  } catch (error) {
    if (error instanceof Error) return error
    throw new Error(`threw ${String(error)}, which is no Error`)
  }
  throw new Error('did not throw')
}
