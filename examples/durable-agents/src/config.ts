import {
  after,
  type Duration,
  type DurationInput,
  duration,
  type Lifetime,
  type Never,
  never,
  TtlRangeError,
  TtlTypeError,
} from '@ttl/core'

/** How long a session may rest: a duration, or `never` for ever. */
export type Idle = DurationInput | Never

/** What an agent is given beside a message: a copy, stored when the run has succeeded. */
export interface Session {
  readonly history: readonly Turn[]
  /** The agent's own, to change as it likes. */
  readonly state: Record<string, unknown>
}

export interface Turn {
  readonly said: string
  readonly answered: string
}

export interface Agent {
  readonly run: (message: string, session: Session) => string | Promise<string>
  /** Its own idle time. Left out, that of the host; `never` is for ever. */
  readonly idle?: Idle | undefined
}

export interface HostOptions {
  /** By name; upper and lower case are the same. */
  readonly agents: Readonly<Record<string, Agent>>
  /** For agents that say nothing else. Default 14 days. */
  readonly idle?: Idle | undefined
  /** What is expired stays stored at least this long between two deletions. At most, and by default, 5 minutes. */
  readonly minDeletionDelay?: DurationInput | undefined
  /** What counts as use: a message that was answered, or also one whose run failed. Default `'success'`. */
  readonly extendOn?: 'success' | 'attempt' | undefined
  /** How long an answer can be asked for again. Default 60 s. Its receipt lives as long as the session. */
  readonly results?: DurationInput | undefined
}

const MAX_DELAY = '5m'

/** An agent with the lifetime that its sessions have: never, or so long after the last use. */
export interface Registered {
  readonly run: Agent['run']
  readonly lifetime: Lifetime
}

/** {@link HostOptions}, checked: whatever is wrong is said before any message is. */
export class Config {
  readonly minDeletionDelay: Duration
  readonly results: Duration
  readonly extendOn: 'success' | 'attempt'
  readonly #agents = new Map<string, Registered>()

  constructor(options: HostOptions) {
    const { agents, idle = '14d', minDeletionDelay = MAX_DELAY, extendOn = 'success', results = '60s' } = options
    const otherwise = lifetimeOf(idle, 'idle')
    this.minDeletionDelay = duration(minDeletionDelay)
    if (this.minDeletionDelay.ms > duration(MAX_DELAY).ms) {
      throw new TtlRangeError(
        'TTL_INVALID',
        `minDeletionDelay cannot exceed ${MAX_DELAY}, got ${this.minDeletionDelay}`,
      )
    }
    this.results = duration(results)
    this.extendOn = extendOn
    for (const [name, { run, idle: own }] of Object.entries(agents)) {
      if (this.agent(name) !== undefined) {
        throw new TtlTypeError('TTL_INVALID', `there are two agents ${name}: upper and lower case are the same`)
      }
      const lifetime = own === undefined ? otherwise : lifetimeOf(own, `idle of ${name}`)
      this.#agents.set(name.toLowerCase(), { run, lifetime })
    }
  }

  /** `undefined`: nobody of that name is registered. */
  agent(name: string): Registered | undefined {
    return this.#agents.get(name.toLowerCase())
  }
}

function lifetimeOf(idle: Idle, what: string): Lifetime {
  if (idle === null) {
    throw new TtlTypeError('TTL_INVALID', `${what} is null: leave it out to inherit, write never to keep for ever`)
  }
  return idle === never ? never : after(idle as DurationInput)
}
