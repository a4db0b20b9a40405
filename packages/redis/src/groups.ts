import type { FoundGroup, Payload, Placement, ReadOptions } from '@ttl/core/adapter'
import type { Commands } from './commands.ts'
import { conditionOf, planOf } from './plan.ts'
import { readingOf } from './readings.ts'
import { foreign, memberPayload, memberValue, Stored } from './trailer.ts'

/** Reads and writes groups: each is one hash, whose field '' holds the trailer of all. */
export class Groups {
  readonly #commands: Commands

  constructor(commands: Commands) {
    this.#commands = commands
  }

  async read(
    namespace: string,
    id: string,
    members: readonly string[] | undefined,
    options: ReadOptions,
  ): Promise<FoundGroup | undefined> {
    const { touch, detail, sliding } = options
    if (members !== undefined && !detail && !(touch && sliding)) return this.#plain(namespace, id, members, touch)
    const args = [touch ? '1' : '0', ...(members ?? [])]
    if (!detail) {
      const flat = (await this.#commands.one('readGroup', 'group', namespace, id, args)) as Buffer[] | null
      return flat === null ? undefined : { members: pairs(flat) }
    }
    const reply = await this.#commands.one('readGroupDetail', 'group', namespace, id, args)
    if (reply === null) return undefined
    const [tail, ends, now, flat] = reply as [Buffer, unknown, unknown, Buffer[]]
    return { members: pairs(flat), reading: readingOf(new Stored(tail).rest, ends, now) }
  }

  async write(
    namespace: string,
    id: string,
    members: readonly (readonly [member: string, payload: Payload])[],
    placement: Placement,
    condition: 'absent' | undefined,
  ): Promise<boolean> {
    const values = members.flatMap(([member, payload]) => [member, memberValue(payload)])
    const args = [planOf(placement), conditionOf(condition), ...values]
    return Number(await this.#commands.one('writeGroup', 'group', namespace, id, args)) === 1
  }

  async deleteMembers(namespace: string, id: string, members: readonly string[]): Promise<boolean[]> {
    const replies = (await this.#commands.one('deleteMembers', 'group', namespace, id, members)) as unknown[]
    return replies.map((reply) => Number(reply) === 1)
  }

  /** One `HMGET`; a touch follows only if the group was written under 'access'. */
  async #plain(
    namespace: string,
    id: string,
    members: readonly string[],
    touch: boolean,
  ): Promise<FoundGroup | undefined> {
    const key = this.#commands.keys.key('group', namespace, id)
    const [trailer, ...values] = await this.#commands.send.hmgetBuffer(key, '', ...members)
    const there = members.flatMap((member, index) => {
      const value = values[index]
      return value == null ? [] : [[member, memberPayload(value)] as const]
    })
    if (there.length === 0) return undefined
    if (trailer == null) throw foreign()
    if (touch && new Stored(trailer).slides) await this.#commands.all('touch', 'group', namespace, [id], ['accessed'])
    return { members: there }
  }
}

/** Members from a reply that names each before its value. */
function pairs(flat: readonly Buffer[]): (readonly [member: string, payload: Payload])[] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    (flat[index * 2] as Buffer).toString(),
    memberPayload(flat[index * 2 + 1] as Buffer),
  ])
}
