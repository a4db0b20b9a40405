import type { Space } from '@ttl/core/adapter'
import { crc16 } from './slots.ts'

/** What stands between a namespace and a name. A namespace has none of them: they are escaped in it. */
const SEPARATORS: Readonly<Record<Space, string>> = { entry: ':', group: '#' }
const INDEX = '!'

const escaped = (text: string, characters: RegExp) =>
  text.replace(characters, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
// A brace would let a caller's key choose its slot.
const escapeNamespace = (text: string) => escaped(text, /[%:#!{]/g)
// Looking first costs less than replacing nothing.
const escapeName = (text: string) => (text.includes('%') || text.includes('{') ? escaped(text, /[%{]/g) : text)
const unescaped = (text: string) =>
  text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** The key of an entry or group, and with an index those of its part of the index. */
export type ItemKeys = readonly [key: string] | readonly [key: string, index: string, registry: string]

/**
 * The names of Redis keys: `prefix`, with an index the hash tag of a shard, the namespace, a separator, the name.
 *
 * - `ttl:session:abc` and `ttl:thread#42`: an entry and a group
 * - `ttl:{7}session:abc`: the same entry with an index, in shard 7
 * - `ttl:{7}session!:` and `ttl:{7}session!#`: the deadlines of that shard's entries and groups
 * - `ttl:{7}!`: the names of these
 */
export class Keys {
  readonly shards: number
  readonly #prefix: string
  readonly #known = new Map<string, string>()

  constructor(prefix: string, shards: number) {
    this.#prefix = prefix
    this.shards = shards
  }

  key(space: Space, namespace: string, name: string): string {
    const tag = this.shards === 0 ? '' : this.#tag(this.#shardOf(namespace, name))
    return `${this.#prefix}${tag}${this.#namespace(namespace)}${SEPARATORS[space]}${escapeName(name)}`
  }

  item(space: Space, namespace: string, name: string): ItemKeys {
    if (this.shards === 0) return [this.key(space, namespace, name)]
    const shard = this.#shardOf(namespace, name)
    return [this.key(space, namespace, name), this.index(space, namespace, shard), this.registry(shard)]
  }

  index(space: Space, namespace: string, shard: number): string {
    return `${this.#prefix}${this.#tag(shard)}${this.#namespace(namespace)}${INDEX}${SEPARATORS[space]}`
  }

  registry(shard: number): string {
    return `${this.#prefix}${this.#tag(shard)}${INDEX}`
  }

  /** The name in a key of this namespace. */
  name(namespace: string, key: string): string {
    return unescaped(this.#body(key).slice(this.#namespace(namespace).length + 1))
  }

  /** What a key is of; `undefined` for keys of the index, and of others. */
  parse(key: string): { readonly space: Space; readonly namespace: string; readonly key: string } | undefined {
    const tagged = key.startsWith('{', this.#prefix.length)
    if (!key.startsWith(this.#prefix) || tagged !== this.shards > 0) return undefined
    const body = this.#body(key)
    const at = body.search(/[:#!]/)
    if (at < 1 || body[at] === INDEX) return undefined
    const space = body[at] === SEPARATORS.group ? 'group' : 'entry'
    return { space, namespace: unescaped(body.slice(0, at)), key: unescaped(body.slice(at + 1)) }
  }

  /** Space and namespace of the key of an index. */
  ofIndex(key: string): { readonly space: Space; readonly namespace: string } {
    const body = this.#body(key)
    const space: Space = body.endsWith(SEPARATORS.group) ? 'group' : 'entry'
    return { space, namespace: unescaped(body.slice(0, -2)) }
  }

  /** A pattern that matches the keys of all spaces and namespaces. */
  get everything(): string {
    return `${glob(this.#prefix)}*`
  }

  /** A pattern that matches exactly the keys of this space and namespace. */
  pattern(space: Space, namespace: string): string {
    const tag = this.shards === 0 ? '' : '{*}'
    return `${glob(this.#prefix)}${tag}${glob(`${this.#namespace(namespace)}${SEPARATORS[space]}`)}*`
  }

  #tag(shard: number): string {
    return `{${shard}}`
  }

  /** A key without prefix and hash tag. */
  #body(key: string): string {
    const { length } = this.#prefix
    return key.slice(this.shards === 0 ? length : key.indexOf('}', length) + 1)
  }

  #shardOf(namespace: string, name: string): number {
    return crc16(`${namespace}\0${name}`) % this.shards
  }

  /** Namespaces are few and used often. */
  #namespace(namespace: string): string {
    let escaped = this.#known.get(namespace)
    if (escaped === undefined) {
      if (this.#known.size >= 1_000) this.#known.clear()
      escaped = escapeNamespace(namespace)
      this.#known.set(namespace, escaped)
    }
    return escaped
  }
}

/** Escapes what a pattern of Redis gives a meaning. */
export function glob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&')
}
