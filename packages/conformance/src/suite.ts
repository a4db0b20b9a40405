import { randomInt } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Harness } from './harness.ts'
import type { Law } from './law.ts'
import { LAWS } from './laws/index.ts'
import { type Played, playModel } from './model/exact.ts'
import { playModelInRealTime } from './model/real.ts'
import { type Runner, test } from './runner.ts'
import { Session } from './session.ts'
import { format, type Summary, Tallied } from './summary.ts'
import { TRANSFORMS } from './transforms.ts'

const TIMEOUT_MS = 180_000

/** How many operations the model plays: `TTL_MODEL_OPS`, and from which seed: `TTL_MODEL_SEED`. */
function modelSettings(): { readonly operations: number; readonly seed: number } {
  const operations = Number(process.env.TTL_MODEL_OPS ?? 3_000)
  const seed = Number(process.env.TTL_MODEL_SEED ?? randomInt(2 ** 31))
  return { operations, seed }
}

/** What was registered. */
export interface Conformance {
  /** What was seen until now. */
  summary(): Promise<Summary>
}

/**
 * Registers every law as a test of its own, then the laws again under transforms, then random traces against the
 * memory backend. Nothing can be skipped: what is played follows from the capabilities of the opened backend.
 */
export function backendConformance(runner: Runner, harness: Harness): Conformance {
  const session = new Session(harness, LAWS)
  const laws = new Tallied()
  const transforms = new Map(TRANSFORMS.map(({ id }) => [id, new Tallied()]))
  const { operations, seed } = modelSettings()
  let played: Played | undefined
  const summary = async (): Promise<Summary> => ({
    name: harness.name,
    capabilities: await session.capabilities(),
    laws,
    transforms,
    model: played,
    repeated: session.overruns,
  })

  runner.describe(`${harness.name} conforms`, () => {
    for (const [verb, ofVerb] of byVerb(LAWS)) {
      runner.describe(verb, () => {
        for (const law of ofVerb) {
          test(runner, `${law.id}: ${law.title}`, TIMEOUT_MS, async () => {
            const verdict = await session.play(law)
            laws.add(law.id, verdict)
            if (verdict.held === false) throw verdict.error
          })
        }
      })
    }
    runner.describe('the laws hold as well', () => {
      for (const transform of TRANSFORMS) {
        test(runner, `${transform.id}: ${transform.title}`, TIMEOUT_MS, async () => {
          const tallied = transforms.get(transform.id) as Tallied
          const failures: [string, unknown][] = []
          for (const [law, verdict] of await session.playAll(transform)) {
            tallied.add(law.id, verdict)
            if (verdict.held === false) failures.push([law.id, verdict.error])
          }
          throwAll(transform.title, failures)
        })
      }
    })
    runner.describe('model', () => {
      test(
        runner,
        'answers every random trace of operations as the memory backend does',
        TIMEOUT_MS + operations,
        async () => {
          const { clock } = await session.capabilities()
          const play = clock === 'injected' ? playModel : playModelInRealTime
          played = await play(harness, operations, seed)
        },
      )
    })
    test(runner, 'reports what was played', TIMEOUT_MS, async () => {
      report(harness.name, format(await summary()))
    })
  })
  return { summary }
}

/** Prints what was played, and leaves it in `TTL_NOTES_DIR` where there is one. */
function report(name: string, text: string): void {
  console.log(`@ttl/conformance: ${text}`)
  const directory = process.env.TTL_NOTES_DIR
  if (directory === undefined) return
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, `conformance-${name.replace(/[^a-z0-9]+/gi, '-')}.txt`), `${text}\n`)
}

function byVerb(laws: readonly Law[]): Map<string, Law[]> {
  const verbs = new Map<string, Law[]>()
  for (const law of laws) {
    const verb = law.id.slice(0, law.id.indexOf('.'))
    const same = verbs.get(verb)
    if (same === undefined) verbs.set(verb, [law])
    else same.push(law)
  }
  return verbs
}

function throwAll(title: string, failures: readonly [id: string, error: unknown][]): void {
  const [first] = failures
  if (first === undefined) return
  const lines = failures.map(([id, error]) => `${id}: ${error instanceof Error ? error.message : String(error)}`)
  throw new Error(`broken ${title}:\n${lines.join('\n')}`, { cause: first[1] })
}
