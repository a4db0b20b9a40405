import * as nodeTest from 'node:test'
import { expect, describe as group, it } from 'vitest'
import { type Runner, test } from '../src/runner.ts'

type Registered = Parameters<Runner['it']>

function register(): Registered {
  const registered: Registered[] = []
  const runner: Runner = { describe: (_name, body) => body(), it: (...test) => registered.push(test) }
  test(runner, 'name', 5_000, async () => undefined)
  const [first] = registered
  if (first === undefined) throw new Error('nothing was registered')
  return first
}

group('any runner', () => {
  it('fits: vitest and node:test by their types', () => {
    const runners: Runner[] = [
      { describe: group, it },
      { describe: nodeTest.describe, it: nodeTest.it },
    ]
    expect(runners).toHaveLength(2)
  })

  it('is told how long a test may take: by the third argument', () => {
    const [name, body, timeoutMs] = register()
    expect([name, timeoutMs]).toEqual(['name', 5_000])
    // A runner that sees a parameter waits for a callback.
    expect(body.length).toBe(0)
  })

  it('or, for mocha, by its this', async () => {
    const [, body] = register()
    const told: number[] = []
    await body.call({ timeout: (ms: number) => told.push(ms) })
    await body.call(undefined)
    expect(told).toEqual([5_000])
  })
})
