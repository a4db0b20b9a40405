import type { Entries, Groups } from '../subject.ts'

/** What an application does where there are no groups: a key for each member. */
export function groupsOf(entries: Entries): Groups | undefined {
  const { setMany, getMany, touch } = entries
  if (setMany === undefined || getMany === undefined) return undefined
  const keysOf = (id: string, members: readonly string[]) => members.map((member) => `${id}:${member}`)
  return {
    write: (id, members) =>
      setMany.call(
        entries,
        Object.entries(members).map(([member, value]) => [`${id}:${member}`, value] as const),
      ),
    read: (id, members) => getMany.call(entries, keysOf(id, members)),
    ...(touch === undefined
      ? {}
      : {
          touch: (id: string, members: readonly string[]) =>
            Promise.all(keysOf(id, members).map((key) => touch.call(entries, key))),
        }),
  }
}
