import {
  BaseStore,
  type GetOperation,
  type IndexConfig,
  type Item,
  type ListNamespacesOperation,
  type NameSpacePath,
  type Operation,
  type OperationResults,
  type PutOperation,
  type SearchItem,
  type SearchOperation,
} from '@langchain/langgraph-checkpoint'
import {
  type DurationInput,
  type Expiration,
  type ExpiryOptions,
  type GetOptions,
  type Lifetime,
  type Namespace,
  type PolicyInput,
  type Store,
  TtlError,
  TtlTypeError,
} from '@ttl/core'
import { type Clock, systemClock } from '@ttl/core/adapter'
import { checkPath, entryKeyOf, itemOf, type Kept, matches, type Place, placeOf } from './items.ts'
import { found } from './search.ts'
import { embeddingsOf, type Indexed } from './vectors.ts'

/** How long items under a path live. */
export interface Rule {
  /** The beginning of the path of labels; `'*'` is any label. */
  readonly namespace: NameSpacePath
  /** On top of the store's, field by field. */
  readonly policy: PolicyInput
}

export interface TtlStoreOptions {
  /** The namespace of the store in which items are kept. Default `'langgraph:items'`. */
  readonly namespace?: string | undefined
  /** How long items live that no rule is for. On top of the store's, field by field. */
  readonly policy?: PolicyInput | undefined
  /** How long items live by namespace. Of the rules that match, the one with the longest path; of two as long, the first. */
  readonly rules?: readonly Rule[] | undefined
  /** Makes the `query` of a search work: what is embedded is kept with its item. */
  readonly index?: IndexConfig | undefined
  /** Where `createdAt` and `updatedAt` come from. Default: this machine's clock. Decides nothing about expiry. */
  readonly clock?: Clock | undefined
}

/** Options of {@link TtlStore.putExpiring}: an expiry for this item alone, and what of it is indexed. */
export type PutExpiringOptions = ExpiryOptions & { readonly index?: false | string[] | undefined }

/** Operations of `batch`, with what LangGraph's have no word for. */
export type TtlGet = GetOperation & GetOptions
export type TtlSearch = SearchOperation & GetOptions
export type TtlPut = PutOperation & { readonly expiry?: ExpiryOptions | undefined }

type SearchOptions = Omit<SearchOperation, 'namespacePrefix'> & GetOptions

/**
 * A store of LangGraph whose items expire, over any store.
 *
 * A graph puts items without saying how long they live, so rules by namespace say it; `putExpiring` says it for one item.
 * A read restarts an item whose *own* policy is a sliding one, with its own window. What has expired is in no answer and
 * takes no place in one: limits and offsets count what lives.
 *
 * A search looks at the names of all items of this store, and reads those under its path.
 */
export class TtlStore extends BaseStore {
  readonly #items: Namespace<Kept>
  readonly #rules: readonly { readonly path: NameSpacePath; readonly items: Namespace<Kept> }[]
  readonly #index: IndexConfig | undefined
  readonly #clock: Clock

  /** @param store made by `createStore`, and closed by whoever made it */
  constructor(store: Store, options: TtlStoreOptions = {}) {
    super()
    const { namespace = 'langgraph:items', policy, rules = [], index, clock = systemClock } = options
    this.#items = store.namespace<Kept>(namespace, { policy })
    this.#rules = rules
      .map((rule) => ({ path: rule.namespace, items: store.namespace<Kept>(namespace, { policy: rule.policy }) }))
      .sort((a, b) => b.path.length - a.path.length)
    this.#index = index
    this.#clock = clock
  }

  /** Reads see what was there before the puts of the same batch; of two puts of one item the last wins. */
  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const results: unknown[] = operations.map(() => undefined)
    const puts = operations.filter(isPut)
    const placed = new Map(puts.map((put) => [entryKeyOf(checked(put)), put]))
    const gets = operations.flatMap((operation, index) => (isGet(operation) ? [{ operation, index }] : []))
    const gotten = await Promise.all(
      [true, false].map((touch) =>
        this.#get(
          gets.map((get) => get.operation),
          touch,
        ),
      ),
    )
    for (const { operation, index } of gets) {
      results[index] = gotten.find((items) => items.has(operation))?.get(operation) ?? null
    }
    for (const [index, operation] of operations.entries()) {
      if (isSearch(operation)) results[index] = await this.#search(operation)
      else if (isList(operation)) results[index] = await this.#list(operation)
    }
    await this.#put(placed)
    return results as OperationResults<Op>
  }

  /** @param options `{ touch: false }` reads without restarting the item */
  override async get(namespace: string[], key: string, options: GetOptions = {}): Promise<Item | null> {
    const operation: TtlGet = { namespace, key, ...options }
    const [item] = await this.batch<[TtlGet]>([operation])
    return item
  }

  /** @param options `{ touch: false }` reads without restarting what is found */
  override async search(namespacePrefix: string[], options: SearchOptions = {}): Promise<SearchItem[]> {
    const operation: TtlSearch = { namespacePrefix, ...options }
    const [items] = await this.batch<[TtlSearch]>([operation])
    return items
  }

  /**
   * Puts an item with an expiry of its own: `{ ttl: '5m' }`, `{ ttl: never }`, `{ expiresAt }`; `{ expiry: 'keep' }` leaves
   * that of a live item alone. What it does not say, the rule of the namespace does.
   */
  async putExpiring(
    namespace: string[],
    key: string,
    value: Record<string, unknown>,
    { index, ...expiry }: PutExpiringOptions,
  ): Promise<void> {
    const operation: TtlPut = { namespace, key, value, expiry, ...(index === undefined ? {} : { index }) }
    await this.batch([operation])
  }

  /** How long an item lives. Restarts nothing. */
  expiry(namespace: readonly string[], key: string): Promise<Expiration> {
    return this.#items.expiry(entryKeyOf({ namespace, key }))
  }

  /** Restarts an item's own window. @returns whether it lives */
  touch(namespace: readonly string[], key: string): Promise<boolean> {
    return this.#items.touch(entryKeyOf({ namespace, key }))
  }

  /** Replaces an item's lifetime and nothing else of it. @returns whether it lives */
  expire(namespace: readonly string[], key: string, lifetime: Lifetime | DurationInput): Promise<boolean> {
    return this.#items.expire(entryKeyOf({ namespace, key }), lifetime)
  }

  /** Removes an item's deadline. @returns whether it lives */
  persist(namespace: readonly string[], key: string): Promise<boolean> {
    return this.#items.persist(entryKeyOf({ namespace, key }))
  }

  async #get(operations: readonly TtlGet[], touch: boolean): Promise<Map<TtlGet, Item>> {
    const asked = operations.filter((operation) => (operation.touch ?? true) === touch)
    const found = await this.#items.getMany(asked.map(entryKeyOf), { touch })
    return new Map(
      asked.flatMap((operation) => {
        const kept = found.get(entryKeyOf(operation))
        return kept === undefined ? [] : [[operation, itemOf(operation, kept)]]
      }),
    )
  }

  async #search({ namespacePrefix, filter, limit = 10, offset = 0, query, touch = true }: TtlSearch) {
    if (query !== undefined && this.#index === undefined) {
      throw new TtlError('TTL_UNSUPPORTED', 'a search with a query needs an index: new TtlStore(store, { index })')
    }
    const question = query === undefined ? undefined : await this.#index?.embeddings.embedQuery(query)
    return found(this.#items, { prefix: namespacePrefix, filter, limit, offset, question, touch })
  }

  async #list({ matchConditions = [], maxDepth, limit, offset }: ListNamespacesOperation): Promise<string[][]> {
    const paths = new Set<string>()
    for await (const key of this.#items.keys()) {
      const { namespace } = placeOf(key)
      if (matchConditions.every((condition) => matches(condition, namespace)))
        paths.add(JSON.stringify(namespace.slice(0, maxDepth)))
    }
    const sorted = [...paths].sort().map((path) => JSON.parse(path) as string[])
    return sorted.slice(offset, offset + limit)
  }

  async #put(puts: ReadonlyMap<string, TtlPut>): Promise<void> {
    const written = [...puts].filter(([, { value }]) => value !== null)
    const deleted = [...puts].filter(([, { value }]) => value === null)
    const keys = written.map(([key]) => key)
    const [before, vectors] = await Promise.all([
      this.#items.getMany(keys, { touch: false }),
      this.#index &&
        embeddingsOf(
          written.map(([, put]) => put as Indexed),
          this.#index,
        ),
    ])
    const updatedAt = this.#clock.now()
    const entries = written.map(([key, { value, expiry }], index) => {
      const createdAt = before.get(key)?.createdAt ?? updatedAt
      const kept: Kept = { value: value ?? {}, createdAt, updatedAt, vectors: vectors?.[index] }
      return { items: this.#itemsAt(placeOf(key)), entry: [key, kept, expiry] as const }
    })
    const byRule = Map.groupBy(entries, ({ items }) => items)
    for (const [items, own] of byRule) await items.setMany(own.map(({ entry }) => entry))
    await this.#items.deleteMany(deleted.map(([key]) => key))
  }

  /** Items under the policy that is for a place. All share the same data. */
  #itemsAt({ namespace }: Place): Namespace<Kept> {
    const rule = this.#rules.find(({ path }) => matches({ matchType: 'prefix', path }, namespace))
    return rule?.items ?? this.#items
  }
}

function checked(put: PutOperation): PutOperation {
  checkPath(put.namespace)
  if (typeof put.value === 'object' && !Array.isArray(put.value)) return put
  throw new TtlTypeError('TTL_INVALID', 'the value of an item must be an object, or null to delete it')
}

const isPut = (operation: Operation): operation is TtlPut => 'value' in operation
const isGet = (operation: Operation): operation is TtlGet => 'key' in operation && !('value' in operation)
const isSearch = (operation: Operation): operation is TtlSearch => 'namespacePrefix' in operation
const isList = (operation: Operation): operation is ListNamespacesOperation =>
  !('key' in operation || 'namespacePrefix' in operation)
