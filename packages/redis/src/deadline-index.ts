import type { NamespaceTally, Page, Space, SweepRequest, Swept, Tally } from '@ttl/core/adapter'
import type { Commands } from './commands.ts'

const SPACES: readonly Space[] = ['entry', 'group']

/** How many sets one script works on. */
const LOT = 200

/** Sorted sets of one shard. */
interface Lot {
  readonly shard: number
  readonly sets: readonly string[]
}

interface Position {
  readonly score: string
  readonly member: string
}

/**
 * The deadlines of all entries and groups in sorted sets, written in the step that writes that of the key. Redis expires the
 * key alone: what that leaves behind here lies before now, is passed over by whatever reads, and removed by `sweep`.
 */
export class DeadlineIndex {
  readonly #commands: Commands

  constructor(commands: Commands) {
    this.#commands = commands
  }

  async stats(namespace?: string): Promise<NamespaceTally[]> {
    const lots = await this.#lots(namespace)
    const replies = await Promise.all(lots.map(({ sets }) => this.#commands.script('tally', 'entry', sets, [])))
    const found = new Map<string, { entry: Tally; group: Tally }>()
    for (const [index, { sets }] of lots.entries()) {
      for (const [position, key] of sets.entries()) {
        const { namespace: name, space } = this.#commands.keys.ofIndex(key)
        const both = found.get(name) ?? { entry: NOTHING, group: NOTHING }
        found.set(name, {
          ...both,
          [space]: sum(both[space], tallyOf((replies[index] as unknown[][])[position] as unknown[])),
        })
      }
    }
    return [...found]
      .filter(([name, { entry, group }]) => name === namespace || holds(entry) || holds(group))
      .map(([name, { entry, group }]) => ({ namespace: name, entries: entry, groups: group }))
  }

  /** Removes what native expiry has left behind. That are no entries any more: nothing is reported as deleted. */
  async sweep({ limit, namespace, asOf = Number.MAX_SAFE_INTEGER }: SweepRequest): Promise<Swept> {
    let rest = limit
    let more = false
    for (const { shard, sets } of await this.#lots(namespace)) {
      const keys = [this.#commands.keys.registry(shard), ...sets]
      const reply = await this.#commands.script('reclaim', 'entry', keys, [Math.min(rest, 1e9), asOf])
      const [removed, left] = (reply as unknown[]).map(Number) as [number, number]
      rest -= removed
      more ||= left > 0
      if (rest <= 0) return { deleted: new Map(), more: true }
    }
    return { deleted: new Map(), more }
  }

  /**
   * Names in the order of their deadlines. Whoever shortens a deadline during a long scan may move a name to where the scan
   * has been: so a scan of several pages goes round twice.
   */
  async page(
    space: Space,
    namespace: string,
    { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<Page> {
    const { keys, keyPrefix } = this.#commands
    const [round = '1', score = '', ...rest] = cursor?.split(' ') ?? []
    const size = Math.max(8, Math.ceil((2 * limit) / keys.shards))
    const args = [score, Buffer.from(rest.join(' '), 'latin1'), size]
    const replies = await Promise.all(
      Array.from({ length: keys.shards }, (_, shard) =>
        this.#commands.script('page', 'entry', [keys.index(space, namespace, shard)], args),
      ),
    )
    const shards = replies.map((reply) => positions(reply as Buffer[]))
    // What comes after the last of a full shard may have something before it that was not sent.
    const edge = shards
      .filter((list) => list.length === size)
      .map((list) => list.at(-1) as Position)
      .sort(compare)[0]
    const found = shards
      .flat()
      .sort(compare)
      .filter((position) => edge === undefined || compare(position, edge) <= 0)
    const names = found.map(({ member }) =>
      keys.name(namespace, Buffer.from(member, 'latin1').toString().slice(keyPrefix.length)),
    )
    if (edge !== undefined) return { keys: names, cursor: `${round} ${edge.score} ${edge.member}` }
    return { keys: names, cursor: round === '1' && score !== '' ? '2' : undefined }
  }

  /** The sorted sets of a namespace, or all, in lots that one script may work on. */
  async #lots(namespace: string | undefined): Promise<Lot[]> {
    const { keys, keyPrefix } = this.#commands
    const shards = Array.from({ length: keys.shards }, (_, shard) => shard)
    if (namespace !== undefined) {
      return shards.map((shard) => ({ shard, sets: SPACES.map((space) => keys.index(space, namespace, shard)) }))
    }
    const known = await Promise.all(shards.map((shard) => this.#commands.send.smembersBuffer(keys.registry(shard))))
    return known.flatMap((members, shard) => {
      const all = members.map((member) => member.toString().slice(keyPrefix.length))
      const starts = Array.from({ length: Math.ceil(all.length / LOT) }, (_, lot) => lot * LOT)
      return starts.map((start) => ({ shard, sets: all.slice(start, start + LOT) }))
    })
  }
}

function tallyOf([permanent, active, expired, first, last]: readonly unknown[]): Tally {
  const instant = (reply: unknown) => (reply === null ? undefined : Number(String(reply)))
  return {
    permanent: Number(permanent),
    active: Number(active),
    expired: Number(expired),
    nextExpiresAt: instant(first),
    lastExpiresAt: instant(last),
  }
}

const NOTHING: Tally = { permanent: 0, active: 0, expired: 0, nextExpiresAt: undefined, lastExpiresAt: undefined }

function holds({ permanent, active, expired }: Tally): boolean {
  return permanent + active + expired > 0
}

function sum(a: Tally, b: Tally): Tally {
  const pick = (choose: (...values: number[]) => number, x: number | undefined, y: number | undefined) =>
    x === undefined || y === undefined ? (x ?? y) : choose(x, y)
  return {
    permanent: a.permanent + b.permanent,
    active: a.active + b.active,
    expired: a.expired + b.expired,
    nextExpiresAt: pick(Math.min, a.nextExpiresAt, b.nextExpiresAt),
    lastExpiresAt: pick(Math.max, a.lastExpiresAt, b.lastExpiresAt),
  }
}

/** Bytes as latin1, so that they compare as Redis compares them. */
function positions(reply: readonly Buffer[]): Position[] {
  const list: Position[] = []
  for (let index = 0; index < reply.length; index += 2) {
    list.push({ member: (reply[index] as Buffer).toString('latin1'), score: String(reply[index + 1]) })
  }
  return list
}

function compare(a: Position, b: Position): number {
  const [x, y] = [deadline(a), deadline(b)]
  if (x !== y) return x - y
  return a.member < b.member ? -1 : Number(a.member > b.member)
}

function deadline({ score }: Position): number {
  return score === 'inf' ? Number.MAX_SAFE_INTEGER : Number(score)
}
