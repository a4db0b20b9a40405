import {
  type DurationInput,
  type Instant,
  instant,
  type Namespace,
  type NamespaceStats,
  never,
  type Store,
  type SweeperOptions,
} from '@ttl/core'
import {
  type Archive,
  CHECKPOINT,
  type DeletedCount,
  type ExpiredCount,
  type Memory,
  type NewMemory,
  type Wanted,
} from './checkpoints.ts'
import { isMonthOf } from './skills.ts'

interface Kept {
  readonly content: string
  readonly metadata: Memory['metadata']
  readonly createdAt: string
}

/** Memories in a store, where there is no table of the application's own. The category is a part of the key. */
export class StoreArchive implements Archive {
  readonly #store: Store
  #count = 0

  constructor(store: Store) {
    this.#store = store
  }

  async now(): Promise<Instant> {
    return (await this.#store.preview({ limit: 1 })).asOf
  }

  async put({ namespace, category, content, metadata = {}, ttl = never }: NewMemory): Promise<string> {
    const key = `${category}/${crypto.randomUUID()}`
    // Two of one instant stay in the order in which they came.
    const createdAt = String(await this.now())
    await this.#kept(namespace).set(
      key,
      { content, metadata: { ...metadata, order: this.#count++ }, createdAt },
      { ttl },
    )
    return `${namespace}/${key}`
  }

  async newest(wanted: Wanted): Promise<Memory | undefined> {
    const { prefix, namespace: only, skill } = wanted
    const names = prefix === undefined ? [only] : (await this.#names()).filter((name) => isMonthOf(name, prefix))
    let newest: Memory | undefined
    for (const name of names) {
      for await (const [key, kept] of this.#kept(name).entries()) {
        if (kept.metadata.type !== CHECKPOINT || (skill !== undefined && kept.metadata.skill !== skill)) continue
        if (newest === undefined || isNewer(kept, newest)) newest = await this.#memory(name, key, kept)
      }
    }
    return newest
  }

  pin(id: string): Promise<boolean> {
    const [namespace, key] = placeOf(id)
    return this.#kept(namespace).persist(key)
  }

  extend(id: string, ttl: DurationInput): Promise<boolean> {
    const [namespace, key] = placeOf(id)
    return this.#kept(namespace).expire(key, ttl)
  }

  async expired(samples: number) {
    const { asOf, found, samples: all } = await this.#store.preview({ limit: Number.POSITIVE_INFINITY })
    const latest = all.toSorted((a, b) => b.expiresAt.epochMilliseconds - a.expiresAt.epochMilliseconds)
    const namespaces = Map.groupBy(latest, ({ namespace }) => namespace)
    const counts = [...namespaces].map(
      ([namespace, each]): ExpiredCount => ({
        namespace,
        expired: each.length,
        oldest: each.at(-1)?.expiresAt,
        newest: each[0]?.expiresAt,
      }),
    )
    return {
      asOf,
      total: found,
      namespaces: counts.sort((a, b) => b.expired - a.expired || a.namespace.localeCompare(b.namespace)),
      samples: latest.slice(0, samples).map(({ namespace, key, expiresAt }) => ({ namespace, key, expiresAt })),
      more: found > samples,
    }
  }

  async remove(asOf?: Instant): Promise<readonly DeletedCount[]> {
    // A server that expires by itself has nothing left to delete, or to count.
    if (this.#native) return []
    const counts = new Map<string, DeletedCount>()
    const stop = await this.#store.on('expired', ({ namespace, key }) => {
      const category = key.slice(0, key.indexOf('/'))
      const name = `${namespace} ${category}`
      counts.set(name, { namespace, category, deleted: (counts.get(name)?.deleted ?? 0) + 1 })
    })
    try {
      await this.#store.sweep({ asOf })
    } finally {
      await stop()
    }
    return [...counts.values()]
  }

  async stats(): Promise<readonly NamespaceStats[]> {
    const stats = await this.#store.stats()
    return this.#native ? stats.map((each) => ({ ...each, entries: { ...each.entries, expired: 0 } })) : stats
  }

  async size(): Promise<undefined> {
    return undefined
  }

  async lastActivity(): Promise<Instant | undefined> {
    let last = ''
    for (const name of await this.#names()) {
      for await (const [, { createdAt }] of this.#kept(name).entries()) if (createdAt > last) last = createdAt
    }
    return last === '' ? undefined : instant(last)
  }

  startSweeper(options?: SweeperOptions) {
    return this.#store.startSweeper(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#store.close()
  }

  get #native(): boolean {
    return this.#store.capabilities.reclaims === 'native'
  }

  async #names(): Promise<string[]> {
    return (await this.#store.stats()).map(({ namespace }) => namespace)
  }

  #kept(namespace: string): Namespace<Kept> {
    return this.#store.namespace<Kept>(namespace)
  }

  async #memory(namespace: string, key: string, { content, metadata, createdAt }: Kept): Promise<Memory> {
    const expiry = await this.#kept(namespace).expiry(key)
    return {
      id: `${namespace}/${key}`,
      namespace,
      category: key.slice(0, key.indexOf('/')),
      content,
      metadata,
      createdAt: instant(createdAt),
      expiresAt: expiry.state === 'expires' ? expiry.expiresAt : undefined,
    }
  }
}

function isNewer(kept: Kept, than: Memory): boolean {
  const [a, b] = [kept.createdAt, String(than.createdAt)]
  return a === b ? Number(kept.metadata.order) > Number(than.metadata.order) : a > b
}

function placeOf(id: string): [namespace: string, key: string] {
  const slash = id.indexOf('/')
  return [id.slice(0, slash), id.slice(slash + 1)]
}
