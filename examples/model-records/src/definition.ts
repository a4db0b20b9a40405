import type { Duration, DurationInput, LifetimeChoice, Namespace, Policy, Store } from '@ttl/core'

/** What a class of records says about itself. */
export interface Definition<Fields extends object> {
  /** The class; its records are in a namespace of this name. */
  readonly name: string
  /** How long a record lives from its last save. Default: until it is deleted. */
  readonly ttl?: DurationInput | undefined
  /** How long a record may live in all, however often it is saved, pinned or not. Default: no limit. */
  readonly max?: DurationInput | undefined
  /** Fields, or what is computed from them, that records are found by. */
  readonly index?: Readonly<Record<string, (record: Fields) => string>> | undefined
}

/** What a class can be asked about itself while the program runs. */
export interface Meta {
  readonly name: string
  /** `undefined`: records live until they are deleted. */
  readonly ttl: Duration | undefined
  readonly restartOn: Policy['restartOn']
  readonly indexes: readonly string[]
}

/**
 * What a save does to how long the record lives: gives it an expiry of its own, or
 * - `expiry: 'restart'`, the default: what the record lives by starts anew. Its own ttl, a pin and a deadline survive.
 * - `expiry: 'keep'`: nothing. For background jobs, which must not keep alive what they look after.
 */
export type SaveOptions =
  | (LifetimeChoice & { readonly expiry?: undefined })
  | {
      readonly expiry: 'restart' | 'keep'
      readonly ttl?: undefined
      readonly expiresAt?: undefined
      readonly lifetime?: undefined
    }

/** `'ended'`: the deadline that was given had passed, so nothing is there. */
export type Saved = 'created' | 'updated' | 'ended'

/** The namespace of a class. Whatever is wrong with the definition is said here, before any record is. */
export function namespaceOf<Fields extends object>(store: Store, definition: Definition<Fields>): Namespace<Fields> {
  const { name, ttl, max } = definition
  return store.namespace<Fields>(name, {
    policy: { restartOn: 'write', ...(ttl === undefined ? {} : { ttl }) },
    ...(max === undefined ? {} : { limits: { max } }),
  })
}
