import type { DuePage, DueRequest, NamespaceTally, Page, Space, SweepRequest, Swept } from '@ttl/core/adapter'
import type { Commands } from './commands.ts'
import { keyOf, type Position, pageOf } from './index-pages.ts'
import { IndexSets } from './index-sets.ts'
import { tallies } from './index-tally.ts'

/** How many sets one script sweeps. */
const LOT = 200

/**
 * The deadlines of all entries and groups in sorted sets, written in the step that writes that of the key. Redis expires the
 * key alone: what that leaves behind here lies before now, is passed over by whatever reads, and removed by `sweep`.
 */
export class DeadlineIndex {
  readonly #commands: Commands
  readonly #sets: IndexSets

  constructor(commands: Commands) {
    this.#commands = commands
    this.#sets = new IndexSets(commands)
  }

  stats(namespace?: string, edges?: readonly number[]): Promise<NamespaceTally[]> {
    return tallies(this.#commands, this.#sets, namespace, edges)
  }

  namespaces(): Promise<string[]> {
    return this.#sets.namespaces()
  }

  /** Removes what native expiry has left behind. That are no entries any more: nothing is reported as deleted. */
  async sweep({ limit, namespace, asOf = Number.MAX_SAFE_INTEGER }: SweepRequest): Promise<Swept> {
    let rest = limit
    let more = false
    for (const { shard, sets } of await this.#sets.lots(namespace, LOT)) {
      const keys = [this.#commands.keys.registry(shard), ...sets]
      const reply = await this.#commands.script('reclaim', 'entry', keys, [Math.min(rest, 1e9), asOf])
      const [removed, left] = (reply as unknown[]).map(Number) as [number, number]
      rest -= removed
      more ||= left > 0
      if (rest <= 0) return { deleted: new Map(), more: true }
    }
    return { deleted: new Map(), more }
  }

  /** The first deadline in the index: if it lies before now, `sweep` has something to remove. */
  async nextDue(): Promise<number | undefined> {
    const lots = await this.#sets.lots(undefined, LOT)
    const replies = await Promise.all(lots.map(({ sets }) => this.#commands.script('first', 'entry', sets, [])))
    const firsts = replies.flatMap((reply) => (reply === null ? [] : [Number(String(reply))]))
    return firsts.length === 0 ? undefined : Math.min(...firsts)
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
    const [round = '1', at] = cursor === undefined ? [] : split(cursor)
    const { found, edge } = await pageOf(this.#commands, this.#sets.of(namespace, [space]), parsed(at), limit)
    const keys = found.map((position) => this.#commands.keys.name(namespace, keyOf(position, this.#commands)))
    if (edge !== undefined) return { keys, cursor: `${round} ${written(edge)}` }
    return { keys, cursor: round === '1' && at !== undefined && at !== '' ? '2 ' : undefined }
  }

  /** What will have expired by then, namespace by namespace, in each by deadline. What has expired already Redis has removed. */
  async due({ asOf, namespace, cursor, limit }: DueRequest): Promise<DuePage> {
    const names = namespace === undefined ? await this.#sets.namespaces() : [namespace]
    const [from, at] = cursor === undefined ? [names[0]] : (JSON.parse(cursor) as [name: string, at: string])
    const index = names.findIndex((name) => from !== undefined && name >= from)
    const name = names[index]
    if (name === undefined) return { due: [] }
    const after = name === from ? parsed(at) : undefined
    const { found, edge } = await pageOf(this.#commands, this.#sets.of(name), after, limit, asOf)
    const due = found.flatMap((position) => {
      const parts = this.#commands.keys.parse(keyOf(position, this.#commands))
      return parts === undefined ? [] : [{ ...parts, expiresAt: Number(position.score) }]
    })
    const next = names[index + 1]
    if (edge !== undefined) return { due, cursor: JSON.stringify([name, written(edge)]) }
    return { due, cursor: next === undefined ? undefined : JSON.stringify([next, '']) }
  }
}

/** At the first space. */
function split(text: string): [string, string] {
  const space = text.indexOf(' ')
  return [text.slice(0, space), text.slice(space + 1)]
}

function written({ score, key }: Position): string {
  return `${score} ${key}`
}

function parsed(at: string | undefined): Position | undefined {
  if (at === undefined || at === '') return undefined
  const [score, key] = split(at)
  return { score, key }
}
