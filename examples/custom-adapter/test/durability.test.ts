import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createStore } from '@ttl/core'
import { expect, it, onTestFinished } from 'vitest'
import { nodeSqlite } from '../src/node-sqlite.ts'

/** Kills a process that writes, in the middle of it. Answers the last round of writes that it said was done. */
async function killed(path: string, who: string, rounds: number): Promise<number> {
  const writer = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'writer.mjs'), path, who], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(writer, 'exit')
  let done = 0
  for await (const line of createInterface(writer.stdout)) {
    done = Number(line)
    if (done === rounds) writer.kill('SIGKILL')
  }
  expect((await exit)[1]).toBe('SIGKILL')
  return done
}

it('keeps what was written, whole, when the processes that share a file are killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ttl-custom-adapter-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'store.db')
  for (let life = 1; life <= 3; life++) {
    const writers = [`a${life}`, `b${life}`, `c${life}`]
    const done = await Promise.all(writers.map((who, index) => killed(path, who, 20 + 15 * index)))

    await using store = createStore({ backend: nodeSqlite(path) })
    const notes = store.namespace<number>('note')
    for (const [index, who] of writers.entries()) {
      const rounds = Array.from({ length: done[index]! }, (_, i) => i + 1)
      const found = await notes.getMany(rounds.map((round) => `${who}-${round}`))
      expect([...found.values()]).toEqual(rounds)

      const pair = await notes.group(who).getMany()
      expect(pair.get('left')).toBeGreaterThanOrEqual(done[index]!)
      expect(pair.get('right')).toBe(pair.get('left'))
    }
  }
})
