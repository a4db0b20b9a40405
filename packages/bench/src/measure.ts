import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Call } from './subject.ts'

/** One operation, the n-th. */
export type Step = (index: number) => Call<unknown>

export interface Terms {
  /** Callers at once. */
  readonly inFlight: number
  readonly ms: number
  /** At most so many operations. */
  readonly limit: number
  /** Of so many operations the time of one is taken: where an operation costs less than a look at the clock. */
  readonly stride: number
  readonly serverCpu: () => number | undefined
}

/** Up to here a run shows that something works, and is not worth the time that collecting garbage takes. */
const BRIEF_MS = 10

export interface Run {
  readonly opsPerSec: number
  /** Milliseconds, sorted. */
  readonly latencies: Float64Array
  /** Microseconds of CPU for each operation. */
  readonly clientCpuUs: number
  readonly serverCpuUs: number | undefined
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as Partial<Promise<unknown>> | null | undefined)?.then === 'function'

/** Calls again and again for a while. Whatever answers at once is not waited for, as nobody would. */
export async function measure(step: Step, { inFlight, ms, limit, stride, serverCpu }: Terms): Promise<Run> {
  if (ms > BRIEF_MS) collectGarbage()
  const latencies: number[] = []
  let next = 0
  const serverBefore = serverCpu()
  const clientBefore = process.cpuUsage()
  const begun = performance.now()
  const end = begun + ms
  const caller = async (): Promise<void> => {
    // At least one operation, however late the callers come to their turn.
    for (let from = begun; from < end && next < limit; ) {
      from = performance.now()
      const answer = step(next++)
      if (isPromise(answer)) await answer
      latencies.push(performance.now() - from)
      for (let count = 1; count < stride && next < limit; count++) {
        const another = step(next++)
        if (isPromise(another)) await another
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, caller))
  const took = performance.now() - begun
  const client = process.cpuUsage(clientBefore)
  const serverAfter = serverCpu()
  return {
    opsPerSec: (next / took) * 1_000,
    latencies: Float64Array.from(latencies).sort(),
    clientCpuUs: (client.user + client.system) / next,
    serverCpuUs:
      serverBefore === undefined || serverAfter === undefined
        ? undefined
        : ((serverAfter - serverBefore) / next) * 1_000,
  }
}

setFlagsFromString('--expose-gc')
/** So that nobody pays for what somebody else left behind. */
export const collectGarbage: () => void = runInNewContext('gc')

/** @param sorted ascending */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] as number
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : (sorted[middle - 1]! + sorted[middle]!) / 2
}
