import type { Found, Payload, ReadOptions, Write, WriteOutcome } from '@ttl/core/adapter'
import { asError, inGroups } from './batches.ts'
import type { Arg } from './client.ts'
import type { Coalescer } from './coalesce.ts'
import type { Commands } from './commands.ts'
import { checked, translated, translatedAll } from './errors.ts'
import type { ItemKeys } from './keys.ts'
import { conditionOf, planOf } from './plan.ts'
import { readingOf } from './readings.ts'
import { plainTrailer, Stored } from './trailer.ts'

type Value = Buffer | null

/** What the scripts that read are told: what slides restarts. */
const TOUCHING = ['1']

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
    const { slotKey } = commands
    this.#plain = commands.reads({
      one: ([key]) => commands.send.getBuffer(key),
      several: (items) => this.#fetch(items),
    })
    this.#sliding = commands.reads({
      one: (keys) => commands.script('readOne', 'entry', keys, TOUCHING) as Promise<Value>,
      several: async (items) =>
        translatedAll(await commands.script('read', 'entry', items.flat(), TOUCHING)) as (Value | Error)[],
    })
    this.#judged = commands.changes('entry', slotKey && (({ keys }) => slotKey(keys)), {
      one: async ({ keys, args }) => checked(await commands.script('write', 'entry', keys, args))[0],
      several: (items) => {
        const keys = items.flatMap((item) => item.keys)
        const args = items.flatMap((item) => item.args)
        return commands.script('write', 'entry', keys, args) as Promise<unknown[]>
      },
    })
  }

  read(namespace: string, names: readonly string[], options: ReadOptions): Promise<(Found | undefined)[]> {
    if (options.detail) return this.#detailed(namespace, names, options.touch)
    const [name] = names
    return names.length === 1 && name !== undefined
      ? this.#readOne(namespace, name, options)
      : this.#readMany(namespace, names, options)
  }

  /** @returns for each whether it is stored, or its error */
  async write(namespace: string, writes: readonly Write[]): Promise<WriteOutcome[]> {
    const [only] = writes
    if (writes.length === 1 && only !== undefined) return [await this.#write(namespace, only, true)]
    return Promise.all(writes.map((write) => this.#write(namespace, write, false)))
  }

  async take(namespace: string, name: string): Promise<Payload | undefined> {
    const value = await this.#commands.one('take', 'entry', namespace, name, [])
    return found(value as Value)?.payload
  }

  async #readOne(namespace: string, name: string, options: ReadOptions): Promise<(Found | undefined)[]> {
    const slide = options.touch && options.sliding
    const value = await (slide ? this.#sliding : this.#plain).ask(this.#commands.keys.item('entry', namespace, name))
    if (value === null) return [undefined]
    const stored = new Stored(value)
    if (options.touch && !slide && stored.slides) await this.#touch(namespace, [name])
    return [{ payload: stored.payload }]
  }

  async #readMany(
    namespace: string,
    names: readonly string[],
    { touch, sliding }: ReadOptions,
  ): Promise<(Found | undefined)[]> {
    const { keys, slotKey } = this.#commands
    if (touch && sliding) {
      const replies = await this.#commands.all('read', 'entry', namespace, names, TOUCHING)
      return replies.map((reply) => found(reply as Value))
    }
    const items = names.map((name) => keys.item('entry', namespace, name))
    const values = checked<Value>(await inGroups(items, slotKey, (group) => this.#fetch(group)))
    const stored = values.map((value) => (value === null ? undefined : new Stored(value)))
    const due = touch ? names.filter((_, index) => stored[index]?.slides) : []
    if (due.length > 0) await this.#touch(namespace, due)
    return stored.map((each) => each && { payload: each.payload })
  }

  /** The later step of a read that did not expect that anything slides. */
  #touch(namespace: string, names: readonly string[]): Promise<unknown> {
    return this.#commands.all('touch', 'entry', namespace, names, ['accessed'])
  }

  /** One `GET`, or an `MGET`. */
  async #fetch(items: readonly ItemKeys[]): Promise<(Value | Error)[]> {
    const names = items.map(([key]) => key)
    if (names.length === 1) return [await this.#commands.send.getBuffer(names[0] as string)]
    const client = this.#commands.sendSeveral
    const [values, count] = await Promise.all([client.mgetBuffer(...names), client.exists(...names)])
    const missing = values.filter((value) => value === null).length
    if (values.length - missing === Number(count)) return values
    // MGET calls what is not a string a miss, GET an error.
    return Promise.all(
      values.map((value, index) => value ?? this.#commands.send.getBuffer(names[index] as string).catch(asError)),
    )
  }

  async #detailed(namespace: string, names: readonly string[], touch: boolean): Promise<(Found | undefined)[]> {
    const replies = await this.#commands.all('readDetail', 'entry', namespace, names, [touch ? '1' : '0'])
    return (replies as (readonly [Buffer, unknown, unknown] | null)[]).map((reply) => {
      if (reply === null) return undefined
      const stored = new Stored(reply[0])
      return { payload: stored.payload, reading: readingOf(stored.rest, reply[1], reply[2]) }
    })
  }

  #write(namespace: string, write: Write, alone: boolean): Promise<WriteOutcome> {
    return this.#isPlain(write) ? this.#set(namespace, write) : this.#judge(namespace, write, alone)
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

  async #judge(namespace: string, write: Write, alone: boolean): Promise<WriteOutcome> {
    const { key, payload, placement, condition } = write
    const value = typeof payload === 'string' ? payload : Buffer.from(payload)
    const args = [value, planOf(placement, payload), conditionOf(condition)]
    try {
      const keys = this.#commands.keys.item('entry', namespace, key)
      const judged = alone ? this.#judged.ask({ keys, args }) : this.#judged.collect({ keys, args })
      return Number(await judged) === 1
    } catch (error) {
      return asError(translated(error))
    }
  }
}

function found(value: Value): { readonly payload: Payload } | undefined {
  return value === null ? undefined : { payload: new Stored(value).payload }
}
