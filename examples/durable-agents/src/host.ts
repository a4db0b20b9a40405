import {
  at,
  type DurationInput,
  type Expiration,
  earliest,
  epochMs,
  fixed,
  type Group,
  type Namespace,
  rolling,
  type Store,
  type Sweeper,
  type Timers,
  TtlTypeError,
} from '@ttl/core'
import { Config, type HostOptions, type Registered, type Session, type Turn } from './config.ts'
import { type LogEvent, watch } from './log.ts'

const SESSIONS = 'agent-session'
const RESULTS = 'agent-result'

/** What a session is made of: the members of one group, which are deleted with it. */
type Part = readonly Turn[] | Readonly<Record<string, unknown>> | readonly string[]

export interface Answer {
  /** `undefined`: answered before, under the same id, and the answer is no longer kept. */
  readonly text: string | undefined
  /** 1 for the first of a session. */
  readonly turn: number
}

/** An answer that was asked for again. */
export type Receipt = { readonly state: 'unknown' } | { readonly state: 'answered'; readonly text: string | undefined }

export interface Adopted {
  readonly looked: number
  readonly changed: number
}

/**
 * Runs agents and keeps their sessions, each a group: history, the agent's state and receipts live by one deadline, which
 * moves with use, and are gone at one instant, whether or not anybody has deleted them yet.
 */
export class AgentHost {
  readonly config: Config
  readonly #store: Store
  readonly #sessions: Namespace<Part>
  readonly #results: Namespace<string>
  readonly #queues = new Map<string, Promise<unknown>>()
  #tell: (event: LogEvent) => void = () => undefined

  /** @throws `TTL_INVALID` for an idle time of 0 or less, a delay above 5 minutes, null, two agents of one name */
  constructor(store: Store, options: HostOptions) {
    this.config = new Config(options)
    this.#store = store
    this.#sessions = store.namespace<Part>(SESSIONS)
    this.#results = store.namespace<string>(RESULTS, { policy: fixed(this.config.results) })
  }

  /**
   * Gives a message to an agent. Its session is continued if it lives, and begun anew if it does not, from the deadline on.
   * An agent that throws leaves everything as it was; so does an empty message.
   *
   * @param id of the message: the same one again is not run again
   */
  send(agent: string, key: string, message: string, id?: string): Promise<Answer | undefined> {
    const session = sessionOf(agent, key)
    const registered = this.config.agent(agent)
    if (registered === undefined) return Promise.reject(new TtlTypeError('TTL_INVALID', `there is no agent ${agent}`))
    if (message === '') return Promise.resolve(undefined)
    return this.#inTurn(session, () => this.#run(registered, session, message, id))
  }

  /** What was said, and nothing once the session has ended. Restarts nothing. */
  async history(agent: string, key: string): Promise<readonly Turn[]> {
    return (await this.#read(this.#group(sessionOf(agent, key)))).history
  }

  expiry(agent: string, key: string): Promise<Expiration> {
    return this.#group(sessionOf(agent, key)).expiry()
  }

  /** Whether a message was answered, as long as its session lives, and with what, for a minute. */
  async receipt(agent: string, key: string, id: string): Promise<Receipt> {
    const session = sessionOf(agent, key)
    const { receipts } = await this.#read(this.#group(session))
    if (!receipts.includes(id)) return { state: 'unknown' }
    return { state: 'answered', text: await this.#results.get(`${session}/${id}`) }
  }

  /** Ends a session now. @returns whether it lived */
  delete(agent: string, key: string): Promise<boolean> {
    return this.#group(sessionOf(agent, key)).delete()
  }

  /**
   * Gives every live session what its agent's configuration says by now, counted from its last use; of one that never
   * expired, from now. For when a host starts with another configuration. Sessions of agents that are not registered keep
   * the promise that they were given. Called twice it changes nothing more.
   */
  async adopt(): Promise<Adopted> {
    let [looked, changed] = [0, 0]
    for await (const session of this.#sessions.groups()) {
      looked++
      const registered = this.config.agent(session.slice(0, session.indexOf('/')))
      if (registered !== undefined && (await this.#follow(this.#group(session), registered, 'last use'))) changed++
    }
    return { looked, changed }
  }

  /** Deletes in the background what has ended. */
  start(options: { readonly interval?: DurationInput; readonly timers?: Timers } = {}): Sweeper {
    const { minDeletionDelay: minDelay } = this.config
    const interval = options.interval ?? (minDelay.ms < 60_000 ? '1m' : minDelay)
    return this.#store.startSweeper({ ...options, interval, minDelay, jitter: 0 })
  }

  /** Tells what becomes of sessions. @returns ends it */
  log(listener: (event: LogEvent) => void): Promise<() => Promise<void>> {
    this.#tell = listener
    return watch(this.#store, SESSIONS, listener)
  }

  async #run(registered: Registered, session: string, message: string, id: string | undefined): Promise<Answer> {
    const group = this.#sessions.group(session, rolling(registered.lifetime))
    if (this.config.extendOn === 'attempt') await group.touch()
    const { history, state, receipts } = await this.#read(group)
    if (id !== undefined && receipts.includes(id)) {
      return { text: await this.#results.get(`${session}/${id}`), turn: history.length }
    }
    const answered = await registered.run(message, { history, state })
    if (id !== undefined) await this.#results.set(`${session}/${id}`, answered)
    await group.setMany({
      history: [...history, { said: message, answered }],
      state,
      receipts: id === undefined ? receipts : [...receipts, id],
    })
    if (history.length === 0) this.#began(session, await group.expiry())
    else await this.#follow(group, registered, 'now')
    return { text: answered, turn: history.length + 1 }
  }

  /** What the agent may change is a copy: a read decodes anew. */
  async #read(group: Group<Part>): Promise<Session & { readonly receipts: readonly string[] }> {
    const parts = await group.getMany()
    return {
      history: (parts.get('history') ?? []) as readonly Turn[],
      state: (parts.get('state') ?? {}) as Record<string, unknown>,
      receipts: (parts.get('receipts') ?? []) as readonly string[],
    }
  }

  /** Gives a live session another lifetime where the configuration has another than the session. @returns whether it did */
  async #follow(group: Group<Part>, { lifetime }: Registered, from: 'now' | 'last use'): Promise<boolean> {
    const expiry = await group.expiry()
    if (expiry.state === 'absent') return false
    const [stored, wanted] = [expiry.state === 'never' ? undefined : expiry.ttl, lifetime.ttl]
    // A deadline that was moved back has a cap, which the next message takes away.
    const capped = expiry.state === 'expires' && expiry.capAt !== undefined
    if (stored?.ms === wanted?.ms && !(capped && from === 'now')) return false
    if (wanted === undefined) return group.persist()
    if (stored === undefined || expiry.state === 'never' || from === 'now') return group.expire(lifetime)
    const lastUse = expiry.expiresAt.epochMilliseconds - stored.ms
    await group.expire(earliest(lifetime, at(epochMs(lastUse + wanted.ms))))
    return true
  }

  #began(session: string, expiry: Expiration): void {
    if (expiry.state !== 'expires') return
    this.#tell({ id: 6, session, expiresAt: String(expiry.expiresAt) })
    const earliestCheck = Math.max(0, this.config.minDeletionDelay.ms - expiry.remaining.ms)
    this.#tell({ id: 7, session, checkAt: String(epochMs(expiry.expiresAt.epochMilliseconds + earliestCheck)) })
  }

  #group(session: string): Group<Part> {
    return this.#sessions.group(session)
  }

  /** One message of a session at a time. */
  #inTurn<T>(session: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(session) ?? Promise.resolve()
    const done = before.then(work, work)
    this.#queues.set(session, done)
    return done.finally(() => {
      if (this.#queues.get(session) === done) this.#queues.delete(session)
    })
  }
}

const sessionOf = (agent: string, key: string) => `${agent.toLowerCase()}/${key}`
