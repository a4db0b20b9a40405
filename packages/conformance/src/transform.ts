import type { Awaitable, Backend } from '@ttl/core/adapter'
import type { Observed } from './law.ts'

/** Another way to call a backend, under which no answer may change. */
export interface Transform {
  readonly id: string
  /** Completes: "the laws hold …". */
  readonly title: string
  /** What a law may observe of it; such a law is not played again. */
  readonly changes: readonly Observed[]
  /** Only for backends that can be shared. */
  readonly shared?: true
  /** Only where the clock can be set; where it begins. */
  readonly origin?: number
  wrap(backend: Backend, open: () => Promise<Backend>): Awaitable<Backend>
}
