import type {
  Backend,
  Capabilities,
  Classified,
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
import { inTurn, type PostgresClient } from './client.ts'
import { readEntries, takeEntry, writeEntries } from './entries.ts'
import { classify } from './errors.ts'
import { deleteMembers, readGroup, writeGroup } from './groups.ts'
import { change, clear, inspect, scan, type Verb } from './items.ts'
import { schemaScript } from './migrate.ts'
import { type Own, Session } from './session.ts'
import { sharedChanges, sharedGroupReads, sharedReads, sharedWrites, wayOf } from './shared.ts'
import { Sweeper } from './sweeper.ts'
import { broomOf, clockNow, due, namespaces, nextDue, stats } from './upkeep.ts'

/** Bytes come back as twice as many hexadecimal digits, in what must fit a string of JavaScript. */
const MAX_PAYLOAD_BYTES = 255 * 1024 * 1024

/** A backend on PostgreSQL. */
export interface PostgresBackend extends Backend {
  /**
   * The same tables within a transaction of yours: what is written there is committed or rolled back with it. Nothing of it
   * is coalesced or runs later, and an error is not retryable, because it has aborted the transaction.
   */
  with(client: PostgresClient): PostgresBackend
  /** Creates or upgrades the tables. Not needed: it happens on first use. Cheap when they are current. */
  migrate(): Promise<void>
  /** What `migrate` would run, for those who apply migrations themselves. */
  schemaSql(): string
}

export interface BackendParts {
  readonly common: Own
  readonly session: Session
  /** Ends what was opened for the backend. */
  readonly end: () => Promise<void>
}

/** The contract on PostgreSQL. */
export class PgBackend implements PostgresBackend {
  readonly name = 'postgres'
  readonly capabilities: Capabilities
  readonly #common: Own
  readonly #session: Session
  readonly #end: () => Promise<void>
  readonly #sweeper: Sweeper
  readonly #reads: ReturnType<typeof sharedReads>
  readonly #groupReads: ReturnType<typeof sharedGroupReads>
  readonly #writes: ReturnType<typeof sharedWrites>
  readonly #changes: ReturnType<typeof sharedChanges>
  readonly #pending = new Set<Promise<unknown>>()

  constructor({ common, session, end }: BackendParts) {
    this.#common = common
    this.#session = session
    this.#end = end
    this.#sweeper = new Sweeper(broomOf(common))
    this.#reads = sharedReads(session, this.#later)
    this.#groupReads = sharedGroupReads(session, this.#later)
    this.#writes = sharedWrites(session)
    this.#changes = sharedChanges(session)
    this.capabilities = {
      clock: common.clock === undefined ? 'server' : 'injected',
      resolutionMs: 0,
      reclaims: 'sweep',
      batch: 'all',
      clear: 'atomic',
      groups: true,
      scan: 'once',
      stats: true,
      due: true,
      persistent: true,
      shared: true,
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
    }
  }

  with(client: PostgresClient): PostgresBackend {
    const connection = inTurn(client)
    const session = new Session(this.#common, () => connection, true, this.#session.current)
    return new PgBackend({ common: this.#common, session, end: async () => {} })
  }

  migrate(): Promise<void> {
    return this.#session.ready()
  }

  schemaSql(): string {
    return schemaScript(this.#common.names)
  }

  now(): Promise<number> {
    return clockNow(this.#session)
  }

  read(namespace: string, keys: readonly string[], options: ReadOptions): Promise<readonly (Found | undefined)[]> {
    const [key] = keys
    if (keys.length > 1 || key === undefined || options.detail || this.#session.bound) {
      return readEntries(this.#session, namespace, keys, options, this.#later)
    }
    return this.#reads[wayOf(options)].at(namespace).ask(key, key)
  }

  inspect(space: Space, namespace: string, keys: readonly string[]): Promise<readonly (Reading | undefined)[]> {
    return inspect(this.#session, space, namespace, keys)
  }

  write(namespace: string, writes: readonly Write[]): Promise<readonly boolean[]> {
    const [write] = writes
    if (writes.length > 1 || write === undefined || this.#session.bound) {
      return writeEntries(this.#session, namespace, writes)
    }
    return this.#writes.at(namespace).ask(write.key, write)
  }

  take(namespace: string, key: string): Promise<Payload | undefined> {
    return takeEntry(this.#session, namespace, key)
  }

  delete(space: Space, namespace: string, keys: readonly string[]): Promise<readonly boolean[]> {
    return this.#change('delete', space, namespace, keys)
  }

  touch(space: Space, namespace: string, keys: readonly string[]): Promise<readonly boolean[]> {
    return this.#change('touch', space, namespace, keys)
  }

  expire(space: Space, namespace: string, keys: readonly string[], span: Span): Promise<readonly boolean[]> {
    return this.#change('expire', space, namespace, keys, span)
  }

  scan(
    space: Space,
    namespace: string,
    { cursor = '', limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<Page> {
    return scan(this.#session, space, namespace, cursor, limit)
  }

  readGroup(
    namespace: string,
    id: string,
    members: readonly string[] | undefined,
    options: ReadOptions,
  ): Promise<FoundGroup | undefined> {
    if (members === undefined || options.detail || this.#session.bound) {
      return readGroup(this.#session, namespace, id, members, options, this.#later)
    }
    return this.#groupReads[wayOf(options)].at(namespace).ask(id, { id, members })
  }

  writeGroup(
    namespace: string,
    id: string,
    members: readonly (readonly [member: string, payload: Payload])[],
    placement: Placement,
    condition?: 'absent',
  ): Promise<boolean> {
    return writeGroup(this.#session, namespace, id, members, placement, condition)
  }

  deleteMembers(namespace: string, id: string, members: readonly string[]): Promise<readonly boolean[]> {
    return deleteMembers(this.#session, namespace, id, members)
  }

  clear(namespace: string): Promise<void> {
    return clear(this.#session, namespace)
  }

  stats(namespace?: string, edges?: readonly number[]): Promise<readonly NamespaceTally[]> {
    return stats(this.#session, namespace, edges)
  }

  due(request: DueRequest): Promise<DuePage> {
    return due(this.#session, request)
  }

  nextDue(): Promise<number | undefined> {
    return nextDue(this.#session)
  }

  namespaces(): Promise<readonly string[]> {
    return namespaces(this.#session)
  }

  sweep(request: SweepRequest): Promise<Swept> {
    return this.#sweeper.sweep(this.#session, request)
  }

  classify(error: unknown): Classified {
    // Any error aborts the caller's transaction, and what was written in it goes with it.
    return this.#session.bound ? { retryable: false } : classify(error, this.#session.wrote(error))
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#pending)
    await this.#end()
  }

  #change(verb: Verb, space: Space, namespace: string, keys: readonly string[], span?: Span) {
    const [key] = keys
    if (keys.length > 1 || key === undefined || this.#session.bound) {
      return change(this.#session, verb, space, namespace, keys, span)
    }
    return this.#changes[space][verb].at(namespace).ask(key, { key, span })
  }

  /** A restart that no reader waits for. If it fails, the deadline stays what it was: the next read tries again. */
  readonly #later = (work: Promise<unknown>): void => {
    const done: Promise<unknown> = work.catch(() => undefined).finally(() => this.#pending.delete(done))
    this.#pending.add(done)
  }
}
