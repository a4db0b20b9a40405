import type { Awaitable } from './backend.ts'
import { describe, TtlError, TtlTypeError } from './errors.ts'
import { Flights } from './flights.ts'
import type { Namespace } from './namespace.ts'
import { checkOptions } from './options.ts'

export interface FailOpenOptions {
  /** Told of each outage that was answered with a miss. */
  readonly onError?: ((error: TtlError) => void) | undefined
}

/** The reads of a namespace, with an outage of the backend answered as a miss. */
export type FailOpen<Value> = Pick<Namespace<Value>, 'get' | 'getMany' | 'getOrSet' | 'has'>

/**
 * For caches that may be empty: `get`, `getMany`, `has` and `getOrSet` of the namespace, where a failing backend
 * (`TTL_BACKEND`) is a miss and `getOrSet` falls back to its loader, once for all who ask meanwhile, and gives what that
 * gave, neither encoded nor validated. Everything else is rejected as ever. Writes are not
 * wrapped on purpose: an invalidation that fails in silence serves what is out of date.
 */
export function failOpen<Value>(namespace: Namespace<Value>, options: FailOpenOptions = {}): FailOpen<Value> {
  checkOptions(options, ['onError'], 'failOpen')
  const { onError } = options
  if (onError !== undefined && typeof onError !== 'function') {
    throw new TtlTypeError('TTL_INVALID', `onError of failOpen must be a function, got ${describe(onError)}`)
  }
  const loads = new Flights<Value>()
  /** What loaders threw: perhaps the outage of another store, which is for the caller to handle. */
  const others = new WeakSet<TtlError>()
  const orElse = async <T>(attempt: Promise<T>, miss: () => Awaitable<T>): Promise<T> => {
    try {
      return await attempt
    } catch (error) {
      if (!(error instanceof TtlError) || error.code !== 'TTL_BACKEND' || others.has(error)) throw error
      onError?.(error)
      return miss()
    }
  }
  return {
    get: (key, read) => orElse(namespace.get(key, read), () => undefined),
    getMany: (keys, read) => orElse(namespace.getMany(keys, read), () => new Map()),
    has: (key) => orElse(namespace.has(key), () => false),
    getOrSet: (key, load, write) => {
      let loaded: { value: Value } | undefined
      const once = async (name: string): Promise<Value> => {
        try {
          const value = await load(name)
          loaded = { value }
          return value
        } catch (error) {
          if (error instanceof TtlError) others.add(error)
          throw error
        }
      }
      // All who find the backend failing share one load: an outage must not become a stampede.
      const fallback = () =>
        loaded === undefined ? loads.join(namespace.name, key, async () => load(key)) : loaded.value
      return orElse(namespace.getOrSet(key, once, write), fallback)
    },
  }
}
