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
    return `${this.held.length} held${this.broken.length === 0 ? '' : `, BROKEN ${this.broken.join(' ')}`}`
  }
}

/** What a suite has seen, for people. */
export function format(summary: Summary): string {
  const { capabilities, laws, transforms, model, repeated } = summary
  const mode = capabilities.clock === 'injected' ? 'injected clock, exact' : `${capabilities.clock} clock, real time`
  const lines = [`${summary.name} (${mode}): laws ${laws}`]
  lines.push(
    `  capabilities: ${Object.entries(capabilities)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  )
  const other = [...laws.inapplicable].map(([because, ids]) => `${because} (${ids.length})`)
  if (other.length > 0) lines.push(`  stated for others only, because of ${other.join(', ')}`)
  const played = [...transforms].filter(([, tallied]) => tallied.held.length + tallied.broken.length > 0)
  if (played.length > 0) lines.push(`  again under ${played.map(([id, tallied]) => `${id}: ${tallied}`).join('; ')}`)
  if (model !== undefined) {
    lines.push(`  model: ${model.operations} operations in ${model.traces} traces, no divergence (seed ${model.seed})`)
  }
  if (repeated > 0) lines.push(`  ${repeated} plays repeated because this machine was slow`)
  return lines.join('\n')
}
