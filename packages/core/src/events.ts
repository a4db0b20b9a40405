import type { Due, Space } from './backend.ts'
import { describe, type TtlError, TtlTypeError } from './errors.ts'
import type { LiveExpiration } from './expiration.ts'
import { Instant } from './instant.ts'

/** What an event is about. */
export interface Subject {
  readonly kind: Space
  readonly namespace: string
  /** The key of an entry, the id of a group. */
  readonly key: string
}

/**
 * What a store tells. Nothing of it is computed unless somebody listens.
 *
 * `set`, `refreshed` and `persisted` tell what this process did through this store. While somebody listens, each operation
 * that may cause one costs one or two more round trips, which look at the deadline before and after it. What others do to
 * the same key between two looks may be told here too, or hide what was done here.
 */
export interface StoreEvents {
  /** A write was stored: of an entry, or of members of a group. `expiry` is what stood there right afterwards. */
  readonly set: Subject & { readonly expiry: LiveExpiration }
  /** A read, a touch, a write that restarts, or `expire` moved a deadline. */
  readonly refreshed: Subject & { readonly expiresAt: Instant }
  /** `persist`, or `expire` with `never`, removed a deadline; under a limit there still is one. */
  readonly persisted: Subject & { readonly expiresAt: Instant | undefined }
  /** Something expired was removed: by a sweep, with its deadline, or by the store itself, without it. */
  readonly expired: Subject & { readonly expiresAt: Instant | undefined }
  readonly 'sweep.start': { readonly asOf: Instant; readonly namespace: string | undefined }
  readonly 'sweep.batch': {
    readonly deleted: number
    readonly byNamespace: ReadonlyMap<string, number>
    readonly tookMs: number
  }
  /** Also of a sweep that failed or was stopped. `tookMs` is the time spent in batches. */
  readonly 'sweep.end': {
    readonly asOf: Instant
    readonly deleted: number
    readonly batches: number
    readonly tookMs: number
    readonly more: boolean
  }
  /** A batch of the sweeper failed; it tries again in `retryInMs`. */
  readonly 'sweep.error': { readonly error: TtlError; readonly failures: number; readonly retryInMs: number }
  /** A sweep came for something that lives longer by now; it comes again at its new deadline. */
  readonly 'sweep.rescheduled': Subject & { readonly expiresAt: Instant }
}

export type StoreEvent = keyof StoreEvents

const NAMES: Readonly<Record<StoreEvent, true>> = {
  set: true,
  refreshed: true,
  persisted: true,
  expired: true,
  'sweep.start': true,
  'sweep.batch': true,
  'sweep.end': true,
  'sweep.error': true,
  'sweep.rescheduled': true,
}

declare function queueMicrotask(callback: () => void): void

type Listener = (event: never) => void

/** What only a look before and after an operation can tell. */
const WITNESSED: readonly StoreEvent[] = ['set', 'refreshed', 'persisted']

/** Who listens to what. */
export class Events {
  readonly #listeners = new Map<StoreEvent, Set<Listener>>()
  /** Whether operations have to be witnessed: somebody listens to what they do to deadlines. */
  witnessing = false

  /** @returns a function that ends it */
  on<Name extends StoreEvent>(name: Name, listener: (event: StoreEvents[Name]) => void): () => void {
    if (!Object.hasOwn(NAMES, name)) {
      throw new TtlTypeError(
        'TTL_INVALID',
        `there is no event ${describe(name)}; there are ${Object.keys(NAMES).join(', ')}`,
      )
    }
    if (typeof listener !== 'function') {
      throw new TtlTypeError('TTL_INVALID', `the listener of an event must be a function, got ${describe(listener)}`)
    }
    const all = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, all)
    // Its own identity, so that a function that listens twice is told twice and ends twice.
    const one: Listener = (event: never) => listener(event)
    all.add(one)
    this.witnessing = WITNESSED.some((each) => this.has(each))
    return () => {
      all.delete(one)
      this.witnessing = WITNESSED.some((each) => this.has(each))
    }
  }

  has(name: StoreEvent): boolean {
    const all = this.#listeners.get(name)
    return all !== undefined && all.size > 0
  }

  /** Tells all who listen by now. */
  emit<Name extends StoreEvent>(name: Name, event: StoreEvents[Name]): void {
    const all = this.#listeners.get(name)
    if (all !== undefined) for (const listener of [...all]) tell(listener, event as never)
  }

  /** Tells of each of these, under a name whose event is a subject with a deadline. */
  emitDue(name: 'expired' | 'sweep.rescheduled', due: readonly Due[]): void {
    for (const { space, namespace, key, expiresAt } of due) {
      this.emit(name, { kind: space, namespace, key, expiresAt: Instant.of(expiresAt) })
    }
  }
}

/** Tells one listener. What it throws is thrown outside of the operation, as of an `EventTarget`. */
export function tell<Event>(listener: (event: Event) => void, event: Event): void {
  try {
    listener(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
