import type { Data } from './data.ts'
import type { Entries, Opened, Part } from './subject.ts'

const AT_ONCE = 100

/** Writes every key, or the first of them, so many at once. */
export async function fillEntries(
  entries: Pick<Entries, 'set' | 'setMany'>,
  data: Data,
  most = data.keys.length,
): Promise<void> {
  const keys = data.keys.slice(0, most)
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const list = keys.slice(from, from + AT_ONCE).map((key, offset) => [key, data.value(from + offset)] as const)
    if (entries.setMany !== undefined) await entries.setMany(list)
    else await Promise.all(list.map(([key, value]) => entries.set(key, value)))
  }
}

/** Everything that the workloads of a part read. */
export async function fill({ entries, sliding, groups }: Opened, part: Part, data: Data): Promise<void> {
  if (part === 'entries') return fillEntries(entries, data)
  if (part === 'sliding') return sliding && fillEntries(sliding, data)
  if (groups === undefined) return
  for (let from = 0; from < data.groups.length; from += 10) {
    const some = data.groups.slice(from, from + 10)
    await Promise.all(some.map((id, offset) => groups.write(id, data.membersOf(from + offset))))
  }
}
