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
import { Access } from './access.ts'
import type { SqliteDatabase } from './client.ts'
import { readEntries, takeEntry, writeEntries } from './entries.ts'
import { deleteMembers, readGroup, writeGroup } from './groups.ts'
import { ItemShelf } from './item-shelf.ts'
import { ItemTables } from './item-tables.ts'
import { deleteItems, expire, inspect, scan, touch } from './items.ts'
import { listDue, NamespaceListing } from './listings.ts'
import { classify } from './patience.ts'
import type { DueRow } from './rows.ts'
import type { Statements } from './statements.ts'
import { Tallying } from './stats.ts'
import { breathe, inSteps } from './steps.ts'
import { Sweeper, sweptOf } from './sweeper.ts'
import { isMemory } from './target.ts'
import type { Runner } from './turn.ts'

/** SQLite's limit for a row, less the names in it. */
const MAX_PAYLOAD_BYTES = 1_000_000_000 - 8_192

const isFew = (rows: readonly unknown[]): boolean => rows.length <= 16

const areLight = (payloads: readonly Payload[]): boolean =>
  payloads.reduce((sum, { length }) => sum + length, 0) <= 64 * 1024

export interface BackendSettings {
  readonly target: string | SqliteDatabase
  readonly clock: Clock
  readonly table: string
  readonly busyTimeoutMs: number
}

/** The contract on SQLite. Answers at once, or with a promise while the database is busy or others ask as well. */
export class SqliteBackend implements Backend {
  readonly name = 'sqlite'
  readonly capabilities: Capabilities
  readonly #clock: Clock
  readonly #access: Access<Statements>
  readonly #sweeper = new Sweeper<DueRow>()

  constructor({ target, clock, table, busyTimeoutMs }: BackendSettings) {
    this.#clock = clock
    this.#access = new Access(target, new ItemTables(table), () => this.now(), busyTimeoutMs)
    const file = !isMemory(target)
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
    return this.#runner(isFew(keys)).read((session, contended) =>
      readEntries(session, namespace, keys, options, contended),
    )
  }

  inspect(space: Space, namespace: string, keys: readonly string[]): Awaitable<readonly (Reading | undefined)[]> {
    return this.#runner(isFew(keys)).read((session) => inspect(session, space, namespace, keys))
  }

  write(namespace: string, writes: readonly Write[]): Awaitable<readonly boolean[]> {
    return this.#runner(isFew(writes) && areLight(writes.map(({ payload }) => payload))).write((session) =>
      writeEntries(session, namespace, writes),
    )
  }

  take(namespace: string, key: string): Awaitable<Payload | undefined> {
    return this.#access.shared.write((session) => takeEntry(session, namespace, key))
  }

  delete(space: Space, namespace: string, keys: readonly string[]): Awaitable<readonly boolean[]> {
    return this.#runner(space === 'entry' && isFew(keys)).write((session) =>
      deleteItems(session, space, namespace, keys),
    )
  }

  touch(space: Space, namespace: string, keys: readonly string[]): Awaitable<readonly boolean[]> {
    return this.#runner(isFew(keys)).write((session) => touch(session, space, namespace, keys))
  }

  expire(space: Space, namespace: string, keys: readonly string[], span: Span): Awaitable<readonly boolean[]> {
    return this.#runner(isFew(keys)).write((session) => expire(session, space, namespace, keys, span))
  }

  scan(
    space: Space,
    namespace: string,
    { cursor = '', limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Awaitable<Page> {
    return this.#access.read((session) => scan(session, space, namespace, cursor, limit))
  }

  readGroup(
    namespace: string,
    id: string,
    members: readonly string[] | undefined,
    options: ReadOptions,
  ): Awaitable<FoundGroup | undefined> {
    return this.#runner(members !== undefined && isFew(members)).read((session, contended) =>
      readGroup(session, namespace, id, members, options, contended),
    )
  }

  writeGroup(
    namespace: string,
    id: string,
    members: readonly (readonly [member: string, payload: Payload])[],
    placement: Placement,
    condition?: 'absent',
  ): Awaitable<boolean> {
    const light = isFew(members) && areLight(members.map(([, payload]) => payload))
    return this.#runner(light).write((session) => writeGroup(session, namespace, id, members, placement, condition))
  }

  deleteMembers(namespace: string, id: string, members: readonly string[]): Awaitable<readonly boolean[]> {
    return this.#runner(isFew(members)).write((session) => deleteMembers(session, namespace, id, members))
  }

  clear(namespace: string): Awaitable<void> {
    return this.#access.write((session) => session.immediate(1, () => void session.sql.clear.run(namespace)))
  }

  stats(namespace?: string, edges?: readonly number[]): Awaitable<readonly NamespaceTally[]> {
    const tallying = new Tallying(namespace, edges)
    return inSteps(() => this.#access.read((session) => tallying.advance(session)))
  }

  namespaces(): Awaitable<readonly string[]> {
    const listing = new NamespaceListing()
    return inSteps(() => this.#access.read(({ sql }) => listing.advance(sql)))
  }

  due(request: DueRequest): Awaitable<DuePage> {
    const list = () => this.#access.read(({ sql }) => listDue(new ItemShelf(sql), request))
    return request.cursor === undefined ? list() : breathe().then(list)
  }

  nextDue(): Awaitable<number | undefined> {
    return this.#access.read(({ sql }) => new ItemShelf(sql).nextDue())
  }

  sweep(request: SweepRequest): Awaitable<Swept> {
    const swept = this.#access.write((session) => {
      const shelf = new ItemShelf(session.sql)
      return sweptOf(shelf, this.#sweeper.sweep(session, shelf, request), request.names)
    })
    // Not faster than checkpoints are made, or the WAL would only grow.
    const settled = this.#access.settled()
    return settled === undefined ? swept : Promise.all([swept, settled]).then(([answer]) => answer)
  }

  classify(error: unknown) {
    return classify(error)
  }

  close(): Awaitable<void> {
    return this.#access.close()
  }

  /** What is small may share a transaction with others; what is not keeps nobody else waiting. */
  #runner(small: boolean): Runner<Statements> {
    return small ? this.#access.shared : this.#access
  }
}
