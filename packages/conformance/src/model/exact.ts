import { inspect } from 'node:util'
import { epochMs, milliseconds } from '@ttl/core'
import type { Backend } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import fc from 'fast-check'
import { ORIGIN } from '../exact-time.ts'
import type { Harness } from '../harness.ts'
import { Stage } from '../stage.ts'
import { traces } from './arbitrary.ts'
import { alike, Divergence, forget, stateOf } from './compare.ts'
import type { Trace } from './operations.ts'
import { type Grid, Player } from './player.ts'

export interface Played {
  readonly operations: number
  readonly traces: number
  readonly seed: number
}

const LENGTH = 80
/** Short and near each other, so that deadlines meet operations. */
const SPANS = [1, 2, 3, 5, 7, 10, 15, 20, 40, 100_000]

const instant = (units: number) => epochMs(ORIGIN + units)
const grid: Grid = { span: milliseconds, instant, cutoff: instant }

/** Plays random traces on a backend and on memory, under one clock that jumps. A divergence is shrunk. */
export async function playModel(
  harness: Harness,
  operations: number,
  seed: number,
  { shrink = true }: { readonly shrink?: boolean } = {},
): Promise<Played> {
  let now = ORIGIN
  let played = 0
  const clock = { now: () => now, set: (ms: number) => (now = ms) }
  const stage = await Stage.create(harness, clock)
  try {
    const backend = await stage.open()
    const runs = Math.max(1, Math.ceil(operations / (LENGTH * 0.48)))
    const property = fc.asyncProperty(
      traces({ length: LENGTH, spans: SPANS, exact: true }, backend.capabilities),
      async (trace) => {
        clock.set(ORIGIN)
        try {
          await playTrace(trace, backend, clock, '')
          played += trace.operations.length
        } finally {
          await forget(backend, '')
        }
      },
    )
    await fc.assert(property, { numRuns: runs, seed, endOnFailure: !shrink })
    return { operations: played, traces: runs, seed }
  } finally {
    await stage.close()
  }
}

/** Plays one trace on both. */
export async function playTrace(
  trace: Trace,
  backend: Backend,
  clock: { now(): number; set(ms: number): void },
  prefix: string,
): Promise<void> {
  const spec = memory({ clock })
  const sweeps = backend.capabilities.reclaims === 'sweep'
  const [model, real] = [spec, backend].map((each) => new Player(each, grid, trace.views, prefix, sweeps)) as [
    Player,
    Player,
  ]
  for (const [index, operation] of trace.operations.entries()) {
    if (operation.op === 'advance') {
      clock.set(clock.now() + operation.by)
    } else if (operation.op === 'deadline') {
      const { space, key, offset } = operation
      const [reading] = await spec.inspect(space, prefix + trace.views[operation.view]?.name, [key])
      const target = (reading?.expiresAt ?? 0) + offset
      // What lies years ahead would end the trace.
      if (target > clock.now() && target < clock.now() + 10_000) clock.set(target)
    } else {
      const [expected, got] = [await model.play(operation), await real.play(operation)]
      if (!alike(expected, got, 0)) {
        throw new Divergence(
          `operation ${index}, ${show(operation)}, at ${clock.now() - ORIGIN}: memory answers ${show(expected)}, ${backend.name} ${show(got)}`,
        )
      }
    }
  }
  const [expected, got] = [await stateOf(spec, prefix), await stateOf(backend, prefix)]
  for (const name of Object.keys(got)) {
    if (alike(expected[name], got[name], 0)) continue
    throw new Divergence(`in the end, ${name}: memory has ${show(expected[name])}, ${backend.name} ${show(got[name])}`)
  }
}

export const show = (value: unknown): string => inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY })
