import type { Awaitable, Backend, Clock } from '@ttl/core/adapter'

/** How a backend is brought before the suite. */
export interface Harness {
  /** What the tests are called. */
  readonly name: string
  /** Makes a place where nothing is yet and that nobody else uses: a file, a schema, a key prefix. */
  create(context: HarnessContext): Awaitable<Place>
}

export interface HarnessContext {
  /**
   * Hand it to the backend if that takes a clock. One that reports `clock: 'injected'` is then tested to the
   * millisecond without sleeping; any other in real time. `undefined`: the backend's own clock is wanted.
   */
  readonly clock: Clock | undefined
}

export interface Place {
  /**
   * Opens a backend on this place. Called again after `close`, and where `capabilities.shared` also while others are
   * open. Where `capabilities.persistent`, it finds what an earlier one left.
   */
  open(): Awaitable<Backend>
  /** Removes the place. Called once, after every backend on it was closed. */
  destroy?(): Awaitable<void>
}
