import type { Plan } from './run.ts'
import { BACKENDS, type BackendName, PARTS, type Subject } from './subject.ts'
import type { Workload } from './workloads/index.ts'

/**
 * What the words of `--only` leave: a backend, a workload (`group` stands for all `group-…`) or a subject, by name. Where no
 * word is about a kind, all of that kind stay.
 *
 * @throws {@link Error} for a word that names nothing
 */
export function select(words: readonly string[], subjects: readonly Subject[], workloads: readonly Workload[]): Plan[] {
  const names = (word: string) => ({
    backends: BACKENDS.filter((name) => name === word),
    workloads: workloads.filter(({ name }) => name === word || name.startsWith(`${word}-`)),
    subjects: subjects.filter(({ name }) => name === word),
  })
  const named = words.map((word) => {
    const found = names(word)
    if (found.backends.length + found.workloads.length + found.subjects.length > 0) return found
    const known = [...BACKENDS, ...workloads.map(({ name }) => name), ...subjects.map(({ name }) => `'${name}'`)]
    throw new Error(`--only ${word} names nothing; there are ${known.join(', ')}`)
  })
  const chosen = <Kind extends 'backends' | 'workloads' | 'subjects'>(kind: Kind) =>
    named.flatMap((found): readonly unknown[] => found[kind])
  const keep = <T>(all: readonly T[], some: readonly unknown[]): readonly T[] =>
    some.length === 0 ? all : all.filter((each) => some.includes(each))
  const keptWorkloads = keep(workloads, chosen('workloads'))
  const keptSubjects = keep(subjects, chosen('subjects'))
  return keep(BACKENDS, chosen('backends'))
    .flatMap((backend) =>
      PARTS.map((part) => ({
        backend,
        part,
        workloads: keptWorkloads.filter((workload) => workload.part === part),
        subjects: keptSubjects.filter((subject) => subject.backend === backend),
      })),
    )
    .filter(({ workloads, subjects }) => workloads.length > 0 && subjects.length > 0)
}

/** What the words of `--only` leave of the studies of growth. */
export function selectStudies<Study extends { readonly name: string }>(
  words: readonly string[],
  studies: readonly Study[],
): { readonly backends: readonly BackendName[]; readonly studies: readonly Study[] } {
  const wrong = words.find((word) => ![...BACKENDS, ...studies.map(({ name }) => name)].includes(word))
  if (wrong !== undefined)
    throw new Error(
      `--only ${wrong} names nothing; there are ${[...BACKENDS, ...studies.map(({ name }) => name)].join(', ')}`,
    )
  const keep = <T>(all: readonly T[], nameOf: (each: T) => string): readonly T[] => {
    const some = all.filter((each) => words.includes(nameOf(each)))
    return some.length === 0 ? all : some
  }
  return { backends: keep(BACKENDS, (name) => name), studies: keep(studies, ({ name }) => name) }
}
