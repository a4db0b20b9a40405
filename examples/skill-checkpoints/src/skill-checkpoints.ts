import type { DurationInput, Instant } from '@ttl/core'
import {
  type Archive,
  CHECKPOINT,
  type Executed,
  type Memory,
  type Monitoring,
  type Previewed,
  type Remaining,
  SESSION_TTL_DAYS,
  type Share,
} from './checkpoints.ts'
import { LEGACY, namespaceOf, prefixOf } from './skills.ts'

const SAMPLES = 20

/** Saves and resumes the sessions of skills, and keeps house. */
export class SkillCheckpoints {
  readonly #archive: Archive
  readonly #ttlDays: number

  constructor(archive: Archive, ttlDays: number = SESSION_TTL_DAYS) {
    this.#archive = archive
    this.#ttlDays = ttlDays
  }

  /** Keeps where a session stands: for a week where the skill has sessions, for good where it has none. @returns its id */
  async save(skill: string, content: string, category = 'session'): Promise<string> {
    const mortal = prefixOf(skill) !== undefined
    return this.#archive.put({
      namespace: namespaceOf(skill, await this.#archive.now()),
      category,
      content,
      metadata: { type: CHECKPOINT, skill, ...(mortal ? { ttl_days: this.#ttlDays } : {}) },
      ...(mortal ? { ttl: { days: this.#ttlDays } } : {}),
    })
  }

  /** Where a skill's last session stood, whichever month it was saved in, or where it stood before there were months. */
  async resume(skill: string): Promise<Memory | undefined> {
    const prefix = prefixOf(skill)
    const current = prefix === undefined ? undefined : await this.#archive.newest({ prefix })
    return current ?? this.#archive.newest({ namespace: LEGACY, skill })
  }

  /** Keeps something for good. @returns its id */
  remember(namespace: string, content: string, category = 'decision'): Promise<string> {
    return this.#archive.put({ namespace, category, content })
  }

  pin(id: string): Promise<boolean> {
    return this.#archive.pin(id)
  }

  extend(id: string, ttl: DurationInput): Promise<boolean> {
    return this.#archive.extend(id, ttl)
  }

  /** Says what a clean-up would delete; changes nothing. */
  cleanup(mode?: 'preview'): Promise<Previewed>
  /** Deletes what has expired, or only what had by then: the `asOf` of a preview. */
  cleanup(mode: 'execute', asOf?: Instant): Promise<Executed>
  async cleanup(mode: 'preview' | 'execute' = 'preview', asOf?: Instant): Promise<Previewed | Executed> {
    if (mode === 'preview') return { mode, ...(await this.#archive.expired(SAMPLES)) }
    const before = overall(await this.#shares()).total
    const deleted = await this.#archive.remove(asOf)
    const after = overall(await this.#shares()).total
    const total = deleted.reduce((sum, each) => sum + each.deleted, 0)
    return { mode, total, deleted, before, after, remaining: await this.#remaining() }
  }

  /** How much there is, of what kind, and what is next. */
  async monitor(): Promise<Monitoring> {
    const namespaces = await this.#shares()
    const all = overall(namespaces)
    const percent = (count: number) => (all.total === 0 ? 0 : Math.round((1000 * count) / all.total) / 10)
    return {
      namespaces,
      overall: all,
      percent: { permanent: percent(all.permanent), active: percent(all.active), expired: percent(all.expired) },
      remaining: await this.#remaining(),
      size: await this.#archive.size(),
      lastActivity: await this.#archive.lastActivity(),
    }
  }

  async #shares(): Promise<Share[]> {
    const stats = await this.#archive.stats()
    const shares = stats.map(({ namespace, entries: { permanent, active, expired } }) => {
      return { namespace, total: permanent + active + expired, permanent, active, expired }
    })
    return shares.filter(({ total }) => total > 0).sort((a, b) => a.namespace.localeCompare(b.namespace))
  }

  async #remaining(): Promise<Remaining[]> {
    const stats = await this.#archive.stats()
    const remaining = stats.map(({ namespace, entries: { active, nextExpiresAt, lastExpiresAt } }) => {
      return { namespace, entries: active, next: nextExpiresAt, last: lastExpiresAt }
    })
    return remaining.filter(({ entries }) => entries > 0).sort((a, b) => a.namespace.localeCompare(b.namespace))
  }
}

function overall(shares: readonly Share[]): Share {
  const sum = (of: (share: Share) => number) => shares.reduce((total, share) => total + of(share), 0)
  return {
    namespace: 'all',
    total: sum(({ total }) => total),
    permanent: sum(({ permanent }) => permanent),
    active: sum(({ active }) => active),
    expired: sum(({ expired }) => expired),
  }
}
