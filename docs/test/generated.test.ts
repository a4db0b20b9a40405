import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from './blocks.ts'
import { generated, PARTS } from './generated.ts'
import { problems, SEEDS } from './seed-systems.ts'

for (const document of new Set(PARTS.map((part) => part.document))) {
  it(`${document} says what the code says (else: pnpm --filter @ttl/docs generate)`, () => {
    expect(readFileSync(join(ROOT, document), 'utf8')).toBe(generated(document))
  })
}

for (const [name, seed] of Object.entries(SEEDS)) {
  it(`every behaviour and trap of ${name} has a test or a reason, on each backend`, () => {
    expect(problems(seed)).toEqual([])
  })
}
