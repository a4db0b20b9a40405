import { chain } from './awaitable.ts'
import type { Awaitable, Backend, FoundGroup, Payload } from './backend.ts'
import type { DurationInput } from './duration.ts'
import { kindOf, TtlTypeError } from './errors.ts'
import { type Expiration, expirationOf } from './expiration.ts'
import { foreignSync } from './foreign.ts'
import { type Lifetime, never } from './lifetime.ts'
import { checkName, checkNames } from './names.ts'
import type { Operation } from './operations.ts'
import { type GetOptions, readTouch } from './options.ts'
import type { Planner } from './planner.ts'
import type { Port } from './port.ts'
import type { Values } from './values.ts'

/** @internal What a namespace gives a group. */
export interface GroupParts<Value> {
  readonly namespace: string
  readonly id: string
  readonly port: Port
  readonly planner: Planner
  readonly values: Values<Value>
}

/**
 * Named members that share one expiry: one deadline for all, moved in one step, so that they cannot expire apart.
 * The first member written stores this handle's policy; later writes restart that one, whatever the handle says by then.
 * A group without members is absent. Made by `namespace.group(id)`.
 */
export class Group<Value = unknown> {
  readonly namespace: string
  readonly id: string
  readonly #parts: GroupParts<Value>

  /** @internal */
  constructor(parts: GroupParts<Value>) {
    this.namespace = parts.namespace
    this.id = parts.id
    this.#parts = parts
  }

  /**
   * Writes a member. On a live group it restarts the stored window ('create': it does not; a pin and an absolute
   * deadline stay). A member takes no expiry options: change the group's with `expire` or `persist`.
   *
   * @returns whether it is stored: `false` when the group's deadline would not be after now
   */
  set(member: string, value: Value, options?: undefined): Promise<boolean> {
    return this.#run('group.set', (backend) => {
      if (options !== undefined) {
        throw new TtlTypeError(
          'TTL_INVALID',
          'a member has no expiry of its own, so group.set takes no options; use group.expire(), or the policy of namespace.group(id, policy)',
        )
      }
      return this.#write(backend, [[member, value]])
    })
  }

  /**
   * Writes several members, all or none.
   *
   * @param members a record, or an iterable of `[member, value]`; of a member given twice the last wins
   */
  setMany(
    members: Readonly<Record<string, Value>> | Iterable<readonly [member: string, value: Value]>,
  ): Promise<boolean> {
    return this.#run('group.setMany', (backend) => {
      if (typeof members !== 'object' || members === null) {
        throw new TtlTypeError(
          'TTL_INVALID',
          `group.setMany takes an object or an iterable of [member, value], got ${kindOf(members)}`,
        )
      }
      const iterable = typeof (members as Iterable<unknown>)[Symbol.iterator] === 'function'
      const list: unknown[] = iterable
        ? foreignSync(() => [...(members as Iterable<unknown>)])
        : Object.entries(members)
      const wrong = list.find((member) => !Array.isArray(member))
      if (wrong !== undefined) {
        throw new TtlTypeError('TTL_INVALID', `group.setMany takes entries [member, value], got ${kindOf(wrong)}`)
      }
      if (list.length === 0) {
        throw new TtlTypeError(
          'TTL_INVALID',
          'group.setMany needs at least one member: a group without members is absent',
        )
      }
      return this.#write(backend, list as (readonly [string, unknown])[])
    })
  }

  /** The value of a member, or `undefined`. Restarts the group if it was written under 'access', unless `{ touch: false }`. */
  get(member: string, options?: GetOptions): Promise<Value | undefined> {
    return this.#run('group.get', (backend) => {
      checkName(member, 'member')
      return chain(this.#read(backend, [member], readTouch(options, 'group.get')), (found) =>
        this.#parts.values.decodeFound(found?.members[0]?.[1]),
      )
    })
  }

  /** The values of those members that exist, read at one instant; of all members when none are named. Restarts as `get` does. */
  getMany(members?: Iterable<string>, options?: GetOptions): Promise<Map<string, Value>> {
    return this.#run('group.getMany', async (backend) => {
      const names = members === undefined ? undefined : checkNames(members, 'member', 'group.getMany')
      const touch = readTouch(options, 'group.getMany')
      if (names?.length === 0) return new Map()
      const found = await this.#read(backend, names, touch)
      return this.#parts.values.decodeAll(found?.members ?? [])
    })
  }

  /** All members as `[member, value]`, read at one instant. Restarts as `get` does. */
  async *entries(options?: GetOptions): AsyncIterableIterator<[member: string, value: Value]> {
    yield* await this.getMany(undefined, options)
  }

  /**
   * Deletes a member, or without an argument the whole group. Restarts nothing.
   *
   * @returns whether it was there
   */
  delete(...member: [member?: string]): Promise<boolean> {
    return this.#run('group.delete', async (backend) => {
      const { namespace, id } = this
      // group.delete(undefined) is a mistake in an expression, not a wish to delete everything.
      if (member.length === 0) return (await backend.delete('group', namespace, [id]))[0] === true
      checkName(member[0], 'member')
      return (await backend.deleteMembers(namespace, id, [member[0]]))[0] === true
    })
  }

  /** Restarts the group's window, as `namespace.touch` does for an entry. @returns whether the group is live */
  touch(): Promise<boolean> {
    return this.#run('group.touch', (backend) =>
      chain(backend.touch('group', this.namespace, [this.id]), ([live]) => live === true),
    )
  }

  /** Replaces the group's whole lifetime, as `namespace.expire` does for an entry. @returns whether the group is live afterwards */
  expire(lifetime: Lifetime | DurationInput): Promise<boolean> {
    return this.#expire('group.expire', lifetime)
  }

  /** Removes the group's deadline. Under `limits.max` it becomes birth + max. @returns whether the group is live afterwards */
  persist(): Promise<boolean> {
    return this.#expire('group.persist', never)
  }

  /** How long the group lives. Restarts nothing. */
  expiry(): Promise<Expiration> {
    return this.#run('group.expiry', async (backend) => {
      const [reading] = await backend.inspect('group', this.namespace, [this.id])
      return reading === undefined ? { state: 'absent' } : expirationOf(reading)
    })
  }

  #run<T>(operation: Operation, call: (backend: Backend) => Awaitable<T>): Promise<T> {
    return this.#parts.port.run(operation, this.namespace, this.id, call)
  }

  #read(backend: Backend, members: readonly string[] | undefined, touch: boolean): Awaitable<FoundGroup | undefined> {
    const { planner, port } = this.#parts
    const sliding = planner.policy.restartOn === 'access'
    return chain(backend.readGroup(this.namespace, this.id, members, { touch, detail: false, sliding }), (found) => {
      port.meter.read(found === undefined ? 0 : 1, found === undefined ? 1 : 0)
      return found
    })
  }

  #write(backend: Backend, members: readonly (readonly [string, unknown])[]): Awaitable<boolean> {
    const payloads = new Map<string, Payload>()
    for (const [member, value] of members) {
      checkName(member, 'member')
      payloads.set(member, this.#parts.values.encode(value))
    }
    return backend.writeGroup(this.namespace, this.id, [...payloads], this.#parts.planner.member(this.id))
  }

  #expire(operation: Operation, lifetime: Lifetime | DurationInput): Promise<boolean> {
    return this.#run(operation, (backend) => {
      const span = this.#parts.planner.span(lifetime, this.id)
      return chain(backend.expire('group', this.namespace, [this.id], span), ([live]) => live === true)
    })
  }
}
