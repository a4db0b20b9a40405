import { check } from './check.ts'
import { Data } from './data.ts'
import { fill } from './fill.ts'
import { enter, type PlaceOptions } from './places.ts'
import { type Contestant, play } from './rounds.ts'
import type { Row } from './row.ts'
import type { BackendName, Part, Subject } from './subject.ts'
import type { Workload } from './workloads/index.ts'

export interface Settings extends PlaceOptions {
  readonly keys: number
  readonly valueBytes: number
  readonly rounds: number
  readonly ms: number
  readonly inFlight: readonly number[]
}

export interface Plan {
  readonly backend: BackendName
  readonly part: Part
  readonly subjects: readonly Subject[]
  readonly workloads: readonly Workload[]
}

/** Measures a part of the subjects of one backend, side by side. */
export async function run(
  { backend, part, subjects, workloads }: Plan,
  settings: Settings,
  report: (rows: readonly Row[]) => void,
): Promise<{ readonly rows: Row[]; readonly server: string }> {
  const ground = await enter(backend, settings)
  const contestants: Contestant[] = []
  try {
    for (const subject of subjects) contestants.push({ subject, opened: await subject.open(ground) })
    await Promise.all(contestants.map(({ subject, opened }) => check(subject, opened)))
    const data = new Data(settings.keys, settings.valueBytes)
    for (const { opened } of contestants) await fill(opened, part, data)
    const rows: Row[] = []
    for (const workload of workloads) {
      for (const inFlight of workload.inFlight ?? settings.inFlight) {
        const { rounds, ms } = settings
        const some = await play(
          { workload, backend, inFlight, rounds, ms, serverCpu: ground.serverCpu },
          contestants,
          data,
        )
        report(some)
        rows.push(...some)
      }
    }
    return { rows, server: ground.server }
  } finally {
    for (const { opened } of contestants) await opened.close()
    await ground.leave()
  }
}
