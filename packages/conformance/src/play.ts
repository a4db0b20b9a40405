import { ExactTime } from './exact-time.ts'
import type { Harness } from './harness.ts'
import type { Law } from './law.ts'
import { Overrun, RealTime } from './real-time.ts'
import { Scene } from './scene.ts'
import { Stage } from './stage.ts'
import type { Transform } from './transform.ts'

/** No law takes that long unless it hangs. */
const STUCK_MS = 60_000

/** Attempts in real time, each at twice the scale of the one before. */
const ATTEMPTS = 5

/** Plays a law on a place of its own, on a clock that jumps. */
export async function playExact(law: Law, harness: Harness, resolutionMs = 0, transform?: Transform): Promise<void> {
  const time = new ExactTime(resolutionMs, transform?.origin)
  const stage = await Stage.create(harness, time.clock, transform)
  try {
    const scene = new Scene(time, await stage.open(), stage, '')
    await within(STUCK_MS, law.run(scene))
  } finally {
    await stage.close()
  }
}

/** What plays in real time share. */
export interface Pace {
  /** The scale to begin with. */
  scale: number
  overruns: number
}

let plays = 0

/** Plays a law in real time, until it was seen to hold or to be broken. */
export async function playReal(
  law: Law,
  harness: Harness,
  shared: Stage,
  first: Scene['backend'],
  pace: Pace,
  transform?: Transform,
): Promise<number> {
  let scale = pace.scale
  for (let attempt = 1; ; attempt++) {
    const stage = law.alone ? await Stage.create(harness, undefined, transform) : shared.guest()
    let time: RealTime | undefined
    try {
      const backend = law.alone ? await stage.open() : first
      time = await RealTime.begin(() => backend.now(), scale)
      await within(STUCK_MS, law.run(new Scene(time, backend, stage, `${(plays++).toString(36)}.`)))
      time.finish()
      return attempt
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
