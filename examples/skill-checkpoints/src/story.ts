import type { ManualClock } from '@ttl/core/testing'
import type { Archive, Monitoring } from './checkpoints.ts'
import { SkillCheckpoints } from './skill-checkpoints.ts'
import { LEGACY } from './skills.ts'

const ARCHITECT = 'skill:lead-architect'

/** Two weeks around the turn of a month. Written as it is told. */
export async function* tell(archive: Archive, clock: Pick<ManualClock, 'now' | 'run'>): AsyncGenerator<string> {
  const skills = new SkillCheckpoints(archive)
  const line = (who: string, what: string, where = '') =>
    `  ${date(clock.now())}  ${who.padEnd(15)} ${what.padEnd(29)} ${where}`.trimEnd().concat('\n')
  const saves = async (skill: string, content: string) => {
    const id = await skills.save(skill, content)
    return { id, line: line(skill.slice(6), `saves "${content}"`, (await skills.resume(skill))?.namespace) }
  }
  const resumes = async (skill: string) => {
    const found = await skills.resume(skill)
    const what = found === undefined ? 'finds nothing to resume' : `resumes "${found.content}"`
    return line(skill.slice(6), what, found?.namespace)
  }

  yield '\n  a table of the application, a checkpoint of a session lives 7 days\n\n'
  await skills.remember('arch_decisions', 'one queue, not two')
  await archive.put({
    namespace: LEGACY,
    category: 'session',
    content: 'before the months',
    metadata: { type: 'session_checkpoint', skill: ARCHITECT },
  })
  yield (await saves(ARCHITECT, 'schema drawn')).line
  yield (await saves('skill:issues', 'triaged 12')).line
  await clock.run('1d')
  yield await resumes(ARCHITECT)
  const { id, line: said } = await saves('skill:api-builder', 'routes done')
  yield said
  yield (await saves('skill:frontend-design', 'palette')).line
  await clock.run('3d')
  yield (await saves(ARCHITECT, 'schema migrated')).line
  await skills.pin(id)
  yield line('api-builder', 'is pinned')
  await clock.run('4d')
  yield await resumes('skill:issues')
  yield await resumes(ARCHITECT)

  yield `\n${table(await skills.monitor())}\n`
  const preview = await skills.cleanup()
  yield `  preview   would delete ${preview.total}:\n`
  for (const { namespace, head, key, expiresAt } of preview.samples) {
    yield `            ${namespace.padEnd(31)} ${`"${head ?? key}"`.padEnd(18)} ended ${date(Number(expiresAt))}\n`
  }
  const executed = await skills.cleanup('execute', preview.asOf)
  yield `  execute   deleted ${executed.total}, ${executed.before} memories became ${executed.after}\n`
  yield `  execute   deleted ${(await skills.cleanup('execute')).total}\n\n`
  await clock.run('4d')
  yield await resumes(ARCHITECT)
  yield await resumes('skill:api-builder')
}

function table({ namespaces, overall, percent }: Monitoring): string {
  const row = (name: string, ...cells: readonly (number | string)[]) =>
    `  ${name.padEnd(31)}${cells.map((cell) => String(cell).padStart(11)).join('')}\n`
  return [
    row('namespace', 'permanent', 'active', 'expired', 'total'),
    ...namespaces.map(({ namespace, permanent, active, expired, total }) =>
      row(namespace, permanent, active, expired, total),
    ),
    row('', overall.permanent, overall.active, overall.expired, overall.total),
    row('', ...[percent.permanent, percent.active, percent.expired].map((share) => `${share} %`)),
  ].join('')
}

const date = (at: number): string => new Date(at).toUTCString().slice(5, 11)
