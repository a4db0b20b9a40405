import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onEachBackend } from '@ttl/backends'
import type { ManualClock } from '@ttl/core/testing'
import { expect, it } from 'vitest'
import { tell } from '../src/story.ts'
import { COUNTING } from './support.ts'

const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const [, shown] = /^```text\n([\s\S]*?)^```$/m.exec(README) ?? []

onEachBackend((open) => {
  it('the program tells what its README shows', async () => {
    await using scene = await open(COUNTING)
    const clock: Pick<ManualClock, 'now' | 'run'> = { now: scene.clock.now, run: scene.advance }
    let told = ''
    for await (const text of tell(scene.backend, clock)) told += text
    // Redis frees what is expired itself.
    const last = /, and .* free\./
    expect(told.replace(last, '').trim()).toBe(shown?.replace(last, '').trim())
  })
})
