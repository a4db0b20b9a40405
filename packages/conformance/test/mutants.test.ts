import { memory } from '@ttl/core/memory'
import { describe, expect, it } from 'vitest'
import type { Harness } from '../src/harness.ts'
import type { Law } from '../src/law.ts'
import { LAWS } from '../src/laws/index.ts'
import { playModel } from '../src/model/exact.ts'
import { Session, type Verdict } from '../src/session.ts'
import { MUTANTS } from './mutants/index.ts'
import { ruleMutants } from './mutants/rules.ts'
import { note } from './note.ts'
import { REDUCED } from './reduced.ts'

const HEALTHY: readonly Harness[] = [
  { name: 'memory', create: ({ clock }) => ({ open: () => memory({ clock }) }) },
  { name: 'memory on the host clock', create: () => ({ open: () => memory() }) },
  ...REDUCED,
]

/** The mutants of the rules whose bug lies beyond the spans that traces use, or shows only where a clock went back. */
const BEYOND_THE_MODEL = [
  'never-until-2038',
  'timer-of-31-bits',
  'thirty-days',
  'overflow-is-never',
  'refresh-shortens',
]

const lawOf = (id: string): Law => {
  const law = LAWS.find((each) => each.id === id)
  if (law === undefined) throw new Error(`no law ${id}`)
  return law
}

const play = (law: Law, harness: Harness): Promise<Verdict> => new Session(harness, [law]).play(law)

async function holdsOnHealthy(law: Law): Promise<boolean> {
  for (const harness of HEALTHY) {
    const { held } = await play(law, harness)
    if (held !== undefined) return held
  }
  throw new Error(`${law.id} is stated for no backend here`)
}

const killed = new Map<string, string>()

describe('every mutant is killed by the law that is named for it', () => {
  for (const mutant of MUTANTS) {
    it(`${mutant.id} (${mutant.bug}) is killed by ${mutant.killedBy}`, async () => {
      const law = lawOf(mutant.killedBy)
      expect(await holdsOnHealthy(law)).toBe(true)
      expect((await play(law, mutant.harness)).held).toBe(false)
      killed.set(mutant.id, law.id)
    })
  }

  it('and none survives', () => {
    expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length)
    expect(MUTANTS.filter(({ id }) => !killed.has(id)).map(({ id }) => id)).toEqual([])
    const laws = Map.groupBy(MUTANTS, ({ killedBy }) => killedBy)
    const lines = [...laws].map(([law, all]) => `  ${law}: ${all.map(({ id }) => id).join(', ')}`)
    note('conformance-mutants.txt', [
      `conformance: ${killed.size} of ${MUTANTS.length} mutant backends killed, by ${laws.size} laws; survivors: none`,
      ...lines,
    ])
  })
})

describe('random traces find mutants of the rules as well', () => {
  const found: string[] = []
  for (const mutant of ruleMutants.filter(({ id }) => !BEYOND_THE_MODEL.includes(id))) {
    it(mutant.id, async () => {
      await expect(playModel(mutant.harness, 20_000, 1, { shrink: false })).rejects.toThrow(/Property failed/)
      found.push(mutant.id)
    })
  }

  it('nearly all of them', () => {
    note('conformance-model-mutants.txt', [
      `conformance: random traces find ${found.length} of ${ruleMutants.length} mutants of the rules; the rest lie beyond the spans that traces use`,
    ])
  })
})
