import type { Payload } from '@ttl/core/adapter'
import { type Mutant, tick, wrapped } from './mutant.ts'

const GHOST = '\u0001ghost'

export const groupMutants: readonly Mutant[] = [
  wrapped(
    'members-of-the-dead',
    'a group written after its end has the members of the dead one',
    'group.dead-members-stay-dead',
    (healthy) => {
      const all = new Map<string, Map<string, Payload>>()
      return {
        writeGroup: (namespace, id, members, placement) => {
          const known = all.get(`${namespace}\0${id}`) ?? new Map<string, Payload>()
          for (const [member, payload] of members) known.set(member, payload)
          all.set(`${namespace}\0${id}`, known)
          return healthy.writeGroup(namespace, id, [...known], placement)
        },
      }
    },
  ),
  wrapped('members-apart', 'each member has a deadline of its own', 'group.dies-together', (healthy, clock) => {
    const written = new Map<string, number>()
    return {
      writeGroup: (namespace, id, members, placement) => {
        for (const [member] of members) written.set(`${namespace}\0${id}\0${member}`, clock.now())
        return healthy.writeGroup(namespace, id, members, placement)
      },
      readGroup: (namespace, id, names, options) => {
        const window = healthy.inspect('group', namespace, [id])[0]?.ttlMs ?? Number.POSITIVE_INFINITY
        const found = healthy.readGroup(namespace, id, names, options)
        const members = found?.members.filter(
          ([member]) => clock.now() < (written.get(`${namespace}\0${id}\0${member}`) ?? 0) + window,
        )
        return found === undefined || members === undefined || members.length === 0 ? undefined : { ...found, members }
      },
    }
  }),
  wrapped(
    'member-writes-keep',
    'a member write leaves the deadline of the group alone',
    'group.writes-restart',
    (healthy) => ({
      writeGroup: (namespace, id, members, placement) =>
        healthy.writeGroup(
          namespace,
          id,
          members,
          placement.onLive === 'exact' ? placement : { ...placement, onLive: 'keep' },
        ),
    }),
  ),
  wrapped(
    'member-writes-replace',
    'a member write takes the policy of the handle',
    'group.writes-restart',
    (healthy) => ({
      writeGroup: (namespace, id, members, placement) =>
        healthy.writeGroup(
          namespace,
          id,
          members,
          placement.onLive === 'exact' ? placement : { ...placement, onLive: 'replace' },
        ),
    }),
  ),
  wrapped('miss-restarts-group', 'a read that finds no member restarts the group', 'group.peeks', (healthy) => ({
    readGroup: (namespace, id, names, options) => {
      if (options.touch) healthy.readGroup(namespace, id, undefined, options)
      return healthy.readGroup(namespace, id, names, options)
    },
  })),
  wrapped('delete-restarts-group', 'deleting a member restarts the group', 'group.peeks', (healthy) => ({
    deleteMembers: (namespace, id, members) => {
      const were = healthy.deleteMembers(namespace, id, members)
      healthy.touch('group', namespace, [id])
      return were
    },
  })),
  wrapped('ghosts', 'a group without members stays', 'group.empty-is-absent', (healthy) => ({
    writeGroup: (namespace, id, members, placement) =>
      healthy.writeGroup(namespace, id, [...members, [GHOST, '0']], placement),
    readGroup: (namespace, id, names, options) => {
      const found = healthy.readGroup(namespace, id, names, options)
      const members = found?.members.filter(([member]) => member !== GHOST) ?? []
      return found === undefined || members.length === 0 ? undefined : { ...found, members }
    },
  })),
  wrapped(
    'group-deletes-entry',
    'deleting a group deletes the entry of the same name',
    'group.own-space',
    (healthy) => ({
      delete: (space, namespace, keys) => {
        const were = healthy.delete(space, namespace, keys)
        if (space === 'group') healthy.delete('entry', namespace, keys)
        return were
      },
    }),
  ),
  wrapped(
    'entry-touches-group',
    'moving the deadline of an entry moves that of the group of the same name',
    'group.own-space',
    (healthy) => ({
      expire: (space, namespace, keys, span) => {
        if (space === 'entry') healthy.expire('group', namespace, keys, span)
        return healthy.expire(space, namespace, keys, span)
      },
    }),
  ),
  wrapped(
    'members-one-by-one',
    'members that are written together are written one after the other',
    'race.group-whole',
    (healthy) => ({
      writeGroup: async (namespace, id, members, placement) => {
        let stored = true
        for (const member of members) {
          stored = healthy.writeGroup(namespace, id, [member], placement) && stored
          await tick()
        }
        return stored
      },
    }),
  ),
  wrapped('group-page', 'only the first thousand members are read', 'group.many', (healthy) => ({
    readGroup: (namespace, id, names, options) => {
      const found = healthy.readGroup(namespace, id, names, options)
      return found && { ...found, members: found.members.slice(0, 1_000) }
    },
  })),
  wrapped('members-counted', 'a group counts as many as it has members', 'stats.groups', (healthy) => ({
    stats: (namespace) =>
      healthy
        .stats(namespace)
        .map((tally) => ({ ...tally, groups: { ...tally.groups, active: tally.groups.active * 3 } })),
  })),
  wrapped('groups-listed-as-keys', 'keys() names groups as well', 'group.listed', (healthy) => ({
    scan: (space, namespace) => ({
      keys: [
        ...healthy.scan(space, namespace).keys,
        ...(space === 'entry' ? healthy.scan('group', namespace).keys : []),
      ],
    }),
  })),
  wrapped(
    'group-past-keeps',
    'a member write under an elapsed limit leaves the group',
    'group.limits-elapsed',
    (healthy, clock) => ({
      writeGroup: (namespace, id, members, placement) => {
        const [reading] = healthy.inspect('group', namespace, [id])
        const born = reading?.bornAt ?? clock.now()
        const elapsed =
          placement.onLive !== 'exact' && placement.limitMs !== undefined && born + placement.limitMs <= clock.now()
        return !elapsed && healthy.writeGroup(namespace, id, members, placement)
      },
    }),
  ),
  wrapped('group-order', 'deleteMembers answers in the order of the hash', 'contract.group-order', (healthy) => ({
    deleteMembers: (namespace, id, members) => healthy.deleteMembers(namespace, id, members.toReversed()),
  })),
  wrapped('all-members', 'a read of some members gives all', 'group.members', (healthy) => ({
    readGroup: (namespace, id, _names, options) => healthy.readGroup(namespace, id, undefined, options),
  })),
  wrapped('group-bytes-as-text', 'bytes of a member come back as text', 'group.values', (healthy) => ({
    readGroup: (namespace, id, names, options) => {
      const found = healthy.readGroup(namespace, id, names, options)
      const text = (payload: Payload): Payload =>
        typeof payload === 'string' ? payload : Buffer.from(payload).toString()
      return found && { ...found, members: found.members.map(([member, payload]) => [member, text(payload)] as const) }
    },
  })),
  wrapped(
    'group-past-creates',
    'a group whose policy has ended is created without a deadline',
    'group.past',
    (healthy) => ({
      writeGroup: (namespace, id, members, placement) => {
        if (healthy.writeGroup(namespace, id, members, placement)) return true
        if (placement.onLive === 'exact' || placement.limitMs !== undefined) return false
        return healthy.writeGroup(namespace, id, members, {
          ...placement,
          expiry: { ...placement.expiry, expiresAt: undefined },
        })
      },
    }),
  ),
]
