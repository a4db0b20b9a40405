import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { documents, ROOT } from './blocks.ts'

const links = documents().flatMap((document) =>
  [...readFileSync(join(ROOT, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target]) => ({
    document,
    target: target as string,
  })),
)

it('links lead somewhere', () => {
  expect(links.length).toBeGreaterThan(10)
  const broken = links.filter(({ document, target }) => !existsSync(join(ROOT, dirname(document), target)))
  expect(broken).toEqual([])
})
