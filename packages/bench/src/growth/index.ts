import type { BackendName } from '../subject.ts'
import { coreStudy } from './core.ts'
import { entriesStudy } from './entries.ts'
import { expiredStudy } from './expired.ts'
import type { Finding, GrowthSettings, Study } from './finding.ts'
import { memoryStudy } from './memory.ts'
import { packagesStudy } from './packages.ts'
import { spaceStudy } from './space.ts'
import { sweepStudy } from './sweep.ts'
import { sweeperStudy } from './sweeper.ts'

export type { Finding, GrowthSettings } from './finding.ts'

export const STUDIES: readonly Study[] = [
  coreStudy,
  packagesStudy,
  memoryStudy,
  spaceStudy,
  expiredStudy,
  sweepStudy,
  sweeperStudy,
  entriesStudy,
]

export async function grow(
  studies: readonly Study[],
  settings: GrowthSettings,
  backends: readonly BackendName[],
  report: (finding: Finding) => void,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const study of studies) {
    console.log(`\n${study.name}: ${study.title}`)
    await study.run(settings, backends, (finding) => {
      findings.push(finding)
      report(finding)
    })
  }
  return findings
}
