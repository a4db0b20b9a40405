import { boundaryLaws } from './boundary.ts'
import { durationTextLaws } from './duration-text.ts'
import { evaluateLaws } from './evaluate.ts'
import { gateLaws } from './gate.ts'
import { instantTextLaws } from './instant-text.ts'
import { jitterLaws } from './jitter.ts'
import type { Law } from './law.ts'
import { lifetimeLaws } from './lifetime.ts'
import { limitLaws } from './limits.ts'
import { overrideLaws } from './override.ts'
import { refreshLaws } from './refresh.ts'
import { traceLaws } from './traces.ts'

export { type Kernel, kernel, type Law } from './law.ts'

export const laws: readonly Law[] = [
  ...lifetimeLaws,
  ...evaluateLaws,
  ...overrideLaws,
  ...limitLaws,
  ...refreshLaws,
  ...gateLaws,
  ...traceLaws,
  ...boundaryLaws,
  ...jitterLaws,
  ...durationTextLaws,
  ...instantTextLaws,
]
