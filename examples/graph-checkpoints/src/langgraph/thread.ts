import type { SerializerProtocol } from '@langchain/langgraph-checkpoint'
import { type DurationInput, type Expiration, type Group, type Lifetime, TtlError } from '@ttl/core'
import type { Frame } from './frames.ts'
import { attachmentName } from './names.ts'

/** The life of a whole thread: its checkpoints, their values, its pending writes, and what the application attached. */
export class Thread {
  readonly id: string
  readonly #group: Group<Frame>
  readonly #serde: SerializerProtocol
  readonly #usual: () => Promise<Lifetime>

  /** @internal */
  constructor(id: string, group: Group<Frame>, serde: SerializerProtocol, usual: () => Promise<Lifetime>) {
    this.id = id
    this.#group = group
    this.#serde = serde
    this.#usual = usual
  }

  /** How long it lives. Restarts nothing. */
  expiry(): Promise<Expiration> {
    return this.#group.expiry()
  }

  /** Removes the deadline. No read, no run and no sweep brings it back; `unpin` and `expire` do. @returns whether there is such a thread */
  pin(): Promise<boolean> {
    return patiently(() => this.#group.persist())
  }

  /** Gives a pinned thread a deadline again: by default as long a life as a new one has. @returns whether it lives */
  async unpin(lifetime?: Lifetime | DurationInput): Promise<boolean> {
    return this.expire(lifetime ?? (await this.#usual()))
  }

  /** Replaces the lifetime of this thread alone. What restarts it stays, and restarts the new one. @returns whether it lives */
  expire(lifetime: Lifetime | DurationInput): Promise<boolean> {
    return patiently(() => this.#group.expire(lifetime))
  }

  /** Restarts its clock. @returns whether it lives */
  touch(): Promise<boolean> {
    return patiently(() => this.#group.touch())
  }

  /** Keeps something of the application's with the thread: it lives as long, is pinned with it, and dies with it. */
  async attach(name: string, value: unknown): Promise<boolean> {
    return this.#group.set(attachmentName(name), { head: null, parts: [await this.#serde.dumpsTyped(value)] })
  }

  /** What was attached, or `undefined`. Restarts the thread as reading its checkpoint does. */
  async attachment(name: string): Promise<unknown> {
    const [typed] = (await this.#group.get(attachmentName(name)))?.parts ?? []
    return typed && this.#serde.loadsTyped(...typed)
  }

  /** @returns whether it was there */
  detach(name: string): Promise<boolean> {
    return this.#group.delete(attachmentName(name))
  }
}

const ATTEMPTS = 3
const PAUSE_MS = 50

/** What may be done twice is tried again while the store says that it may help: a pin that gets lost is a thread that dies. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof TtlError && error.retryable)) throw error
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** (attempt - 1)))
    }
  }
}
