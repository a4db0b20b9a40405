import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Capabilities } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { describe, expect, it } from 'vitest'
import { delegate } from '../src/delegate.ts'
import type { Harness } from '../src/harness.ts'
import { FACTS, type Facts, factsOf, inapplicable } from '../src/law.ts'
import { LAWS } from '../src/laws/index.ts'
import { Session } from '../src/session.ts'
import { TRANSFORMS } from '../src/transforms.ts'
import { MUTANTS } from './mutants/index.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const keys = Object.keys(FACTS) as (keyof Facts)[]

const wanted = (law: (typeof LAWS)[number], key: keyof Facts): readonly string[] => {
  const required = law.requires?.[key]
  if (key === 'clock' && law.exact) return ['injected']
  return required === undefined ? [] : [required].flat()
}

describe('the suite about itself', () => {
  it('states each law once, with a verb, a promise and a reason', () => {
    expect(new Set(LAWS.map(({ id }) => id)).size).toBe(LAWS.length)
    for (const { id, title, why } of LAWS) {
      expect(id).toMatch(/^[a-zA-Z]+\.[a-z0-9-]+$/)
      expect(title.length).toBeGreaterThan(15)
      expect(why).toMatch(/[.?]$/)
    }
  })

  it('knows every capability of the contract', () => {
    expect(keys.toSorted()).toEqual(Object.keys(memory().capabilities).sort())
  })

  it('has a law for each value of each capability: what is there works, what is not is refused', () => {
    const missing = keys.flatMap((key) =>
      FACTS[key].filter(
        (value) => !LAWS.some((law) => wanted(law, key).includes(value) && wanted(law, key).length < FACTS[key].length),
      ),
    )
    expect(missing).toEqual([])
  })

  it('leaves no law out: each is stated for some combination of capabilities', () => {
    for (const law of LAWS) {
      const facts = Object.fromEntries(
        keys.map((key) => [key, wanted(law, key)[0] ?? FACTS[key][0]]),
      ) as unknown as Facts
      expect(inapplicable(law, facts), law.id).toBeUndefined()
    }
  })

  it('consults every capability of the backend that it opened', async () => {
    const asked = new Set<string | symbol>()
    const spied: Harness = {
      name: 'spied',
      create: ({ clock }) => ({
        open() {
          const whole = memory({ clock })
          const capabilities = new Proxy<Capabilities>(whole.capabilities, {
            get(target, key) {
              asked.add(key)
              return Reflect.get(target, key)
            },
          })
          return delegate(whole, { capabilities })
        },
      }),
    }
    const [law] = LAWS
    if (law === undefined) throw new Error('no laws')
    await new Session(spied, LAWS).play(law)
    // A promise that is resolved with an object asks whether it is one itself.
    asked.delete('then')
    expect([...asked].map(String).sort()).toEqual(keys.toSorted())
    expect(factsOf(memory().capabilities).clock).toBe('host')
  })

  it('imports nothing but core, fast-check and what Node brings', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    )
    for (const file of files) {
      const text = read(join('src', file))
      expect(text.split('\n').length, file).toBeLessThan(301)
      for (const [, from = ''] of text.matchAll(/from '([^']+)'/g)) {
        expect(from, file).toMatch(/^(?:\.\.?\/|node:|@ttl\/core(?:\/|$)|fast-check$)/)
      }
    }
  })

  it('keeps its table of cases and its kill matrix up to date', () => {
    const cases = read('CASES.md')
    const ids = new Set(LAWS.map(({ id }) => id))
    const verbs = new Set(LAWS.map(({ id }) => id.slice(0, id.indexOf('.'))))
    for (const [, id = ''] of cases.matchAll(/`([a-zA-Z]+\.[a-z0-9-]+)`/g)) {
      if (verbs.has(id.slice(0, id.indexOf('.')))) expect(ids, `CASES.md names ${id}`).toContain(id)
    }
    for (let number = 1; number <= 54; number++) expect(cases).toMatch(new RegExp(`^\\| 1\\.${number} \\|`, 'm'))
    for (let number = 1; number <= 20; number++) expect(cases).toMatch(new RegExp(`^\\| 2\\.${number} \\|`, 'm'))
    const readme = read('README.md')
    for (const { id } of TRANSFORMS) expect(readme).toContain(id)
    const rows = MUTANTS.map(({ id, bug, killedBy }) => `| ${id} | ${bug} | \`${killedBy}\` |`)
    const table = ['| mutant | bug | killed by |', '|---|---|---|', ...rows].join('\n')
    const current = readme.replace(
      /(<!-- matrix -->\n)[\s\S]*(<!-- \/matrix -->)/,
      (_, open, close) => `${open}${table}\n${close}`,
    )
    if (process.env.TTL_WRITE_DOCS === '1') writeFileSync(join(root, 'README.md'), current)
    else expect(readme, 'run with TTL_WRITE_DOCS=1').toBe(current)
  })
})
