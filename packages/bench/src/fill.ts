import type { Data } from './data.ts'
import type { Entries, Opened } from './subject.ts'

const AT_ONCE = 100

/** Writes every key, so many at once. */
export async function fillEntries(entries: Pick<Entries, 'set' | 'setMany'>, data: Data): Promise<void> {
  for (let from = 0; from < data.keys.length; from += AT_ONCE) {
    const list = data.keys.slice(from, from + AT_ONCE).map((key, offset) => [key, data.value(from + offset)] as const)
    if (entries.setMany !== undefined) await entries.setMany(list)
    else await Promise.all(list.map(([key, value]) => entries.set(key, value)))
  }
}

/** Everything that the workloads read. */
export async function fill({ entries, sliding, groups }: Opened, data: Data): Promise<void> {
  await fillEntries(entries, data)
  if (sliding !== undefined) await fillEntries(sliding, data)
  if (groups === undefined) return
  for (let from = 0; from < data.groups.length; from += 10) {
    const some = data.groups.slice(from, from + 10)
    await Promise.all(some.map((id, offset) => groups.write(id, data.membersOf(from + offset))))
  }
}
