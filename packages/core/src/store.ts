/// <reference lib="esnext.disposable" preserve="true" />
import type { Backend, Capabilities } from './backend.ts'
import { type Codec, json } from './codec.ts'
import { describe, TtlTypeError } from './errors.ts'
import { Events } from './events.ts'
import { type Explanation, explain, type Layered } from './explain.ts'
import { Flights } from './flights.ts'
import type { Loaded } from './loading.ts'
import { Meter } from './meter.ts'
import { checkName } from './names.ts'
import { Namespace } from './namespace.ts'
import type { Operation } from './operations.ts'
import { checkOptions } from './options.ts'
import { EXPLAIN_OPTIONS, type ExpiryOptions, Planner, readWrite } from './planner.ts'
import { type Limits, type PolicyInput, type PolicyPatch, readLimits, readPolicy } from './policy.ts'
import { Port } from './port.ts'
import { NOTHING, override, strictest } from './resolve.ts'
import { checkSchema, type Output, type StandardSchema } from './schema.ts'
import { Transfer, type TransferOptions, type TransferReport } from './transfer.ts'
import { Upkeep } from './upkeep.ts'
import { Values } from './values.ts'
import { witnessed } from './witness.ts'

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
export class Store extends Upkeep<Backend> {
  readonly #config: Config
  readonly #port: Port
  readonly #events: Events
  readonly #flights = new Flights<Loaded>()

  /** @internal */
  constructor(config: Config, backend: Backend, events: Events = new Events(), meter: Meter = new Meter()) {
    const subjectOf = (operation: Operation) => (events.witnessing ? witnessed(backend, events, operation) : backend)
    const port = new Port(backend, subjectOf, meter)
    super(backend, port, events)
    this.#config = config
    this.#port = port
    this.#events = events
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
   * Copies what is live here to another store, with its remaining life: deadlines travel as instants, and birth, cap,
   * window and what restarts it with them. What lives in the target is skipped unless `overwrite`, so that it can be
   * called again after a failure and goes on. Removes and restarts nothing here; the policies of the target change nothing.
   *
   * @throws `TTL_UNSUPPORTED` when the source cannot list its keys or namespaces, or the target cannot hold something
   */
  async transfer(to: Store | Backend, options: TransferOptions = {}): Promise<TransferReport> {
    if (to instanceof Store) return new Transfer(this.#port, to.#port, options).run()
    checkBackend(to)
    return new Transfer(this.#port, new Port(to), options).run()
  }

  /**
   * The same policies over another backend, such as one bound to the caller's transaction: `store.using(backend.with(client))`.
   * It shares nothing that is in flight with this store. Each closes its own backend: over the same one, closing either
   * ends both. Who listens to one is told of both, and `metrics` count for both.
   */
  using(backend: Backend): Store {
    this.#port.open()
    checkBackend(backend)
    return new Store(this.#config, backend, this.#events, this.#port.meter)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** {@link Store.transfer} between two backends that no store is needed for otherwise. Closes neither. */
export async function transfer(from: Backend, to: Backend, options: TransferOptions = {}): Promise<TransferReport> {
  return createStore({ backend: from }).transfer(to, options)
}

/** What every backend has to have; `clear`, `stats`, `due` and `nextDue` as its capabilities say. */
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
  if (has('due') !== capabilities.due || has('nextDue') !== capabilities.due) {
    wrong.push('disagrees with its capability due')
  } else if (capabilities.due && !capabilities.stats) wrong.push('has the capability due without stats')
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
