import { type AbortSignalLike, checkSignal } from './abort.ts'
import type { Backend, Payload, Reading, Space, Write } from './backend.ts'
import { writeAll } from './batch.ts'
import { annotate, describe, TtlError, TtlTypeError } from './errors.ts'
import { Foreign } from './foreign.ts'
import { checkNames } from './names.ts'
import { checkOptions } from './options.ts'
import { bytesOf, checkSize } from './payload.ts'
import type { Port } from './port.ts'
import { pages } from './scan.ts'
import type { Exact } from './timing.ts'

export interface TransferOptions {
  /** Which namespaces. Default: all that hold anything. */
  readonly namespaces?: Iterable<string> | undefined
  /** Whether a live entry or group of the target is replaced. Default `false`: it is skipped. */
  readonly overwrite?: boolean | undefined
  /** `true` writes nothing and counts what would be copied. Default `false`. */
  readonly dryRun?: boolean | undefined
  /** Told after each batch. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
  /** Stops between batches; the promise is then rejected with `signal.reason`. Called again, it goes on where it was. */
  readonly signal?: AbortSignalLike | undefined
}

export interface TransferCounts {
  readonly entries: number
  readonly groups: number
}

export interface TransferReport {
  readonly copied: TransferCounts
  /** Live in the target already, and left as it is there. */
  readonly skipped: TransferCounts
  /** Ended or was deleted before it could be copied. */
  readonly gone: TransferCounts
}

export interface TransferProgress extends TransferReport {
  /** What was worked on just now. */
  readonly namespace: string
  readonly kind: Space
  /** How many entries and groups there were at the beginning, where the source can count. */
  readonly total: number | undefined
}

/** A batch holds about so much, to bound what is in memory at once. A group is one piece. */
const BATCH_BYTES = 4_194_304
const MOST_AT_ONCE = 500

const OPTIONS = ['namespaces', 'overwrite', 'dryRun', 'onProgress', 'signal']

/**
 * Copies what is live in one backend to another, with its remaining life: deadlines travel as instants, and birth, cap,
 * window and what restarts it with them. Nothing is removed from the source, and nothing there restarts.
 */
export class Transfer {
  readonly #from: Port
  readonly #to: Port
  readonly #options: TransferOptions
  readonly #counts = {
    copied: { entry: 0, group: 0 },
    skipped: { entry: 0, group: 0 },
    gone: { entry: 0, group: 0 },
  }
  #total: number | undefined
  #atOnce = 4

  constructor(from: Port, to: Port, options: TransferOptions) {
    checkOptions(options, OPTIONS, 'transfer')
    const { overwrite, dryRun, onProgress, signal } = options
    for (const [name, flag] of Object.entries({ overwrite, dryRun })) {
      if (flag !== undefined && typeof flag !== 'boolean')
        throw new TtlTypeError('TTL_INVALID', `${name} of transfer must be true or false, got ${describe(flag)}`)
    }
    if (onProgress !== undefined && typeof onProgress !== 'function')
      throw new TtlTypeError('TTL_INVALID', `onProgress of transfer must be a function, got ${describe(onProgress)}`)
    checkSignal(signal, 'transfer')
    if (from.backend === to.backend)
      throw new TtlTypeError('TTL_INVALID', 'transfer copies between two backends, got the same one twice')
    this.#from = from
    this.#to = to
    this.#options = options
  }

  async run(): Promise<TransferReport> {
    const names = await this.#names()
    const spaces: readonly Space[] = this.#from.backend.capabilities.groups ? ['entry', 'group'] : ['entry']
    for (const space of spaces) {
      for (const namespace of names) {
        for await (const keys of pages(this.#from, 'transfer', space, namespace))
          await this.#page(space, namespace, keys)
      }
    }
    return this.#report()
  }

  async #names(): Promise<readonly string[]> {
    const { namespaces, signal } = this.#options
    return this.#from.run('transfer', undefined, undefined, async (backend) => {
      const only = namespaces === undefined ? undefined : checkNames(namespaces, 'namespace', 'transfer')
      if (signal?.aborted) throw new Foreign(signal.reason)
      const tallies = await backend.stats?.()
      const counted = tallies?.filter(({ namespace }) => only?.includes(namespace) ?? true)
      this.#total = counted?.reduce(
        (sum, { entries, groups }) => sum + entries.permanent + entries.active + groups.permanent + groups.active,
        0,
      )
      const names = only ?? counted?.map(({ namespace }) => namespace) ?? (await backend.namespaces?.())
      if (names !== undefined) return names
      throw new TtlError(
        'TTL_UNSUPPORTED',
        `${backend.name} cannot list its namespaces; say which: { namespaces: [...] }`,
      )
    })
  }

  async #page(space: Space, namespace: string, keys: readonly string[]): Promise<void> {
    const { signal } = this.#options
    const { name, capabilities } = this.#to.backend
    if (space === 'group' && !capabilities.groups) {
      throw new TtlError('TTL_UNSUPPORTED', `${name} has no groups, and ${describe(namespace)} has some`, {
        operation: 'transfer',
        namespace,
      })
    }
    for (let from = 0; from < keys.length; ) {
      if (signal?.aborted) throw signal.reason
      const some = keys.slice(from, from + this.#atOnce)
      from += some.length
      const wanted = await this.#missing(space, namespace, some)
      if (wanted.length > 0)
        await (space === 'entry' ? this.#entries(namespace, wanted) : this.#groups(namespace, wanted))
      this.#progress(space, namespace)
    }
  }

  /** What the target does not hold yet: what is there is not even read. */
  async #missing(space: Space, namespace: string, keys: readonly string[]): Promise<readonly string[]> {
    if (this.#options.overwrite) return keys
    const there = await this.#to.run('transfer', namespace, undefined, (to) => to.inspect(space, namespace, keys))
    const missing = keys.filter((_, index) => there[index] === undefined)
    this.#counts.skipped[space] += keys.length - missing.length
    return missing
  }

  async #entries(namespace: string, keys: readonly string[]): Promise<void> {
    const { overwrite, dryRun } = this.#options
    const options = { touch: false, detail: true, sliding: false }
    const found = await this.#from.run('transfer', namespace, undefined, (from) => from.read(namespace, keys, options))
    const writes = keys.flatMap((key, index): Write[] => {
      const entry = found[index]
      if (entry === undefined) return []
      const placement = { onLive: 'exact', timing: timingOf(entry, this.#from.backend) } as const
      return [{ key, payload: entry.payload, placement, condition: overwrite ? undefined : 'absent' }]
    })
    this.#counts.gone.entry += keys.length - writes.length
    this.#adapt(
      writes.map(({ payload }) => payload),
      writes.length,
    )
    if (writes.length === 0) return
    if (dryRun) {
      this.#counts.copied.entry += writes.length
      return
    }
    await this.#to.run('transfer', namespace, undefined, async (to) => {
      for (const { key, payload } of writes) fits(payload, key, to)
      for (const some of pieces(writes)) {
        const keys = some.map(({ key }) => key)
        const placements = some.map(({ placement }) => placement as Exact)
        await this.#count('entry', to, await writeAll(to, namespace, some, keys), placements)
      }
    })
  }

  async #groups(namespace: string, ids: readonly string[]): Promise<void> {
    const { overwrite, dryRun } = this.#options
    const options = { touch: false, detail: true, sliding: false }
    for (const id of ids) {
      const group = await this.#from.run('transfer', namespace, id, (from) =>
        from.readGroup(namespace, id, undefined, options),
      )
      if (group === undefined) {
        this.#counts.gone.group++
        continue
      }
      this.#adapt(
        group.members.map(([, payload]) => payload),
        1,
      )
      if (dryRun) {
        this.#counts.copied.group++
        continue
      }
      const placement = { onLive: 'exact', timing: timingOf(group, this.#from.backend) } as const
      await this.#to.run('transfer', namespace, id, async (to) => {
        for (const [, payload] of group.members) fits(payload, id, to)
        const stored = await to.writeGroup(namespace, id, group.members, placement, overwrite ? undefined : 'absent')
        await this.#count('group', to, [stored], [placement])
      })
    }
  }

  /** Counts what was stored; what was not either lives in the target by now, or has ended. */
  async #count(space: Space, to: Backend, stored: readonly boolean[], placements: readonly Exact[]): Promise<void> {
    const refused = placements.filter((_, index) => stored[index] !== true)
    this.#counts.copied[space] += placements.length - refused.length
    if (refused.length === 0) return
    const now = await to.now()
    const ended = refused.filter(({ timing }) => timing.expiresAt !== undefined && timing.expiresAt <= now).length
    this.#counts.gone[space] += ended
    this.#counts.skipped[space] += refused.length - ended
  }

  #adapt(payloads: readonly Payload[], count: number): void {
    if (count === 0) return
    const bytes = payloads.reduce((sum, payload) => sum + bytesOf(payload), 0)
    const fitting = Math.floor(BATCH_BYTES / Math.max(1, bytes / count))
    this.#atOnce = Math.max(1, Math.min(MOST_AT_ONCE, this.#atOnce * 2, fitting))
  }

  #progress(kind: Space, namespace: string): void {
    const { onProgress } = this.#options
    if (onProgress === undefined) return
    onProgress({ ...this.#report(), namespace, kind, total: this.#total })
  }

  #report(): TransferReport {
    const { copied, skipped, gone } = this.#counts
    const counts = ({ entry, group }: { entry: number; group: number }) => ({ entries: entry, groups: group })
    return { copied: counts(copied), skipped: counts(skipped), gone: counts(gone) }
  }
}

function timingOf({ reading }: { readonly reading?: Reading | undefined }, backend: Backend): Exact['timing'] {
  if (reading === undefined) throw new TypeError(`${backend.name}: a read was asked for detail and gave none`)
  const { now: _, ...timing } = reading
  return timing
}

/** @throws {@link TtlError} `TTL_UNSUPPORTED` for what the target cannot hold; nothing of its batch was written then */
function fits(payload: Payload, key: string, to: Backend): void {
  try {
    checkSize(payload, to.capabilities.maxPayloadBytes)
  } catch (error) {
    throw annotate(error as TtlError, { key })
  }
}

/** Parts of a batch that hold about so much as a batch should, or are one write. */
function* pieces(writes: readonly Write[]): Generator<readonly Write[], void, undefined> {
  let [some, bytes]: [Write[], number] = [[], 0]
  for (const write of writes) {
    const size = bytesOf(write.payload)
    if (some.length > 0 && bytes + size > BATCH_BYTES) {
      yield some
      ;[some, bytes] = [[], 0]
    }
    some.push(write)
    bytes += size
  }
  if (some.length > 0) yield some
}
