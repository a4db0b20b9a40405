import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Kernel, kernel, type Law, laws } from './laws/index.ts'
import { mutants, rewired } from './mutants.ts'

/** One seed, so that what kills a mutant today kills it tomorrow; the laws themselves run on fresh seeds elsewhere. */
const SEED = 20_260_101

const kills = (law: Law, mutated: Kernel): boolean => {
  try {
    law.holds(mutated)
    return false
  } catch {
    return true
  }
}

/** The rules that a law looks at: it cannot notice a change elsewhere. */
function uses(law: Law): readonly (keyof Kernel)[] {
  const known = used.get(law)
  if (known !== undefined) return known
  const rules = new Set<keyof Kernel>()
  const watched = new Proxy(kernel, {
    get(target, rule: keyof Kernel) {
      rules.add(rule)
      return target[rule]
    },
  })
  law.holds(watched)
  used.set(law, [...rules])
  return [...rules]
}
const used = new Map<Law, readonly (keyof Kernel)[]>()

describe('planted bugs', () => {
  const killers = new Map<string, readonly string[]>()

  beforeAll(() => {
    fc.configureGlobal({ seed: SEED, endOnFailure: true })
  })

  afterAll(() => {
    fc.resetConfigureGlobal()
    const lines = [...killers].map(([name, by]) => `${name} → ${by.join(', ')}`)
    console.log(lines.join('\n'))
    const notes = process.env.TTL_NOTES_DIR ?? join(import.meta.dirname, '../../../.results/notes')
    mkdirSync(notes, { recursive: true })
    const named = mutants.filter((mutant) => killers.get(mutant.name)?.includes(mutant.kills))
    const summary = `${laws.length} laws hold on the kernel; ${mutants.length} mutants, ${named.length === mutants.length ? 'each' : named.length} killed by its named law`
    writeFileSync(
      join(notes, 'core-laws.txt'),
      [summary, ...mutants.map(({ name, kills: law }) => `${name} → ${law}`), ''].join('\n'),
    )
  })

  test('each has a name of its own and names a law', () => {
    expect(new Set(mutants.map((mutant) => mutant.name)).size).toBe(mutants.length)
    const ids = laws.map((law) => law.id)
    for (const mutant of mutants) expect(ids).toContain(mutant.kills)
  })

  test('the kernel survives every law on this seed, rewired from its own parts too', () => {
    const { begin, restart, touched, limited, isLive, jittered, strictest } = kernel
    const same = rewired(kernel, { begin, restart, touched, limited, isLive, jittered, strictest })
    for (const unharmed of [kernel, same])
      expect(laws.filter((law) => kills(law, unharmed)).map(({ id }) => id)).toEqual([])
  })

  test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s', (name, mutant) => {
    const mutated = mutant.kernel(kernel)
    const concerned = laws.filter((law) => uses(law).some((rule) => mutated[rule] !== kernel[rule]))
    killers.set(
      name,
      concerned.filter((law) => kills(law, mutated)).map((law) => law.id),
    )
    expect(killers.get(name)).toContain(mutant.kills)
  })
})
