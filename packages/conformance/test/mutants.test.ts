import { memory } from '@ttl/core/memory'
import { describe, expect, it } from 'vitest'
import type { Harness } from '../src/harness.ts'
import { factsOf, inapplicable, type Law } from '../src/law.ts'
import { LAWS } from '../src/laws/index.ts'
import { playExact } from '../src/play.ts'
import { MUTANTS } from './mutants/index.ts'
import type { Mutant } from './mutants/mutant.ts'
import { note } from './note.ts'
import { sharedMemory } from './reduced.ts'

const healthy: Harness = { name: 'memory', create: ({ clock }) => ({ open: () => memory({ clock }) }) }

/** The memory backend, with the capabilities that a law is stated for. */
const statedFor = (law: Law): Harness =>
  inapplicable(law, factsOf(memory({ clock: { now: () => 0 } }).capabilities)) === undefined ? healthy : sharedMemory

const lawOf = (id: string): Law => {
  const law = LAWS.find((each) => each.id === id)
  if (law === undefined) throw new Error(`no law ${id}`)
  return law
}

async function kills(law: Law, mutant: Mutant): Promise<boolean> {
  try {
    await playExact(law, mutant.harness)
    return false
  } catch {
    return true
  }
}

const killed = new Map<string, string>()

describe('every mutant is killed by the law that is named for it', () => {
  for (const mutant of MUTANTS) {
    it(`${mutant.id} (${mutant.bug}) is killed by ${mutant.killedBy}`, async () => {
      const law = lawOf(mutant.killedBy)
      await playExact(law, statedFor(law))
      expect(await kills(law, mutant)).toBe(true)
      killed.set(mutant.id, law.id)
    })
  }

  it('and none survives', async () => {
    expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length)
    expect(MUTANTS.filter(({ id }) => !killed.has(id)).map(({ id }) => id)).toEqual([])
    const laws = Map.groupBy(MUTANTS, ({ killedBy }) => killedBy)
    const lines = [...laws].map(([law, all]) => `  ${law}: ${all.map(({ id }) => id).join(', ')}`)
    note('conformance-mutants.txt', [
      `${killed.size} of ${MUTANTS.length} mutant backends killed, by ${laws.size} laws`,
      ...lines,
    ])
  })
})
