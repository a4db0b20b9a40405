import { SUBJECTS } from '../subjects/index.ts'
import { inChild } from './child.ts'
import type { Study } from './finding.ts'

/** More is of no use to a cache in one process. */
const MOST = 1_000_000

export const memoryStudy: Study = {
  name: 'memory',
  title: 'heap bytes of an entry (100 bytes of JSON and its key counted), nanoseconds of CPU of an awaited operation',
  async run({ sizes, rounds }, backends, report) {
    if (!backends.includes('memory')) return
    const names = SUBJECTS.filter(({ backend }) => backend === 'memory').map(({ name }) => name)
    for (const size of sizes.filter((each) => each <= MOST)) {
      // A Map of strings is what the machine allows: at a million entries each step of a lookup misses its caches.
      for (const subject of ['without codec', 'Map of strings', ...names]) {
        const figures = await inChild<Record<string, number>>(
          'memory-child.ts',
          [subject, size, rounds],
          ['--max-old-space-size=8192'],
        )
        report({ study: 'memory', backend: 'memory', subject, size, figures })
      }
    }
  },
}
