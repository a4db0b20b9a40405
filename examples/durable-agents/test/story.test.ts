import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onEachBackend } from '@ttl/backends'
import { expect, it } from 'vitest'
import { tell } from '../src/story.ts'
import { SWEPT } from './support.ts'

const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const [, shown] = /^```text\n([\s\S]*?)^```$/m.exec(README) ?? []

onEachBackend((open) => {
  it('the program tells what its README shows', async () => {
    await using scene = await open()
    let told = ''
    const time = { now: scene.clock.now, run: scene.advance, after: scene.timers.after }
    for await (const text of tell(scene.backend, time)) told += text
    expect(told.trim()).toBe(shown?.trim())
  })
}, SWEPT)
