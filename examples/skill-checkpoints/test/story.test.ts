import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onEachBackend } from '@ttl/backends'
import { expect, it } from 'vitest'
import { tell } from '../src/story.ts'
import { stageOn, TABLES } from './support.ts'

const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const [, shown = ''] = /^```text\n([\s\S]*?)^```$/m.exec(README) ?? []

onEachBackend((open) => {
  it('the program tells what its README shows', async () => {
    await using scene = await open()
    await using stage = await stageOn(scene)
    await scene.advance({ milliseconds: Date.UTC(2105, 0, 31, 9) - scene.clock.now() })
    let told = ''
    const time = { now: scene.clock.now, run: scene.advance }
    for await (const text of tell(stage.archive, time)) told += text
    const [story] = shown.split('\n\n  and for cron') as [string]
    expect(told.replaceAll('2105', '2026').trim()).toBe(story.trim())
  })
}, TABLES)
