import type { Socket } from 'node:net'
import { isIdle, mastersOf, type RedisClient } from './client.ts'
import { nextTick } from './tick.ts'

type Corkable = Pick<Socket, 'cork' | 'uncork'>

/** Makes what is sent in one tick one write to the socket: the largest part of the cost of a command. */
export class Cork {
  readonly #client: RedisClient
  #held: Corkable[] | undefined
  /** Whether several came together last. They will again, so that the first of them waits as well. */
  #inCompany = false

  constructor(client: RedisClient) {
    this.#client = client
  }

  /**
   * To be called before each command. One that finds nothing under way is written at once.
   *
   * @param several whether it is about more than one command
   */
  hold(several = false): void {
    if (this.#held !== undefined) {
      this.#inCompany = true
      return
    }
    if (!several && !this.#inCompany && isIdle(this.#client)) return
    this.#inCompany = several
    this.#held = []
    for (const node of mastersOf(this.#client)) {
      const stream = (node as { stream?: unknown }).stream
      if (isCorkable(stream)) {
        stream.cork()
        this.#held.push(stream)
      }
    }
    nextTick(() => this.release())
  }

  /** Writes what was held back. */
  release(): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    for (const stream of held) stream.uncork()
  }
}

function isCorkable(stream: unknown): stream is Corkable {
  const socket = stream as Partial<Corkable> | null | undefined
  return typeof socket?.cork === 'function' && typeof socket.uncork === 'function'
}
