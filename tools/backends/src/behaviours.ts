/** Collects which numbered behaviours the tests of an example showed, and on which backends. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node'
import { BACKENDS, type BackendName } from './names.ts'

/** What passed for one number: what the tests say of it, and where they ran. */
export interface Shown {
  readonly shows: readonly string[]
  /** `'any'`: no test of it asks a store, so it is the same everywhere. */
  readonly on: readonly BackendName[] | 'any'
}

export const FILE = 'behaviours.json'

/** `P5: …`, `P5, P6: …`, `trap P3: …`: the numbers that a test shows, and what it says of them. */
const TITLE = /^((?:trap )?[A-Z]\d+(?:, (?:trap )?[A-Z]\d+)*): (.+)$/s

/**
 * Keeps `behaviours.json` of an example: for each number in the title of a test, what was shown, and the backends among
 * whose tests it passed. docs/seed-systems.md is generated from these files. A run of all tests fails when the file says
 * anything else than what it saw; `vitest run -u` writes it.
 */
export class Behaviours implements Reporter {
  readonly #file: string
  #vitest: Vitest | undefined

  constructor(folder: string) {
    this.#file = join(folder, FILE)
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const vitest = this.#vitest as Vitest
    const all = await vitest.globTestSpecifications()
    // They come in the order in which they ended.
    const inOrder = modules.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId, 'en'))
    const tests = inOrder.flatMap((module) => [...module.children.allTests()])
    // Of a part of the tests nothing follows; of a failing one neither, and that fails the run by itself.
    if (modules.length < all.length || tests.some((test) => test.result().state !== 'passed')) return
    const seen = `${JSON.stringify(collect(tests), undefined, 2)}\n`
    if (existsSync(this.#file) && readFileSync(this.#file, 'utf8') === seen) return
    if (vitest.config.snapshotOptions.updateSnapshot === 'all') {
      writeFileSync(this.#file, seen)
      return
    }
    vitest.logger.error(
      `\n${this.#file} does not say what the tests showed. Run vitest run -u, then pnpm --filter @ttl/docs generate.`,
    )
    process.exitCode = 1
  }
}

function collect(tests: readonly TestCase[]): Record<string, Shown> {
  const found = new Map<string, { shows: Set<string>; on: Set<BackendName> }>()
  for (const test of tests) {
    const [, numbers, shows] = TITLE.exec(test.name) ?? []
    if (numbers === undefined || shows === undefined) continue
    const on = backendOf(test)
    for (const number of numbers.split(', ')) {
      const one = found.get(number) ?? { shows: new Set(), on: new Set() }
      found.set(number, one)
      one.shows.add(shows)
      if (on !== undefined) one.on.add(on)
    }
  }
  const ordered = [...found].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  return Object.fromEntries(
    ordered.map(([number, { shows, on }]) => [
      number,
      { shows: [...shows], on: on.size === 0 ? 'any' : BACKENDS.filter((name) => on.has(name)) },
    ]),
  )
}

/** The backend among whose tests one is declared. */
function backendOf(test: TestCase): BackendName | undefined {
  for (let at = test.parent; at.type === 'suite'; at = at.parent) {
    const name = BACKENDS.find((each) => each === (at as { name: string }).name)
    if (name !== undefined) return name
  }
  return undefined
}
