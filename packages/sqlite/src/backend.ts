import type {
  Awaitable,
  Backend,
  Capabilities,
  Clock,
  DuePage,
  DueRequest,
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
} from '@ttl/core/adapter'
import { readClock, systemClock } from '@ttl/core/adapter'
import type { SqliteDatabase } from './client.ts'
import { Connection, type Session } from './connection.ts'
import { readEntries, takeEntry, writeEntries } from './entries.ts'
import { deleteMembers, readGroup, writeGroup } from './groups.ts'
import { deleteItems, expire, inspect, scan, touch } from './items.ts'
import { firstDue, listDue, NamespaceListing } from './listings.ts'
import { classify, Patience } from './patience.ts'
import { namesFor } from './schema.ts'
import { Tallying } from './stats.ts'
import { breathe, inSteps } from './steps.ts'
import { Sweeper } from './sweeper.ts'

/** SQLite's limit for a row, less the names in it. */
const MAX_PAYLOAD_BYTES = 1_000_000_000 - 8_192

export interface BackendSettings {
  readonly target: string | SqliteDatabase
  readonly clock: Clock
  readonly table: string
  readonly busyTimeoutMs: number
}

/** The contract on SQLite. Answers at once, or with a promise while the database is busy. */
export class SqliteBackend implements Backend {
  readonly name = 'sqlite'
  readonly capabilities: Capabilities
  readonly #clock: Clock
  readonly #connection: Connection
  readonly #patience: Patience
  readonly #sweeper = new Sweeper()

  constructor({ target, clock, table, busyTimeoutMs }: BackendSettings) {
    this.#clock = clock
    this.#connection = new Connection(target, namesFor(table), () => this.now())
    this.#patience = new Patience(busyTimeoutMs, () => !this.#connection.inTransaction)
    const file = !(typeof target === 'string' ? isMemory(target) : target.memory)
    this.capabilities = {
      clock: clock === systemClock ? 'host' : 'injected',
      resolutionMs: 0,
      reclaims: 'sweep',
      batch: 'all',
      clear: 'atomic',
      groups: true,
      scan: 'once',
      stats: true,
      due: true,
      persistent: file,
      shared: file,
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
    }
  }

  now(): number {
    return readClock(this.#clock)
  }

  read(namespace: string, keys: readonly string[], options: ReadOptions): Awaitable<readonly (Found | undefined)[]> {
    return this.#read((session, contended) => readEntries(session, namespace, keys, options, contended))
  }

  inspect(space: Space, namespace: string, keys: readonly string[]): Awaitable<readonly (Reading | undefined)[]> {
    return this.#read((session) => inspect(session, space, namespace, keys))
  }

  write(namespace: string, writes: readonly Write[]): Awaitable<readonly boolean[]> {
    return this.#write((session) => writeEntries(session, namespace, writes))
  }

  take(namespace: string, key: string): Awaitable<Payload | undefined> {
    return this.#write((session) => takeEntry(session, namespace, key))
  }

  delete(space: Space, namespace: string, keys: readonly string[]): Awaitable<readonly boolean[]> {
    return this.#write((session) => deleteItems(session, space, namespace, keys))
  }

  touch(space: Space, namespace: string, keys: readonly string[]): Awaitable<readonly boolean[]> {
    return this.#write((session) => touch(session, space, namespace, keys))
  }

  expire(space: Space, namespace: string, keys: readonly string[], span: Span): Awaitable<readonly boolean[]> {
    return this.#write((session) => expire(session, space, namespace, keys, span))
  }

  scan(
    space: Space,
    namespace: string,
    { cursor = '', limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Awaitable<Page> {
    return this.#read((session) => scan(session, space, namespace, cursor, limit))
  }

  readGroup(
    namespace: string,
    id: string,
    members: readonly string[] | undefined,
    options: ReadOptions,
  ): Awaitable<FoundGroup | undefined> {
    return this.#read((session, contended) => readGroup(session, namespace, id, members, options, contended))
  }

  writeGroup(
    namespace: string,
    id: string,
    members: readonly (readonly [member: string, payload: Payload])[],
    placement: Placement,
    condition?: 'absent',
  ): Awaitable<boolean> {
    return this.#write((session) => writeGroup(session, namespace, id, members, placement, condition))
  }

  deleteMembers(namespace: string, id: string, members: readonly string[]): Awaitable<readonly boolean[]> {
    return this.#write((session) => deleteMembers(session, namespace, id, members))
  }

  clear(namespace: string): Awaitable<void> {
    return this.#write((session) => session.immediate(1, () => void session.sql.clear.run(namespace)))
  }

  stats(namespace?: string, edges?: readonly number[]): Awaitable<readonly NamespaceTally[]> {
    const tallying = new Tallying(namespace, edges)
    return inSteps(() => this.#read((session) => tallying.advance(session)))
  }

  namespaces(): Awaitable<readonly string[]> {
    const listing = new NamespaceListing()
    return inSteps(() => this.#read((session) => listing.advance(session)))
  }

  due(request: DueRequest): Awaitable<DuePage> {
    const list = () => this.#read((session) => listDue(session, request))
    return request.cursor === undefined ? list() : breathe().then(list)
  }

  nextDue(): Awaitable<number | undefined> {
    return this.#read(firstDue)
  }

  sweep(request: SweepRequest): Awaitable<Swept> {
    const swept = this.#write((session) => this.#sweeper.sweep(session, request))
    // Not faster than checkpoints are made, or the WAL would only grow.
    const settled = this.#connection.settled()
    return settled === undefined ? swept : Promise.all([swept, settled]).then(([answer]) => answer)
  }

  classify(error: unknown) {
    return classify(error)
  }

  close(): Awaitable<void> {
    const idle = this.#patience.idle()
    return idle === undefined ? this.#connection.close() : Promise.resolve(idle).then(() => this.#connection.close())
  }

  #read<T>(work: (session: Session, contended: boolean) => T): Awaitable<T> {
    return this.#patience.read((contended) => work(this.#connection.session(), contended))
  }

  #write<T>(work: (session: Session) => T): Awaitable<T> {
    return this.#patience.write(() => work(this.#connection.session()))
  }
}

function isMemory(path: string): boolean {
  return path.trim() === ':memory:' || /^file:(:memory:|.*[?&]mode=memory)/.test(path)
}
