/** The part of a test runner that is used: `describe` and `it` of vitest, jest, mocha, node:test, bun:test. */
export interface Runner {
  // Written as methods so that the overloads of any runner fit.
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>, timeoutMs?: number): unknown
}

/**
 * Registers a test that may take a while. The time is the third argument for vitest, jest and bun, which mocha and
 * node:test ignore; mocha has it on `this`; node:test has no limit by default.
 */
export function test(runner: Runner, name: string, timeoutMs: number, body: () => Promise<void>): void {
  runner.it(
    name,
    async function (this: unknown) {
      const mocha = this as { timeout?: unknown } | undefined
      if (typeof mocha?.timeout === 'function') mocha.timeout(timeoutMs)
      await body()
    },
    timeoutMs,
  )
}
