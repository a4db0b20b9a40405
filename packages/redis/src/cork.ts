import type { Socket } from 'node:net'
import { isIdle, mastersOf, type RedisClient } from './client.ts'

type Corkable = Pick<Socket, 'cork' | 'uncork'>

/** Makes what is sent in one tick one write to the socket: the largest part of the cost of a command. */
export class Cork {
  readonly #client: RedisClient
  #held: Corkable[] | undefined

  constructor(client: RedisClient) {
    this.#client = client
  }

  /** To be called before each command. One that finds nothing under way is written at once. */
  hold(): void {
    if (this.#held !== undefined || isIdle(this.#client)) return
    this.#held = []
    for (const node of mastersOf(this.#client)) {
      const stream = (node as { stream?: unknown }).stream
      if (isCorkable(stream)) {
        stream.cork()
        this.#held.push(stream)
      }
    }
    process.nextTick(() => this.#release())
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const stream of held) stream.uncork()
  }
}

function isCorkable(stream: unknown): stream is Corkable {
  const socket = stream as Partial<Corkable> | null | undefined
  return typeof socket?.cork === 'function' && typeof socket.uncork === 'function'
}
