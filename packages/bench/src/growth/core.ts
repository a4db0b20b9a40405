import { inChild } from './child.ts'
import type { Study } from './finding.ts'

export const coreStudy: Study = {
  name: 'core',
  title:
    'what core adds to a call, the loop and its await included: nanoseconds of CPU, bytes allocated, promises made',
  async run({ rounds }, _backends, report) {
    type Figures = Record<string, Record<string, number>>
    const time = await inChild<Figures>('core-child.ts', ['time', rounds])
    // A young generation so large that nothing of it is collected while it is counted.
    const roomy = ['--max-semi-space-size=256', '--min-semi-space-size=256']
    const garbage = await inChild<Figures>('core-child.ts', ['garbage', rounds], roomy)
    for (const [variant, figures] of Object.entries(time))
      report({
        study: 'core',
        backend: 'core',
        subject: '@ttl/core',
        variant,
        figures: { ...figures, ...garbage[variant] },
      })
  },
}
