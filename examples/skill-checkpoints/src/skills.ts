import type { Instant } from '@ttl/core'

/** Skills whose checkpoints are kept by the month, and the middle of their namespaces. */
const SESSIONS: Readonly<Record<string, string>> = {
  'skill:lead-architect': 'lead_architect',
  'skill:backend-service-builder': 'backend',
  'skill:api-builder': 'api',
  'skill:issues': 'issues',
}

/** Where checkpoints of all other skills are, and where those from before there were months are found. Permanent. */
export const LEGACY = 'pt2_project'

/** Namespaces that nothing ever removes. */
export const PERMANENT = [LEGACY, 'arch_decisions', 'mvp_progress'] as const

/** What the namespaces of a skill's sessions begin with; `undefined`: they are not kept by the month. */
export function prefixOf(skill: string): string | undefined {
  const middle = Object.hasOwn(SESSIONS, skill) ? SESSIONS[skill] : undefined
  return middle === undefined ? undefined : `session_${middle}_`
}

/** The namespace that a checkpoint goes into: `session_lead_architect_2026_01`. The month is that of UTC, wherever the process runs. */
export function namespaceOf(skill: string, now: Instant): string {
  const prefix = prefixOf(skill)
  return prefix === undefined ? LEGACY : `${prefix}${String(now).slice(0, 7).replace('-', '_')}`
}

/** Whether a namespace is one of a skill's months. */
export function isMonthOf(namespace: string, prefix: string): boolean {
  return namespace.startsWith(prefix) && /^\d{4}_\d{2}$/.test(namespace.slice(prefix.length))
}
