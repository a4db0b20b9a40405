import type { Found, Payload, ReadOptions, Write, WriteOutcome } from '@ttl/core/adapter'
import { asError, inGroups } from './batches.ts'
import type { Arg } from './client.ts'
import { Coalescer } from './coalesce.ts'
import type { Commands } from './commands.ts'
import { translated } from './errors.ts'
import type { ItemKeys } from './keys.ts'
import { conditionOf, planOf } from './plan.ts'
import { readingOf } from './readings.ts'
import { plainTrailer, Stored } from './trailer.ts'

type Value = Buffer | null

/** A write that has to look first: its keys, and payload, plan and condition. */
interface Judged {
  readonly keys: ItemKeys
  readonly args: readonly Arg[]
}

/** Reads and writes entries. */
export class Entries {
  readonly #commands: Commands
  readonly #plain: Coalescer<ItemKeys, Value>
  readonly #sliding: Coalescer<ItemKeys, Value>
  readonly #judged: Coalescer<Judged, unknown>

  constructor(commands: Commands) {
    this.#commands = commands
    this.#plain = new Coalescer(commands.slotKey, (items) => this.#fetch(items))
    this.#sliding = new Coalescer(
      commands.slotKey,
      (items) => commands.script('read', 'entry', items.flat(), ['1', '0']) as Promise<(Value | Error)[]>,
    )
    const { slotKey } = commands
    this.#judged = new Coalescer(slotKey && (({ keys }) => slotKey(keys)), (items) => {
      const keys = items.flatMap((item) => item.keys)
      return commands.script(
        'write',
        'entry',
        keys,
        items.flatMap((item) => item.args),
      ) as Promise<unknown[]>
    })
    commands.first = () => this.#judged.flush()
  }

  async read(namespace: string, names: readonly string[], options: ReadOptions): Promise<(Found | undefined)[]> {
    const { touch, detail, sliding } = options
    const keys = this.#commands.keys
    if (detail) return this.#detailed(namespace, names, touch)
    if (touch && sliding) {
      if (names.length === 1) {
        return [found(await this.#sliding.ask(keys.item('entry', namespace, names[0] as string)).catch(rethrow))]
      }
      const replies = await this.#commands.all('read', 'entry', namespace, names, ['1', '0'])
      return replies.map((reply) => found(reply as Value))
    }
    const values =
      names.length === 1
        ? [await this.#plain.ask(keys.item('entry', namespace, names[0] as string))]
        : await this.#several(namespace, names)
    const stored = values.map((value) => (value === null ? undefined : new Stored(value)))
    if (touch) {
      const due = names.filter((_, index) => stored[index]?.slides)
      if (due.length > 0) await this.#commands.all('touch', 'entry', namespace, due, ['accessed'])
    }
    return stored.map((each) => each && { payload: each.payload })
  }

  /** @returns for each whether it is stored, or its error */
  write(namespace: string, writes: readonly Write[]): Promise<WriteOutcome[]> {
    return Promise.all(
      writes.map((write) => (this.#isPlain(write) ? this.#set(namespace, write) : this.#judge(namespace, write))),
    )
  }

  async take(namespace: string, name: string): Promise<Payload | undefined> {
    const value = await this.#commands.one('take', 'entry', namespace, name, [])
    return found(value as Value)?.payload
  }

  /** One `GET`, or an `MGET`. */
  async #fetch(items: readonly ItemKeys[]): Promise<(Value | Error)[]> {
    const names = items.map(([key]) => key)
    if (names.length === 1) return [await this.#commands.send.getBuffer(names[0] as string)]
    const { send } = this.#commands
    const [values, count] = await Promise.all([send.mgetBuffer(...names), send.exists(...names)])
    const missing = values.filter((value) => value === null).length
    if (values.length - missing === Number(count)) return values
    // MGET calls what is not a string a miss, GET an error.
    return Promise.all(
      values.map((value, index) => value ?? this.#commands.send.getBuffer(names[index] as string).catch(asError)),
    )
  }

  async #several(namespace: string, names: readonly string[]): Promise<Value[]> {
    const items = names.map((name) => this.#commands.keys.item('entry', namespace, name))
    const values = await inGroups(items, this.#commands.slotKey, (group) => this.#fetch(group))
    for (const value of values) if (value instanceof Error) throw value
    return values as Value[]
  }

  async #detailed(namespace: string, names: readonly string[], touch: boolean): Promise<(Found | undefined)[]> {
    const replies = await this.#commands.all('read', 'entry', namespace, names, [touch ? '1' : '0', '1'])
    return (replies as (readonly [Buffer, unknown, unknown] | null)[]).map((reply) => {
      if (reply === null) return undefined
      const stored = new Stored(reply[0])
      return { payload: stored.payload, reading: readingOf(stored.rest, reply[1], reply[2]) }
    })
  }

  /** Whether nothing has to be looked at: neither a condition, nor a cap, an instant or what is kept. */
  #isPlain({ placement, condition }: Write): boolean {
    if (this.#commands.indexed || condition !== undefined || placement.onLive !== 'replace') return false
    return placement.expiry.maxAgeMs === undefined && placement.expiry.expiresAt === undefined
  }

  async #set(namespace: string, { key: name, payload, placement }: Write): Promise<WriteOutcome> {
    if (placement.onLive === 'exact') throw new TypeError('an exact timing needs a script')
    const { ttlMs, restartOn, refreshAfter } = placement.expiry
    const key = this.#commands.keys.key('entry', namespace, name)
    const trailer = plainTrailer(payload, restartOn, ttlMs, refreshAfter)
    const value = typeof payload === 'string' ? payload + trailer : Buffer.concat([payload, Buffer.from(trailer)])
    try {
      const { send } = this.#commands
      await (ttlMs === undefined ? send.set(key, value) : send.set(key, value, 'PX', ttlMs))
      return true
    } catch (error) {
      return asError(error)
    }
  }

  async #judge(namespace: string, { key, payload, placement, condition }: Write): Promise<WriteOutcome> {
    const value = typeof payload === 'string' ? payload : Buffer.from(payload)
    const args = [value, planOf(placement, payload), conditionOf(condition)]
    try {
      const keys = this.#commands.keys.item('entry', namespace, key)
      return Number(await this.#judged.ask({ keys, args })) === 1
    } catch (error) {
      return asError(translated(error))
    }
  }
}

function found(value: Value): { readonly payload: Payload } | undefined {
  return value === null ? undefined : { payload: new Stored(value).payload }
}

function rethrow(error: unknown): never {
  throw translated(error)
}
