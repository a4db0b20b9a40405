import { ExactTime } from './exact-time.ts'
import type { Harness } from './harness.ts'
import type { Law } from './law.ts'
import { type Offset, Overrun, RealTime } from './real-time.ts'
import { Scene } from './scene.ts'
import { Stage } from './stage.ts'
import type { Transform } from './transform.ts'

/** No law takes that long unless it hangs. */
const STUCK_MS = 60_000

/** Attempts in real time, each at twice the scale of the one before. */
const ATTEMPTS = 6

/** Plays a law on a place of its own, on a clock that jumps. */
export async function playExact(law: Law, harness: Harness, resolutionMs = 0, transform?: Transform): Promise<void> {
  const time = new ExactTime(resolutionMs, transform?.origin)
  const stage = await Stage.create(harness, time.clock, transform)
  try {
    await within(STUCK_MS, law.run(new Scene(time, await stage.open(), stage, '')))
  } finally {
    await stage.close()
  }
}

/** Plays laws one after the other on one place, in namespaces of their own: each begins where the clock began. */
export async function* playAllExact(
  laws: readonly Law[],
  harness: Harness,
  resolutionMs: number,
  transform: Transform,
): AsyncGenerator<readonly [law: Law, play: () => Promise<void>]> {
  let time = new ExactTime(resolutionMs, transform.origin)
  const shared = await Stage.create(harness, { now: () => time.clock.now() }, transform)
  try {
    const backend = await shared.open()
    for (const law of laws) {
      yield [
        law,
        async () => {
          if (law.alone) return playExact(law, harness, resolutionMs, transform)
          time = new ExactTime(resolutionMs, transform.origin)
          const stage = shared.guest()
          try {
            await within(STUCK_MS, law.run(new Scene(time, backend, stage, prefix())))
          } finally {
            await stage.close()
          }
        },
      ]
    }
  } finally {
    await shared.close()
  }
}

/** What plays in real time share. */
export interface Pace {
  /** The scale to begin with. */
  scale: number
  overruns: number
}

let plays = 0

/** Makes the names of one play its own. */
const prefix = (): string => `${(plays++).toString(36)}.`

/** Plays a law in real time, until it was seen to hold or to be broken. */
export async function playReal(
  law: Law,
  harness: Harness,
  shared: Stage,
  first: Scene['backend'],
  offset: Offset,
  pace: Pace,
  transform?: Transform,
): Promise<void> {
  let scale = pace.scale
  for (let attempt = 1; ; attempt++) {
    const stage = law.alone ? await Stage.create(harness, undefined, transform) : shared.guest()
    let time: RealTime | undefined
    try {
      const backend = law.alone ? await stage.open() : first
      time = new RealTime(offset, scale)
      await within(STUCK_MS, law.run(new Scene(time, backend, stage, prefix())))
      time.finish()
      return
    } catch (error) {
      const inconclusive = error instanceof Overrun || time?.overran === true
      if (!inconclusive) throw error
      if (attempt === ATTEMPTS) {
        if (!(error instanceof Overrun)) throw error
        throw new Error(
          `inconclusive: this machine was too slow ${ATTEMPTS} times, at last at ${scale * 10_000} ms a step`,
        )
      }
      pace.overruns++
    } finally {
      await stage.close()
    }
    scale *= 2
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hung for ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, stuck])
  } finally {
    clearTimeout(timer)
  }
}
