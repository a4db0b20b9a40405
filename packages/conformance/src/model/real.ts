import { setTimeout as sleep } from 'node:timers/promises'
import { epochMs, milliseconds } from '@ttl/core'
import { type Backend, systemClock } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import fc from 'fast-check'
import type { Harness } from '../harness.ts'
import { type Offset, offsetOf } from '../real-time.ts'
import { Stage } from '../stage.ts'
import { traces } from './arbitrary.ts'
import { alike, Divergence, forget, stateOf } from './compare.ts'
import { type Played, show } from './exact.ts'
import type { Trace } from './operations.ts'
import { type Grid, Player } from './player.ts'

/** Half of what time advances by, at first. */
const QUANTUM_MS = 40
const LENGTH = 40
const TOGETHER = 40
const ROUNDS = 6

/**
 * Plays random traces on a backend whose clock cannot be set, many at a time, and on memory under a virtual clock. Time
 * is quantised: operations happen at even multiples of a quantum, deadlines lie at odd ones, so that nothing is ever
 * close to a boundary. A trace that fell behind is played again with twice the quantum.
 */
export async function playModelInRealTime(harness: Harness, operations: number, seed: number): Promise<Played> {
  const stage = await Stage.create(harness, undefined)
  try {
    const backend = await stage.open()
    const numRuns = Math.max(1, Math.ceil(operations / (LENGTH * 0.48)))
    const shape = { length: LENGTH, spans: [0, 1, 2, 3, 4, 5, 6], exact: false }
    let waiting = [...fc.sample(traces(shape, backend.capabilities), { numRuns, seed }).entries()]
    let played = 0
    let quantum = Math.max(QUANTUM_MS, 4 * backend.capabilities.resolutionMs)
    for (let round = 0; waiting.length > 0; round++, quantum *= 2) {
      if (round === ROUNDS)
        throw new Error(
          `inconclusive: this machine was too slow for ${waiting.length} of ${numRuns} traces (seed ${seed})`,
        )
      const offset = await offsetOf(() => backend.now())
      const late: typeof waiting = []
      const queue = [...waiting]
      const work = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const [index, trace] = next
          if (!(await playTrace(trace, backend, offset, quantum, `m${round}.${index}.`, seed))) late.push(next)
          else played += trace.operations.length
        }
      }
      await Promise.all(Array.from({ length: TOGETHER }, (_, worker) => sleep(worker * 7).then(work)))
      waiting = late
    }
    return { operations: played, traces: numRuns, seed }
  } finally {
    await stage.close()
  }
}

/** Plays one trace on both; `false` when it fell behind, so that nothing is known. */
async function playTrace(
  trace: Trace,
  backend: Backend,
  offset: Offset,
  quantum: number,
  prefix: string,
  seed: number,
): Promise<boolean> {
  const hostOrigin = systemClock.now()
  const origin = hostOrigin + offset.ms
  const grid: Grid = {
    span: (units) => milliseconds((2 * units + 1) * quantum),
    instant: (units) => epochMs(origin + (2 * units + 1) * quantum),
    cutoff: (units) => epochMs(origin + 2 * units * quantum),
  }
  let steps = 0
  const spec = memory({ clock: { now: () => origin + 2 * quantum * steps } })
  const sweeps = backend.capabilities.reclaims === 'sweep'
  const [model, real] = [spec, backend].map((each) => new Player(each, grid, trace.views, prefix, sweeps)) as [
    Player,
    Player,
  ]
  const tolerance = 0.45 * quantum
  const late = (): boolean => systemClock.now() + offset.widthMs > hostOrigin + 2 * quantum * steps + tolerance
  for (const [index, operation] of trace.operations.entries()) {
    if (operation.op === 'deadline') continue
    if (operation.op === 'advance') {
      steps += operation.by
      await sleep(Math.max(0, hostOrigin + 2 * quantum * steps - systemClock.now()))
      continue
    }
    const [expected, got] = [await model.play(operation), await real.play(operation)]
    if (late()) return false
    if (alike(expected, got, tolerance)) continue
    throw new Divergence(
      `operation ${index}, ${show(operation)}: memory answers ${show(expected)}, ${backend.name} ${show(got)} (seed ${seed})\n${JSON.stringify(trace)}`,
    )
  }
  const [expected, got] = [await stateOf(spec, prefix), await stateOf(backend, prefix)]
  if (late()) return false
  for (const name of Object.keys(got)) {
    if (alike(expected[name], got[name], tolerance)) continue
    throw new Divergence(
      `in the end, ${name}: memory has ${show(expected[name])}, ${backend.name} ${show(got[name])} (seed ${seed})\n${JSON.stringify(trace)}`,
    )
  }
  await forget(backend, prefix)
  return true
}
