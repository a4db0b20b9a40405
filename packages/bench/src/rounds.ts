import type { Data } from './data.ts'
import { measure, median, quantile, type Run, type Step } from './measure.ts'
import type { Row } from './row.ts'
import type { BackendName, Opened, Subject } from './subject.ts'
import type { Workload } from './workloads/workload.ts'

export interface Contestant {
  readonly subject: Subject
  readonly opened: Opened
}

export interface Match {
  readonly workload: Workload
  readonly backend: BackendName
  readonly inFlight: number
  readonly rounds: number
  readonly ms: number
  readonly serverCpu: () => number | undefined
}

/** Operations between two looks at the clock: a look costs about as much as the cheapest operation. */
const STRIDE: Readonly<Record<BackendName, number>> = { memory: 64, sqlite: 16, redis: 1, postgres: 1 }

/** Interleaved rounds: each subject once in each round, the first and the last to go change places. A first round warms up. */
export async function play(match: Match, contestants: readonly Contestant[], data: Data): Promise<Row[]> {
  const { workload, backend, rounds, ms, inFlight, serverCpu } = match
  const players = contestants.flatMap(({ subject, opened }) => {
    const able = !(workload.finestTtl && subject.leastTtlMs !== undefined)
    const step: Step | undefined = able ? workload.step(opened, data) : undefined
    return step === undefined ? [] : [{ subject, opened, step, runs: [] as Run[] }]
  })
  const limit = workload.limit?.(data) ?? Number.POSITIVE_INFINITY
  for (let round = 0; round <= rounds; round++) {
    for (const { opened, step, runs } of round % 2 === 0 ? players : players.toReversed()) {
      await workload.prepare?.(opened, data)
      const warming = round === 0
      const run = await measure(step, {
        inFlight,
        ms: warming ? ms / 2 : ms,
        limit,
        stride: STRIDE[backend],
        serverCpu,
      })
      if (!warming) runs.push(run)
    }
  }
  const rates = new Map(players.map(({ subject, runs }) => [subject.name, runs.map((run) => run.opsPerSec)]))
  const firstDriver = players.find(({ subject }) => subject.role === 'driver')?.subject.name
  return players.map(({ subject, runs }) => {
    const own = rates.get(subject.name) as number[]
    const ratios = Object.fromEntries(
      [...rates]
        .filter(([name]) => name !== subject.name)
        .map(([name, theirs]) => [name, median(own.map((rate, round) => rate / (theirs[round] as number)))]),
    )
    const driver = subject.driver ?? firstDriver
    const sorted = own.toSorted((a, b) => a - b)
    const serverCpus = runs.flatMap(({ serverCpuUs }) => serverCpuUs ?? [])
    return {
      workload: workload.name,
      backend,
      subject: subject.name,
      concurrency: inFlight,
      rounds,
      opsPerSec: median(own),
      spread: (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / median(own),
      p50Ms: median(runs.map(({ latencies }) => quantile(latencies, 0.5))),
      p99Ms: median(runs.map(({ latencies }) => quantile(latencies, 0.99))),
      clientCpuUs: median(runs.map(({ clientCpuUs }) => clientCpuUs)),
      serverCpuUs: serverCpus.length === runs.length ? median(serverCpus) : undefined,
      ratioToDriver: driver === subject.name ? 1 : ratios[driver ?? ''],
      ratios,
    }
  })
}
