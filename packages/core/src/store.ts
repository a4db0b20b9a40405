/// <reference lib="esnext.disposable" preserve="true" />
import type { Backend, Capabilities } from './backend.ts'
import { pause } from './clock.ts'
import { type Codec, json } from './codec.ts'
import { describe, TtlRangeError, TtlTypeError } from './errors.ts'
import { type Explanation, explain, type Layered } from './explain.ts'
import { Flights } from './flights.ts'
import { Foreign } from './foreign.ts'
import { type InstantInput, toInstant } from './instant.ts'
import type { Loaded } from './loading.ts'
import { checkName } from './names.ts'
import { Namespace } from './namespace.ts'
import { checkOptions } from './options.ts'
import { EXPLAIN_OPTIONS, type ExpiryOptions, Planner, readWrite } from './planner.ts'
import { type Limits, type PolicyInput, type PolicyPatch, readLimits, readPolicy } from './policy.ts'
import { Port } from './port.ts'
import { NOTHING, override, strictest } from './resolve.ts'
import { checkSchema, type Output, type StandardSchema } from './schema.ts'
import { allStats, type NamespaceStats } from './stats.ts'
import { Values } from './values.ts'

export interface StoreOptions {
  /** Where things are kept: `memory()`, `sqlite('app.db')`, … */
  readonly backend: Backend
  /** What holds where a namespace, a group or a call says nothing else. Default: lives until deleted. */
  readonly policy?: PolicyInput | undefined
  /** What nothing can override; a namespace can only be stricter. */
  readonly limits?: Limits | undefined
  /** Default: `json`. */
  readonly codec?: Codec | undefined
}

export interface NamespaceOptions {
  /** On top of the store's, field by field. */
  readonly policy?: PolicyInput | undefined
  /** Together with the store's: the strictest wins. */
  readonly limits?: Limits | undefined
  /** Default: the store's. */
  readonly codec?: Codec | undefined
  /** A Standard Schema: gives the type of the values, and validates what is read. */
  readonly schema?: StandardSchema | undefined
}

/** An `AbortSignal`, as far as it is used. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
}

export interface SweepOptions {
  /** At most this many entries and groups are removed. Minimum 1. Default: all that are expired. */
  readonly limit?: number | undefined
  /** Only in this namespace. Default: everywhere. */
  readonly namespace?: string | undefined
  /** Only what had expired by then. Default: now. */
  readonly asOf?: InstantInput | undefined
  /** Stops between batches; the promise is then rejected with `signal.reason`. */
  readonly signal?: AbortSignalLike | undefined
}

export interface SweepReport {
  /** Entries and groups removed; a group counts once. */
  readonly deleted: number
  readonly byNamespace: ReadonlyMap<string, number>
  /** Whether more may be waiting: the limit was reached. */
  readonly more: boolean
}

/** How much one step of a sweep may remove. */
const SWEEP_BATCH = 1_000

interface Config {
  readonly patch: PolicyPatch
  readonly limitMs: number | undefined
  readonly codec: Codec
}

/**
 * A store: a backend, and the policy that holds for everything in it.
 *
 * @throws `TTL_INVALID` or `TTL_CONFLICT` for options that cannot be used
 * @example
 * const store = createStore({ backend: memory(), policy: rolling('14d'), limits: { max: '365d' } })
 */
export function createStore(options: StoreOptions): Store {
  checkOptions(options, ['backend', 'policy', 'limits', 'codec'], 'createStore')
  checkBackend(options?.backend)
  const config: Config = {
    patch: options.policy === undefined ? NOTHING : readPolicy(options.policy, 'policy of createStore'),
    limitMs: readLimits(options.limits, 'limits of createStore'),
    codec: checkCodec(options.codec ?? json),
  }
  return new Store(config, options.backend)
}

/** Made by {@link createStore}. */
export class Store {
  readonly #config: Config
  readonly #port: Port
  readonly #flights = new Flights<Loaded>()

  /** @internal */
  constructor(config: Config, backend: Backend) {
    this.#config = config
    this.#port = new Port(backend)
  }

  /** The facts about the backend. */
  get capabilities(): Capabilities {
    return this.#port.backend.capabilities
  }

  /** Entries and groups under one name. Cheap, and sends nothing; two of the same name share their data, not their options. */
  namespace<Schema extends StandardSchema>(
    name: string,
    options: NamespaceOptions & { readonly schema: Schema },
  ): Namespace<Output<Schema>>
  namespace<Value = unknown>(
    name: string,
    options?: NamespaceOptions & { readonly schema?: undefined },
  ): Namespace<Value>
  namespace(name: string, options: NamespaceOptions = {}): Namespace<unknown> {
    checkName(name, 'namespace')
    checkOptions(options, ['policy', 'limits', 'codec', 'schema'], 'namespace')
    if (options.schema !== undefined) checkSchema(options.schema)
    const codec = checkCodec(options.codec ?? this.#config.codec)
    const own =
      options.policy === undefined ? NOTHING : readPolicy(options.policy, `policy of namespace ${describe(name)}`)
    const ownMax = readLimits(options.limits, `limits of namespace ${describe(name)}`)
    const { patch, limitMs } = this.#config
    return new Namespace({
      name,
      port: this.#port,
      layers: [
        { layer: 'store', patch },
        { layer: 'namespace', patch: own },
      ],
      limits: [
        { layer: 'store', max: limitMs },
        { layer: 'namespace', max: ownMax },
      ],
      planner: new Planner(override(patch, own), strictest(limitMs, ownMax), name),
      values: new Values(codec, options.schema, this.capabilities.maxPayloadBytes),
      flights: this.#flights,
    })
  }

  /**
   * Removes what is expired, in bounded batches, giving way to other work between them. Nothing that is live is
   * touched, and how often it runs changes no answer of any read. On a natively expiring backend it finds nothing to do.
   */
  sweep(options: SweepOptions = {}): Promise<SweepReport> {
    return this.#port.run(
      'sweep',
      typeof options?.namespace === 'string' ? options.namespace : undefined,
      undefined,
      async (backend) => {
        checkOptions(options, ['limit', 'namespace', 'asOf', 'signal'], 'sweep')
        const { limit = Number.POSITIVE_INFINITY, namespace, signal } = options
        if (!(limit >= 1) || (limit !== Number.POSITIVE_INFINITY && !Number.isInteger(limit))) {
          throw new TtlRangeError('TTL_INVALID', `limit of sweep must be a whole number ≥ 1, got ${describe(limit)}`)
        }
        if (namespace !== undefined) checkName(namespace, 'namespace')
        if (signal !== undefined && typeof signal?.aborted !== 'boolean') {
          throw new TtlTypeError('TTL_INVALID', `signal of sweep must be an AbortSignal, got ${describe(signal)}`)
        }
        // One cut-off for the whole sweep: it ends even where entries expire as fast as they are removed.
        const asOf = options.asOf === undefined ? await backend.now() : toInstant(options.asOf).epochMilliseconds
        const byNamespace = new Map<string, number>()
        let [deleted, more] = [0, true]
        while (more && deleted < limit) {
          if (signal?.aborted) throw new Foreign(signal.reason)
          const batch = await backend.sweep({ limit: Math.min(SWEEP_BATCH, limit - deleted), namespace, asOf })
          for (const [name, count] of batch.deleted) {
            byNamespace.set(name, (byNamespace.get(name) ?? 0) + count)
            deleted += count
          }
          more = batch.more
          if (more) await pause()
          this.#port.open()
        }
        return { deleted, byNamespace, more }
      },
    )
  }

  /**
   * Counts and deadlines of every namespace that holds anything.
   * @throws `TTL_UNSUPPORTED` when the backend cannot count without reading everything
   */
  stats(): Promise<NamespaceStats[]> {
    return this.#port.run('stats', undefined, undefined, (backend) => allStats(backend))
  }

  /** What the store's own policy and limits would give to a new entry: `namespace.explain` without a namespace. */
  explain(options?: ExpiryOptions): Promise<Explanation> {
    return this.#port.run('explain', undefined, undefined, async (backend) => {
      const { patch, limitMs } = this.#config
      const call: Layered[] =
        options === undefined ? [] : [{ layer: 'call', patch: readWrite(options, EXPLAIN_OPTIONS).patch }]
      const planner = new Planner(patch, limitMs, '')
      return explain({
        layers: [{ layer: 'store', patch }, ...call],
        limits: [{ layer: 'store', max: limitMs }],
        planned: planner.write('', options, EXPLAIN_OPTIONS),
        unlimited: planner.unlimited().write('', options, EXPLAIN_OPTIONS),
        current: undefined,
        now: await backend.now(),
      })
    })
  }

  /**
   * The same policies over another backend, such as one bound to the caller's transaction: `store.using(backend.with(client))`.
   * It shares nothing that is in flight with this store. Each closes its own backend: over the same one, closing either
   * ends both.
   */
  using(backend: Backend): Store {
    this.#port.open()
    checkBackend(backend)
    return new Store(this.#config, backend)
  }

  /** Releases what the backend opened itself. Afterwards every call is rejected with `TTL_CLOSED`. May be called twice. */
  close(): Promise<void> {
    return this.#port.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** What every backend has to have; `clear` and `stats` as its capabilities say. */
const METHODS = [
  ...(['now', 'read', 'inspect', 'write', 'take', 'delete', 'touch', 'expire', 'scan', 'readGroup'] as const),
  ...(['writeGroup', 'deleteMembers', 'sweep', 'classify', 'close'] as const),
]

function checkBackend(backend: unknown): void {
  const made = backend as Partial<Backend> | null | undefined
  if (typeof made?.read !== 'function' || typeof made.capabilities !== 'object' || made.capabilities === null) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `backend must be a backend such as memory() or sqlite('app.db'), got ${describe(backend)}`,
    )
  }
  const { capabilities } = made
  const has = (name: keyof Backend) => typeof made[name] === 'function'
  const wrong: string[] = METHODS.filter((name) => !has(name)).map((name) => `has no ${name}()`)
  if (has('clear') !== (capabilities.clear === 'atomic')) wrong.push('disagrees with its capability clear')
  if (has('stats') !== capabilities.stats) wrong.push('disagrees with its capability stats')
  if (wrong.length > 0) {
    throw new TtlTypeError(
      'TTL_INVALID',
      `the backend ${describe(made.name)} ${wrong.join(', ')}; see docs/write-an-adapter.md`,
    )
  }
}

function checkCodec(codec: Codec): Codec {
  if (typeof codec?.encode === 'function' && typeof codec.decode === 'function') return codec
  throw new TtlTypeError('TTL_INVALID', `codec must have encode and decode, got ${describe(codec)}`)
}
