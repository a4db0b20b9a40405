/**
 * The contract between core and a store: what an adapter implements. It never sees a policy; it is told an
 * {@link Expiry} and how to place it, and persists a {@link Timing} beside each value.
 *
 * What holds for every method:
 *
 * - *Given*: arguments are checked. Namespaces, keys, ids and members are well-formed Unicode of 1 … 1024 bytes of
 *   UTF-8 (NUL included: escape it where the store cannot hold it); payloads are bytes or well-formed text, perhaps
 *   empty; no list is empty and no list holds a key twice; spans are whole milliseconds ≥ 1, instants whole epoch
 *   milliseconds. After `close` nothing is called but `close`.
 * - *Must*: judge by one clock, that of the backend, read once for all that a call decides together, and never before a
 *   lock that the decision waits for; treat what is expired as absent, swept or not; be atomic per entry and per group;
 *   answer in the order of `keys`.
 * - *Must not*: delete on a read; delete anything because it is expired unless the deleting step itself checks the
 *   deadline; let entries and groups of the same name touch each other; write when it cannot keep the promise.
 * - *Errors*: let the driver's error through as it is. Core wraps it once in a `TtlError` and asks `classify` about it.
 *   A `TtlError` that the adapter throws itself keeps its code.
 *
 * A method may answer at once or with a promise.
 */
import type { Placement, Span, Timing } from './timing.ts'

export type Awaitable<T> = T | Promise<T>

/** An encoded value: text or bytes. A backend gives back the kind that it was given, unchanged. */
export type Payload = string | Uint8Array

/** Entries and groups are separate key spaces. */
export type Space = 'entry' | 'group'

/** The facts about a backend: they drive run-time checks, the choice of conformance laws, and the table in the docs. */
export interface Capabilities {
  /** Whose clock judges: one that the caller injected, this machine's, or the server's. */
  readonly clock: 'injected' | 'host' | 'server'
  /** How late, in milliseconds, an expired entry may still be seen. Never early. 0 is exact. */
  readonly resolutionMs: number
  /** Who frees what is expired: `sweep`, or the store itself (then `sweep` answers zero). */
  readonly reclaims: 'sweep' | 'native'
  /** Whether a failing `write` leaves nothing of its batch behind, or fails entry by entry. */
  readonly batch: 'all' | 'each'
  /** Whether `clear` is one atomic step. `'paged'`: core scans and deletes. */
  readonly clear: 'atomic' | 'paged'
  readonly groups: boolean
  /** Whether a scan names each key once, may repeat some (core removes those), or is not there. */
  readonly scan: 'once' | 'repeats' | 'none'
  /** Whether `stats` is there. */
  readonly stats: boolean
  /** Whether `due` and `nextDue`, and the buckets of `stats`, are there: what expires when is told without reading values. */
  readonly due: boolean
  /** Whether data outlives `close`: a backend opened on the same place finds it. */
  readonly persistent: boolean
  /** Whether several backends, in several processes, may be open on the same place. */
  readonly shared: boolean
  /** The largest payload in bytes (text: of its UTF-8), or `Infinity`. */
  readonly maxPayloadBytes: number
}

/** A timing, and the instant of the backend's clock it was read at. Always live at that instant. */
export interface Reading extends Timing {
  readonly now: number
}

export interface ReadOptions {
  /** Whether entries written under 'access' restart. `false` reads without any effect. */
  readonly touch: boolean
  /** Whether `reading` is wanted: the state after the restart, if there is one. */
  readonly detail: boolean
  /** A hint, for backends that can choose between two ways to read: what is read was probably written under 'access'. */
  readonly sliding: boolean
}

export interface Found {
  readonly payload: Payload
  /** Present at least when `detail` asked for it. */
  readonly reading?: Reading | undefined
}

export interface FoundGroup {
  /** The members asked for that exist, or all. Never empty. */
  readonly members: readonly (readonly [member: string, payload: Payload])[]
  /** Present at least when `detail` asked for it. */
  readonly reading?: Reading | undefined
}

/** Judged before anything else, on what is live. */
export type Condition = 'absent' | 'present' | { readonly payload: Payload }

export interface Write {
  readonly key: string
  readonly payload: Payload
  readonly placement: Placement
  readonly condition?: Condition | undefined
}

/** Stored; not stored (the condition failed, or the deadline is not after now); or, with `batch: 'each'`, failed. */
export type WriteOutcome = boolean | Error

export interface Page {
  readonly keys: readonly string[]
  /** Where the next page starts; `undefined` when this was the last. */
  readonly cursor?: string | undefined
}

/** Counts of one space. Instants are epoch milliseconds, `undefined` where nothing live has a deadline. */
export interface Tally {
  /** Live, without a deadline. */
  readonly permanent: number
  /** Live, with a deadline. */
  readonly active: number
  /** Expired and not yet swept. */
  readonly expired: number
  /** The first deadline of what is active. */
  readonly nextExpiresAt: number | undefined
  /** The last deadline of what is active. */
  readonly lastExpiresAt: number | undefined
  /** How many of the active have a deadline up to each edge, and after the edge before. Present iff edges were given. */
  readonly buckets?: readonly number[] | undefined
}

export interface NamespaceTally {
  readonly namespace: string
  readonly entries: Tally
  readonly groups: Tally
}

export interface SweepRequest {
  /** At most this many entries and groups are deleted. */
  readonly limit: number
  /** Only in this namespace. Default: everywhere. */
  readonly namespace?: string | undefined
  /** Only what had expired by then. Default, and at most: now. */
  readonly asOf?: number | undefined
  /** Whether a sweep begins with it: what a backend remembers of how far it came is of sweeps before. Default `false`. */
  readonly first?: boolean | undefined
  /** Whether `names` is wanted: somebody listens. Default `false`. */
  readonly names?: boolean | undefined
}

export interface Swept {
  /** Entries and groups really deleted, by namespace; a group counts once. */
  readonly deleted: ReadonlyMap<string, number>
  /** Whether more may be waiting: call again. */
  readonly more: boolean
  /** Present iff asked for, where the store does not expire by itself. */
  readonly names?: SweptNames | undefined
  /**
   * How long the step kept the store busy, with all that it set off, in milliseconds and fractions of them, where the store
   * itself can tell: a sweeper pauses in proportion to it. Default: the time until the answer, which on a busy client is
   * mostly waiting.
   */
  readonly busyMs?: number | undefined
}

export interface SweptNames {
  /** What was deleted, each once. */
  readonly deleted: readonly Due[]
  /** What this step came upon because of an earlier deadline, and left alone because it lives longer now. */
  readonly kept: readonly Due[]
}

/** An entry or a group, and its deadline in epoch milliseconds. */
export interface Due {
  readonly space: Space
  readonly namespace: string
  /** The key of an entry, the id of a group. */
  readonly key: string
  readonly expiresAt: number
  /** Of a row of the application's own table: its key columns, as text. */
  readonly columns?: readonly (string | null)[] | undefined
}

export interface DueRequest {
  /** What has a deadline up to here. May lie in the future. */
  readonly asOf: number
  /** Only in this namespace. Default: everywhere. */
  readonly namespace?: string | undefined
  readonly cursor?: string | undefined
  /** About so many a page. */
  readonly limit: number
}

export interface DuePage {
  readonly due: readonly Due[]
  /** Where the next page starts; `undefined` when this was the last. */
  readonly cursor?: string | undefined
}

/** What a store says has expired. */
export type Expired = Pick<Due, 'space' | 'namespace' | 'key'>

/** What is known about a driver's error. */
export interface Classified {
  /** Whether the same call may succeed when it is made again. */
  readonly retryable: boolean
  /** `'unknown'` when the call may have been applied although it failed. */
  readonly outcome?: 'unknown' | undefined
}

/** What can be looked after: a backend, or a table of the application's own. */
export interface Reclaimable {
  /** A short name for messages: `'sqlite'`. */
  readonly name: string
  readonly capabilities: Pick<Capabilities, 'reclaims' | 'stats' | 'due'>

  /** The backend's clock. *Must*: be the clock that judges. */
  now(): Awaitable<number>

  /**
   * Counts, of one namespace or of all that hold anything. Present iff `stats`. *Must*: read no values.
   * @param edges ascending instants, given iff `due`: a tally then has `buckets`, one for each
   */
  stats?(namespace?: string, edges?: readonly number[]): Awaitable<readonly NamespaceTally[]>

  /**
   * Lists what has a deadline up to an instant, expired or not yet, without any effect. Present iff `due`.
   * - *Must*: list what no call touches meanwhile, once; go by the deadlines, the nearest first as far as an index tells,
   *   and read no values. A page may be empty and still have a cursor; two pages in a row have different ones.
   * - *Must not*: list what the store has removed by itself.
   */
  due?(request: DueRequest): Awaitable<DuePage>

  /**
   * When a sweep may next find something to do: no later than the first deadline of all that is stored, and `undefined`
   * when nothing has one. Earlier is allowed where a sweep then moves on. Present iff `due`.
   */
  nextDue?(): Awaitable<number | undefined>

  /**
   * Frees what is expired, at most `limit`.
   * - *Must*: check the deadline in the step that deletes; stay correct with any number of sweepers.
   */
  sweep(request: SweepRequest): Awaitable<Swept>

  /**
   * Tells of entries and groups that the store expires by itself, at most once each, perhaps not of all, and perhaps late.
   * Only where it reclaims natively.
   *
   * @returns a function that ends it
   */
  onExpired?(listener: (expired: Expired) => void): Awaitable<() => Awaitable<void>>

  /** Classifies an error that one of these methods threw. *Must not*: throw. */
  classify(error: unknown): Classified

  /** Releases what the backend opened itself, never what it was given. *Given*: may be called twice. */
  close(): Awaitable<void>
}

export interface Backend extends Reclaimable {
  readonly capabilities: Capabilities

  /**
   * Reads entries.
   * - *Must*: restart what it returns, if `touch` and written under 'access', by the rule of `accessed`: atomically
   *   with the read, or by a later step that finds the entry's own timing again and changes nothing else.
   * - *Must not*: shorten, revive or create anything; write when nothing is due.
   */
  read(namespace: string, keys: readonly string[], options: ReadOptions): Awaitable<readonly (Found | undefined)[]>

  /** Reads timings of entries or groups, without any effect. */
  inspect(space: Space, namespace: string, keys: readonly string[]): Awaitable<readonly (Reading | undefined)[]>

  /**
   * Writes entries.
   * - *Must*: judge the condition first and change nothing when it fails; else set payload and timing as `place`
   *   gives it; when that timing is not live, remove what was there and answer `false`.
   * - *Errors*: with `batch: 'all'` a throw has written nothing; with `'each'` an entry's own failure is its outcome.
   */
  write(namespace: string, writes: readonly Write[]): Awaitable<readonly WriteOutcome[]>

  /** Reads and deletes one entry. *Must*: of several at once, one gets it. */
  take(namespace: string, key: string): Awaitable<Payload | undefined>

  /** Deletes entries, or groups with all their members. Answers which were live. */
  delete(space: Space, namespace: string, keys: readonly string[]): Awaitable<readonly boolean[]>

  /** Restarts by the rule of `touched`. Answers which are live afterwards. *Must not*: rewrite values. */
  touch(space: Space, namespace: string, keys: readonly string[]): Awaitable<readonly boolean[]>

  /**
   * Replaces the whole lifetime by the rule of `replaced`; a timing that is not live removes the entry or group.
   * Answers which are live afterwards.
   */
  expire(space: Space, namespace: string, keys: readonly string[], span: Span): Awaitable<readonly boolean[]>

  /**
   * Names live entries or groups, about `limit` at a time. Called iff `scan` is not `'none'`.
   * - *Must*: name what lives throughout the scan, also while what was named is deleted. A page may be empty and still
   *   have a cursor; two pages in a row have different ones.
   */
  scan(
    space: Space,
    namespace: string,
    page: { readonly cursor?: string | undefined; readonly limit: number },
  ): Awaitable<Page>

  /**
   * Reads the given members of a group, or all. Nothing found is `undefined`. Called iff `groups`.
   * - *Must*: one state of the group, one instant; restart as `read` does, if at least one member is returned.
   */
  readGroup(
    namespace: string,
    id: string,
    members: readonly string[] | undefined,
    options: ReadOptions,
  ): Awaitable<FoundGroup | undefined>

  /**
   * Writes members of a group, all or none, and places its one timing as `write` does. Called iff `groups`.
   * - *Must*: when nothing is live under the id, or the placement is 'exact', start a new group: no member of the one
   *   before is left. With the condition 'absent', change nothing when a live group is there, and answer `false`.
   */
  writeGroup(
    namespace: string,
    id: string,
    members: readonly (readonly [member: string, payload: Payload])[],
    placement: Placement,
    condition?: 'absent',
  ): Awaitable<boolean>

  /** Deletes members; answers which were there. Restarts nothing. A group without members is absent. Called iff `groups`. */
  deleteMembers(namespace: string, id: string, members: readonly string[]): Awaitable<readonly boolean[]>

  /** Removes all entries and groups of a namespace, in one atomic step. Present iff `clear` is `'atomic'`. */
  clear?(namespace: string): Awaitable<void>

  /** Namespaces that hold anything live; others may be named too. Default: those that `stats` names. */
  namespaces?(): Awaitable<readonly string[]>
}
