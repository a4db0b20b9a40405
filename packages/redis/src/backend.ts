import type {
  Awaitable,
  Backend,
  Capabilities,
  Classified,
  DuePage,
  DueRequest,
  Expired,
  Found,
  FoundGroup,
  NamespaceTally,
  Page,
  Payload,
  Placement,
  Reading,
  ReadOptions,
  Space,
  Span,
  SweepRequest,
  Swept,
  Write,
  WriteOutcome,
} from '@ttl/core/adapter'
import type { Commands } from './commands.ts'
import { DeadlineIndex } from './deadline-index.ts'
import { Entries } from './entries.ts'
import { classify } from './errors.ts'
import { onExpired } from './expired.ts'
import { Groups } from './groups.ts'
import { spanPlan } from './plan.ts'
import { readingOf } from './readings.ts'
import { scan, scanNamespaces } from './scan.ts'
import { Touches } from './touches.ts'
import { Stored } from './trailer.ts'

/** Redis holds strings of 512 MB; this leaves room for the trailer. */
const MAX_PAYLOAD_BYTES = 512 * 1024 * 1024 - 1_024

/** The contract on Redis. Every method is one round trip (per node of a cluster), except where it says otherwise. */
export class RedisBackend implements Backend {
  readonly name = 'redis'
  readonly capabilities: Capabilities
  /** There with an index. */
  readonly stats?: (namespace?: string, edges?: readonly number[]) => Promise<readonly NamespaceTally[]>
  /** There with an index. */
  readonly due?: (request: DueRequest) => Promise<DuePage>
  /** There with an index: when `sweep` may next find something to remove from it. */
  readonly nextDue?: () => Promise<number | undefined>
  readonly #commands: Commands
  readonly #entries: Entries
  readonly #groups: Groups
  readonly #touches: Touches
  readonly #index: DeadlineIndex | undefined
  readonly #release: () => Promise<void>
  readonly #subscriptions = new Set<() => Promise<void>>()
  #closed = false

  /** @param release closes what was opened for this backend */
  constructor(commands: Commands, release: () => Promise<void>) {
    this.#commands = commands
    this.#entries = new Entries(commands)
    this.#groups = new Groups(commands)
    this.#touches = new Touches(commands)
    this.#release = release
    const index = commands.indexed ? new DeadlineIndex(commands) : undefined
    this.#index = index
    if (index !== undefined) {
      this.stats = (namespace, edges) => index.stats(namespace, edges)
      this.due = (request) => index.due(request)
      this.nextDue = () => index.nextDue()
    }
    this.capabilities = {
      clock: 'server',
      resolutionMs: 1,
      reclaims: 'native',
      batch: 'each',
      clear: 'paged',
      groups: true,
      scan: 'repeats',
      stats: commands.indexed,
      due: commands.indexed,
      persistent: true,
      shared: true,
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
    }
  }

  async now(): Promise<number> {
    const [seconds, micros] = (await this.#commands.send.time()) as [unknown, unknown]
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
  }

  /** One more round trip where an entry was written under 'access' and `options.sliding` did not say so. */
  read(namespace: string, keys: readonly string[], options: ReadOptions): Promise<readonly (Found | undefined)[]> {
    return this.#entries.read(namespace, keys, options)
  }

  async inspect(space: Space, namespace: string, keys: readonly string[]): Promise<readonly (Reading | undefined)[]> {
    const replies = (await this.#commands.all('inspect', space, namespace, keys)) as (
      | [Buffer, unknown, unknown]
      | null
    )[]
    return replies.map((reply) =>
      reply === null ? undefined : readingOf(new Stored(reply[0]).rest, reply[1], reply[2]),
    )
  }

  write(namespace: string, writes: readonly Write[]): Promise<readonly WriteOutcome[]> {
    return this.#entries.write(namespace, writes)
  }

  take(namespace: string, key: string): Promise<Payload | undefined> {
    return this.#entries.take(namespace, key)
  }

  async delete(space: Space, namespace: string, keys: readonly string[]): Promise<readonly boolean[]> {
    const [key] = keys
    if (this.#commands.indexed || keys.length > 1 || key === undefined) {
      return ones(await this.#commands.all('remove', space, namespace, keys))
    }
    return ones([await this.#commands.send.unlink(this.#commands.keys.key(space, namespace, key))])
  }

  async touch(space: Space, namespace: string, keys: readonly string[]): Promise<readonly boolean[]> {
    return ones(await this.#touches.touch(space, namespace, keys))
  }

  async expire(space: Space, namespace: string, keys: readonly string[], span: Span): Promise<readonly boolean[]> {
    return ones(await this.#commands.all('expire', space, namespace, keys, [spanPlan(span)]))
  }

  /** One step of `SCAN` on one node; with an index a page of every shard. */
  scan(
    space: Space,
    namespace: string,
    page: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<Page> {
    return this.#index?.page(space, namespace, page) ?? scan(this.#commands, space, namespace, page)
  }

  readGroup(
    namespace: string,
    id: string,
    members: readonly string[] | undefined,
    options: ReadOptions,
  ): Promise<FoundGroup | undefined> {
    return this.#groups.read(namespace, id, members, options)
  }

  writeGroup(
    namespace: string,
    id: string,
    members: readonly (readonly [member: string, payload: Payload])[],
    placement: Placement,
    condition?: 'absent',
  ): Promise<boolean> {
    return this.#groups.write(namespace, id, members, placement, condition)
  }

  deleteMembers(namespace: string, id: string, members: readonly string[]): Promise<readonly boolean[]> {
    return this.#groups.deleteMembers(namespace, id, members)
  }

  /** With an index what that knows; without one a `SCAN` of the whole keyspace. */
  namespaces(): Promise<readonly string[]> {
    return this.#index?.namespaces() ?? scanNamespaces(this.#commands)
  }

  /** Redis frees what is expired. This removes what that leaves in the index, if there is one. */
  sweep(request: SweepRequest): Awaitable<Swept> {
    return this.#index?.sweep(request) ?? { deleted: new Map(), more: false }
  }

  /**
   * Calls a listener for what expires, at most once for each entry and group. Best effort: an event comes when Redis removes
   * the key, late or, if this process is not connected at that moment, not at all. The server has to be told to send them:
   * `notify-keyspace-events Ex`. On a cluster, to the masters that there are now.
   *
   * @returns a function that ends it; `close` does as well
   * @throws `TTL_UNSUPPORTED` when the server is known not to send them
   */
  async onExpired(listener: (expired: Expired) => void): Promise<() => Promise<void>> {
    const stop = await onExpired(this.#commands, listener)
    this.#subscriptions.add(stop)
    return async () => {
      this.#subscriptions.delete(stop)
      await stop()
    }
  }

  classify(error: unknown): Classified {
    return classify(error)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const stop of this.#subscriptions) await stop()
    await this.#release()
  }
}

function ones(replies: readonly unknown[]): boolean[] {
  return replies.map((reply) => Number(reply) === 1)
}
