import {
  accessed,
  type Backend,
  type Clock,
  isLive,
  type Payload,
  place,
  type Reading,
  replaced,
  type Space,
  satisfies,
  type Timing,
  touched,
} from '@ttl/core/adapter'

interface Row {
  readonly space: Space
  readonly namespace: string
  readonly name: string
  timing: Timing
  members: Map<string, Payload>
}

/**
 * One list of rows, searched from end to end: as slow and as plain as can be, so that it and the memory backend, with its
 * rooms and its heap, are two ways to the same answers. An entry is a row with one member.
 */
export function plain({ clock }: { readonly clock: Clock }): Backend {
  let rows: Row[] = []
  const now = () => Math.floor(clock.now())
  const row = (space: Space, namespace: string, name: string) =>
    rows.find((each) => each.space === space && each.namespace === namespace && each.name === name)
  const live = (space: Space, namespace: string, name: string, at: number) => {
    const found = row(space, namespace, name)
    return found !== undefined && isLive(found.timing, at) ? found : undefined
  }
  const remove = (gone: Row | undefined) => {
    rows = rows.filter((each) => each !== gone)
  }
  /** Keeps a timing, or nothing when it has ended. */
  const settle = (
    space: Space,
    namespace: string,
    name: string,
    timing: Timing,
    at: number,
    members: Map<string, Payload>,
  ): boolean => {
    remove(row(space, namespace, name))
    if (!isLive(timing, at)) return false
    rows.push({ space, namespace, name, timing, members })
    return true
  }
  const readingOf = (found: Row, at: number): Reading => ({ ...found.timing, now: at })
  const tally = (space: Space, namespace: string, at: number) => {
    const mine = rows.filter((each) => each.space === space && each.namespace === namespace)
    const active = mine.flatMap(({ timing }) =>
      timing.expiresAt !== undefined && isLive(timing, at) ? [timing.expiresAt] : [],
    )
    return {
      permanent: mine.filter(({ timing }) => timing.expiresAt === undefined).length,
      active: active.length,
      expired: mine.filter(({ timing }) => !isLive(timing, at)).length,
      nextExpiresAt: active.length === 0 ? undefined : Math.min(...active),
      lastExpiresAt: active.length === 0 ? undefined : Math.max(...active),
    }
  }

  return {
    name: 'plain',
    capabilities: {
      clock: 'injected',
      resolutionMs: 0,
      reclaims: 'sweep',
      batch: 'all',
      clear: 'paged',
      groups: true,
      scan: 'once',
      stats: true,
      due: false,
      persistent: false,
      shared: false,
      maxPayloadBytes: Number.POSITIVE_INFINITY,
    },
    now,
    read(namespace, keys, options) {
      const at = now()
      return keys.map((key) => {
        const found = live('entry', namespace, key, at)
        if (found === undefined) return undefined
        if (options.touch) found.timing = accessed(found.timing, at)
        return { payload: structuredClone(found.members.get('') as Payload), reading: readingOf(found, at) }
      })
    },
    inspect(space, namespace, keys) {
      const at = now()
      return keys.map((key) => {
        const found = live(space, namespace, key, at)
        return found && readingOf(found, at)
      })
    },
    write(namespace, writes) {
      const at = now()
      const plans = writes.map(({ key, payload, placement, condition }) => ({
        key,
        payload: structuredClone(payload),
        placement,
        condition,
      }))
      return plans.map(({ key, payload, placement, condition }) => {
        const current = row('entry', namespace, key)
        if (
          !satisfies(
            condition,
            current !== undefined && isLive(current.timing, at) ? current.members.get('') : undefined,
          )
        )
          return false
        return settle('entry', namespace, key, place(current?.timing, placement, at), at, new Map([['', payload]]))
      })
    },
    take(namespace, key) {
      const found = live('entry', namespace, key, now())
      remove(found)
      return found?.members.get('')
    },
    delete(space, namespace, keys) {
      const at = now()
      return keys.map((key) => {
        const was = live(space, namespace, key, at) !== undefined
        remove(row(space, namespace, key))
        return was
      })
    },
    touch(space, namespace, keys) {
      const at = now()
      return keys.map((key) => {
        const found = live(space, namespace, key, at)
        if (found !== undefined) found.timing = touched(found.timing, at)
        return found !== undefined
      })
    },
    expire(space, namespace, keys, span) {
      const at = now()
      return keys.map((key) => {
        const found = live(space, namespace, key, at)
        return found !== undefined && settle(space, namespace, key, replaced(found.timing, span, at), at, found.members)
      })
    },
    scan(space, namespace, { cursor, limit }) {
      const at = now()
      const mine = rows.filter(
        (each) => each.space === space && each.namespace === namespace && isLive(each.timing, at),
      )
      const keys = mine.map(({ name }) => name).filter((name) => cursor === undefined || name > cursor)
      const some = keys.sort().slice(0, limit)
      return { keys: some, cursor: keys.length > limit ? some.at(-1) : undefined }
    },
    readGroup(namespace, id, members, options) {
      const at = now()
      const found = live('group', namespace, id, at)
      const some = [...(found?.members ?? [])].filter(([member]) => members?.includes(member) ?? true)
      if (found === undefined || some.length === 0) return undefined
      if (options.touch) found.timing = accessed(found.timing, at)
      return { members: structuredClone(some), reading: readingOf(found, at) }
    },
    writeGroup(namespace, id, members, placement, condition) {
      const at = now()
      const current = live('group', namespace, id, at)?.members
      if (condition === 'absent' && current !== undefined) return false
      const old = placement.onLive === 'exact' ? [] : (current ?? [])
      const timing = place(row('group', namespace, id)?.timing, placement, at)
      return settle('group', namespace, id, timing, at, new Map([...old, ...structuredClone(members)]))
    },
    deleteMembers(namespace, id, members) {
      const found = live('group', namespace, id, now())
      const were = members.map((member) => found?.members.delete(member) === true)
      if (found?.members.size === 0) remove(found)
      return were
    },
    stats(only) {
      const at = now()
      const names = only === undefined ? [...new Set(rows.map(({ namespace }) => namespace))] : [only]
      return names.map((namespace) => ({
        namespace,
        entries: tally('entry', namespace, at),
        groups: tally('group', namespace, at),
      }))
    },
    sweep({ limit, namespace, asOf }) {
      const cutoff = Math.min(asOf ?? Number.POSITIVE_INFINITY, now())
      const due = rows.filter(
        (each) => (namespace === undefined || each.namespace === namespace) && !isLive(each.timing, cutoff),
      )
      const swept = due.slice(0, limit)
      const deleted = new Map<string, number>()
      for (const each of swept) deleted.set(each.namespace, (deleted.get(each.namespace) ?? 0) + 1)
      rows = rows.filter((each) => !swept.includes(each))
      return { deleted, more: due.length > limit }
    },
    classify: () => ({ retryable: false }),
    close: async () => undefined,
  }
}
