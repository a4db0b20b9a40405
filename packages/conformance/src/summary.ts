import type { Capabilities } from '@ttl/core'
import type { Verdict } from './session.ts'

/** What a suite has seen of one backend. */
export interface Summary {
  readonly name: string
  readonly capabilities: Capabilities
  readonly laws: Tallied
  /** The same laws under other ways of calling. */
  readonly transforms: ReadonlyMap<string, Tallied>
  readonly model: { readonly operations: number; readonly traces: number; readonly seed: number } | undefined
  /** Plays in real time that had to be repeated because the machine was too slow. */
  readonly repeated: number
}

export class Tallied {
  readonly held: string[] = []
  readonly broken: string[] = []
  /** What is not stated for this backend, by the fact that decides. */
  readonly inapplicable = new Map<string, string[]>()

  add(id: string, verdict: Verdict): void {
    if (verdict.held === undefined) {
      const ids = this.inapplicable.get(verdict.because)
      if (ids === undefined) this.inapplicable.set(verdict.because, [id])
      else ids.push(id)
    } else {
      ;(verdict.held ? this.held : this.broken).push(id)
    }
  }

  toString(): string {
    const other = [...this.inapplicable].map(([because, ids]) => `${ids.length} ${because}`)
    const broken = this.broken.length === 0 ? '' : `, BROKEN ${this.broken.join(' ')}`
    return `${this.held.length} held${broken}${other.length === 0 ? '' : `; not stated for it: ${other.join(', ')}`}`
  }
}

export function format(summary: Summary): string {
  const { capabilities, laws, transforms, model, repeated } = summary
  const mode = capabilities.clock === 'injected' ? 'injected clock, exact' : `${capabilities.clock} clock, real time`
  const facts = Object.entries(capabilities).map(([name, value]) => `${name} ${value}`)
  const lines = [`${summary.name} (${mode}): laws ${laws}`, `  capabilities: ${facts.join(', ')}`]
  for (const [id, tallied] of transforms) lines.push(`  ${id}: ${tallied}`)
  if (model !== undefined)
    lines.push(
      `  model: ${model.operations} operations in ${model.traces} traces without a divergence (seed ${model.seed})`,
    )
  if (repeated > 0) lines.push(`  repeated because the machine was slow: ${repeated}`)
  return lines.join('\n')
}
